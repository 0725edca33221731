/** The settings of the local shop itself: where its parts listen and what it keeps where. The product knows none of them. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import * as as from '../settings/parsers.ts'
import { defaulted, optional, readSettings } from '../settings/read.ts'
import type { ValuesOf } from '../settings/read.ts'

export const localSettings = {
  LOCAL_STATE: defaulted({
    about: 'The folder that everything is kept in',
    use: '.cartwright',
    parse: (text) => resolve(text),
  }),
  LOCAL_POSTGRES_PORT: defaulted({
    about: 'The port of the built-in Postgres',
    use: '15432',
    parse: as.port,
  }),
  LOCAL_TEMPORAL_PORT: defaulted({ about: 'The port of the built-in Temporal', use: '7233', parse: as.port }),
  LOCAL_TEMPORAL_UI_PORT: defaulted({ about: 'The port of its Web UI', use: '8233', parse: as.port }),
  LOCAL_STRIPE_PORT: defaulted({ about: 'The port of the local Stripe', use: '12111', parse: as.port }),
  LOCAL_EASYPOST_PORT: defaulted({ about: 'The port of the local EasyPost', use: '12112', parse: as.port }),
  LOCAL_SMTP_PORT: defaulted({ about: 'The port of the local mail server', use: '1025', parse: as.port }),
  LOCAL_MAILBOX_PORT: defaulted({
    about: 'The port of the page with its mails',
    use: '8025',
    parse: as.port,
  }),
  LOCAL_MEILISEARCH: defaulted({
    about: 'Whether the shop searches with a local Meilisearch, which keeps nothing; otherwise Postgres does',
    use: 'false',
    parse: as.yesOrNo,
  }),
  LOCAL_MEILISEARCH_PORT: defaulted({
    about: 'The port of the local Meilisearch',
    use: '7700',
    parse: as.port,
  }),
  LOCAL_PARCEL_STEP_MS: defaulted({
    about: 'How long a parcel of the local EasyPost stays in one state',
    use: '4000',
    parse: as.milliseconds,
  }),
  LOCAL_SEED: defaulted({
    about: 'Whether an empty catalog is filled with sample products',
    use: 'true',
    parse: as.yesOrNo,
  }),
  TEMPORAL_CLI: optional({
    about: 'The path of a temporal program, so that none is looked for',
    example: '/usr/local/bin/temporal',
    parse: as.text,
  }),
  TEMPORAL_TEST_SERVER: optional({
    about: 'The path of a temporal-test-server program, for the tests',
    example: '/usr/local/bin/temporal-test-server',
    parse: as.text,
  }),
  XDG_CACHE_HOME: defaulted({
    about: 'Where downloads are kept, in a folder of our own',
    use: '~/.cache',
    parse: (text) => join(text.replace(/^~(?=\/)/, homedir()), 'cartwright'),
  }),
} as const

export type LocalSettings = ValuesOf<typeof localSettings>

export const readLocalSettings = (env: NodeJS.ProcessEnv): LocalSettings =>
  readSettings({ table: localSettings, env })

/** The environment with what stands in the `.env` file of the project behind it: what is set outside wins. */
export function withEnvFile(env: NodeJS.ProcessEnv, file = '.env'): NodeJS.ProcessEnv {
  return existsSync(file) ? { ...parseEnv(readFileSync(file, 'utf8')), ...env } : { ...env }
}
