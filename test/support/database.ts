/** A database of its own for a test file: migrated, empty, gone afterwards. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
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

async function onServer(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
