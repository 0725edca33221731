// `npm run env:example`: writes `.env.example` after a setting was added or changed.
import { writeFileSync } from 'node:fs'
import { envExample } from './env-example.ts'

writeFileSync('.env.example', envExample())
