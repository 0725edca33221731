// `node dev/run.mjs <file.ts>`: runs one TypeScript file of the project, once the dependencies are there.
import { enter } from './enter.mjs'

const file = process.argv[2]
if (file === undefined) {
  console.error('Name the file to run, for example: node dev/run.mjs dev/demo.ts')
  process.exit(1)
}
process.argv.splice(1, 2, file)
await enter(file)
