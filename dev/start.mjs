// `npm start`: a whole shop on one machine.
import { join } from 'node:path'
import { prepare } from './enter.mjs'

await prepare()
const { buildEntries } = await import('./build.mjs')
const folder = await buildEntries(['dev/up.ts', 'dev/doubles.ts', 'workers/main.ts', 'api/server.ts'])
process.env.CARTWRIGHT_BUILD = folder
process.setSourceMapsEnabled(true)
await import(join(folder, 'dev/up.mjs'))
