/** A database of its own for a test file: migrated, empty, gone afterwards. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { settingsApart, ensureDatabasesApart, owners, settingOf } from '../../dev/apart.ts'
import type { Owner } from '../../dev/apart.ts'
import { migrateAll } from '../../migrations/main.ts'
import { fromTestRun } from './test-run.ts'

export interface FreshDatabase {
  readonly url: string
  /** Ends whatever is still connected and removes it. */
  drop: () => Promise<void>
}

/** Clones the migrated template. Throws a sentence that says what to do outside of `npm test`. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = fromTestRun('TEST_DATABASE_URL')
  const template = pg.escapeIdentifier(fromTestRun('TEST_TEMPLATE_DB'))
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${name} template ${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(server, `drop database if exists ${name} with (force)`) }
}

/**
 * A database and a role for each service, migrated and empty, by the code that `npm start -- --apart` uses. Their names are those of the
 * services, so there can be one such set at a time.
 */
export async function freshDatabasesApart(): Promise<{
  settings: NodeJS.ProcessEnv
  drop: () => Promise<void>
}> {
  const server = fromTestRun('TEST_DATABASE_URL')
  const secrets = { postgresPassword: randomBytes(16).toString('hex') }
  const { port } = new URL(server)
  const settings = settingsApart({ settings: { LOCAL_POSTGRES_PORT: Number(port) }, secrets })
  const cluster = {
    url: (name: string): string => Object.assign(new URL(server), { pathname: `/${name}` }).href,
  }
  const drop = async (): Promise<void> => {
    for (const owner of owners) {
      const name = pg.escapeIdentifier(owner)
      await onServer(server, `drop database if exists ${name} with (force)`)
      await onServer(server, `drop role if exists ${name}`)
    }
  }
  await ensureDatabasesApart({ cluster, secrets })
  const urls = owners.map((owner) => [owner, { url: settings[settingOf(owner)] ?? '' }] as const)
  await migrateAll(Object.fromEntries(urls) as Record<Owner, { url: string }>)
  return { settings, drop }
}

async function onServer(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
