/** Databases that the tests of one process hand on to each other: to empty one costs a tenth of what a new one does. */
import pg from 'pg'
import { openDatabases } from '../../store/db.ts'
import type { Databases } from '../../store/db.ts'
import { atTheEnd } from './at-the-end.ts'
import { freshDatabase } from './database.ts'

interface CleanDatabase {
  /** One pool, opened as all six. */
  readonly databases: Databases
  /** Hands it on. */
  close(): Promise<void>
}

interface Kept extends CleanDatabase {
  readonly url: string
  readonly asMigrated: AsMigrated
}

const idle = new Map<number, Kept[]>()

/** As migrations leave it, like a fresh one: for tests that change rows, and no tables but their own. */
export async function cleanDatabase({ poolSize = 10 } = {}): Promise<CleanDatabase> {
  const ofThisSize = idle.get(poolSize) ?? []
  idle.set(poolSize, ofThisSize)
  const kept = ofThisSize.pop() ?? (await aNewOne(poolSize))
  const { url, databases, asMigrated } = kept
  return {
    databases,
    close: async () => {
      const { pool } = databases.order.client as { pool: { numUsed(): number; numPendingAcquires(): number } }
      // Whoever is still at it would write into the next test.
      if (pool.numUsed() + pool.numPendingAcquires() > 0) return kept.close()
      await on(url, (client) => clean(client, asMigrated))
      ofThisSize.push(kept)
    },
  }
}

/** By qualified name, the rows that every table has after the migrations. */
type AsMigrated = ReadonlyMap<string, readonly unknown[]>

async function aNewOne(poolSize: number): Promise<Kept> {
  const { url, drop } = await freshDatabase()
  const asMigrated = await on(url, async (client) => {
    const all = new Map<string, readonly unknown[]>()
    for (const table of await tablesOf(client)) {
      const { rows } = await client.query<{ row: unknown }>(`select to_jsonb(t) as row from ${table} as t`)
      all.set(
        table,
        rows.map(({ row }) => row),
      )
    }
    return all
  })
  const at = { url, poolSize }
  const { databases, close } = openDatabases({
    accounts: at,
    catalog: at,
    order: at,
    inventory: at,
    shipping: at,
    notification: at,
  })
  const end = async (): Promise<void> => {
    await close()
    await drop()
  }
  atTheEnd(close)
  return { url, databases, asMigrated, close: end }
}

async function clean(client: pg.Client, asMigrated: AsMigrated): Promise<void> {
  const foreign = (await tablesOf(client)).filter((table) => !asMigrated.has(table))
  const tables = [...asMigrated.keys()]
  await client.query(
    [
      // No triggers and no foreign keys: rows that may never be changed go as well, in any order.
      'set session_replication_role = replica',
      ...foreign.map((table) => `drop table ${table} cascade`),
      ...tables.map((table) => `delete from ${table}`),
      `select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
       from pg_sequences where last_value is not null`,
    ].join(';\n'),
  )
  for (const [table, rows] of asMigrated) {
    if (rows.length === 0) continue
    await client.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(rows),
    ])
  }
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  )
  return rows.map(({ name }) => name)
}

async function on<Answer>(url: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
