import type { Knex } from 'knex'
import type { Db } from './db.ts'

/** A statement of a hot path. The name belongs to this text for ever: another text needs another name. */
export interface Statement {
  readonly name: string
  /** With a `?` for each value. */
  readonly sql: string
  readonly values: readonly unknown[]
}

/**
 * The rows of a statement that Postgres parses once per connection and then knows by its name. Worth it where a query is asked
 * hundreds of times a second: parsing the cart's reads took longer than running them.
 */
export async function prepared<Row>(db: Db, { name, sql, values }: Statement): Promise<Row[]> {
  const answer = (await db.raw(sql, [...values] as Knex.RawBinding[]).options({ name })) as { rows: Row[] }
  return answer.rows
}
