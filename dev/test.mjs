// `npm test`: every test, or the files that are named behind `--`.
import { enter } from './enter.mjs'

await enter('test/run.ts')
