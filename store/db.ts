import { createHash } from 'node:crypto'
import knex from 'knex'
import type { Knex } from 'knex'
import pg from 'pg'

/** A pool or a transaction: a query does not care which. */
export type Db = Knex

/** The databases of the shop by who owns them. No SQL crosses from one to another, though by default all stand in one server. */
export interface Databases {
  readonly accounts: Db
  readonly catalog: Db
  readonly order: Db
  readonly inventory: Db
  readonly shipping: Db
  readonly notification: Db
}

// A bigint that does not fit a JavaScript number must never pass for one that does; times leave the store as ISO 8601 in UTC.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is larger than a number can hold exactly`)
  return value
})
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => new Date(text).toISOString())

/** Opens one pool for each different URL; services that share a URL and a pool size share the pool. */
export function openDatabases(
  settings: Readonly<Record<keyof Databases, { url: string; poolSize: number }>>,
): { databases: Databases; close(): Promise<void> } {
  const pools = new Map<string, Db>()
  const poolOf = ({ url, poolSize }: { url: string; poolSize: number }): Db => {
    const known = pools.get(url)
    if (known) return known
    const pool = openPool({ url, poolSize })
    pools.set(url, pool)
    return pool
  }
  const databases: Databases = {
    accounts: poolOf(settings.accounts),
    catalog: poolOf(settings.catalog),
    order: poolOf(settings.order),
    inventory: poolOf(settings.inventory),
    shipping: poolOf(settings.shipping),
    notification: poolOf(settings.notification),
  }
  return {
    databases,
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function openPool({ url, poolSize }: { url: string; poolSize: number }): Db {
  return knex({
    client: 'pg',
    connection: { connectionString: url, application_name: 'cartwright', connectionTimeoutMillis: 5_000 },
    pool: { min: 0, max: poolSize },
    acquireConnectionTimeout: 10_000,
    // By default knex writes the values of a failed query into its error; errors travel through histories and logs.
    compileSqlOnError: false,
    // knex writes a line for every failed query while Postgres is down; whoever asked reports the failure already.
    log: { warn: () => {}, error: () => {}, debug: () => {}, deprecate: () => {} },
  })
}

/** The rows of a raw query, typed by the caller who wrote the SQL. */
export async function rows<Row>(db: Db, sql: string, bindings: Record<string, unknown> = {}): Promise<Row[]> {
  const answer = await ask<Row>(db, sql, bindings)
  return answer.rows
}

/** How many rows a raw statement changed: zero is a lost race, not a success. */
export async function changed(db: Db, sql: string, bindings: Record<string, unknown> = {}): Promise<number> {
  const answer = await ask(db, sql, bindings)
  return answer.rowCount ?? 0
}

/**
 * Asks by the statement's name, so that Postgres parses and plans it once for each connection and not each time: for most of ours that
 * took longer than running them (docs/decisions/prepared-statements.md).
 */
async function ask<Row>(
  db: Db,
  sql: string,
  bindings: Record<string, unknown>,
): Promise<{ rows: Row[]; rowCount: number | null }> {
  const { name, text, binds } = statements.get(sql) ?? prepare(sql, bindings)
  const values = binds.map((bind) => {
    if (bindings[bind] === undefined) throw new Error(`No value for :${bind} in: ${sql}`)
    return bindings[bind]
  })
  // knex would look for the names in the text each time; it hands what stands in the options to the driver.
  const query = db.raw<{ rows: Row[]; rowCount: number | null }>(text)
  return query.options(name === null ? { values } : { name, values })
}

/** SQL as the driver wants it: `$1` where ours says `:orderId`, and what each number stands for. */
interface Statement {
  /** Null: there are too many already. */
  readonly name: string | null
  readonly text: string
  readonly binds: readonly string[]
}

const statements = new Map<string, Statement>()
/** A process has some hundreds of statements. More than this are made up at run time, and Postgres would have to remember them all. */
const mostStatements = 1_000

function prepare(sql: string, bindings: Record<string, unknown>): Statement {
  const binds: string[] = []
  // Twice the same name is two numbers: Postgres gives each a type by where it stands. `::` is a cast.
  const text = sql.replace(/(?<!:):(\w+)/g, (word, bind: string) =>
    bind in bindings ? `$${binds.push(bind)}` : word,
  )
  if (statements.size >= mostStatements) return { name: null, text, binds }
  const statement = { name: createHash('sha256').update(sql).digest('base64url'), text, binds }
  statements.set(sql, statement)
  return statement
}

/** Whether an error of Postgres is the breach of this named constraint or unique index. */
export function breaks(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint
}
