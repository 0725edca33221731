// `npm start`: a whole shop on one machine.
import { enter } from './enter.mjs'

await enter('dev/up.ts')
