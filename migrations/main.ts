import knex from 'knex'
import type { Knex } from 'knex'
import { migrations } from './index.ts'

type Service = keyof typeof migrations

/**
 * Brings every service's database to the present. Services may share a database or have one each; what was applied is remembered
 * in the first schema of the service, so both forms work. Safe to run twice and by two processes at once (knex takes a lock).
 */
export async function migrateAll(
  databases: Record<Service, { url: string }>,
): Promise<{ applied: string[] }> {
  const applied: string[] = []
  for (const [service, { schemas, steps }] of Object.entries(migrations)) {
    const db = knex({
      client: 'pg',
      connection: databases[service as Service].url,
      pool: { min: 0, max: 1 },
      log: quiet,
    })
    try {
      for (const schema of schemas) await db.raw('create schema if not exists ??', [schema])
      const [, names] = (await db.migrate.latest({
        schemaName: schemas[0],
        tableName: 'migrations',
        migrationSource: sourceOf(steps),
      })) as [number, string[]]
      applied.push(...names.map((name) => `${service}/${name}`))
    } finally {
      await db.destroy()
    }
  }
  return { applied }
}

const quiet = { warn: () => {}, error: () => {}, debug: () => {}, deprecate: () => {} }

function sourceOf(steps: Record<string, (db: Knex) => Promise<void>>): Knex.MigrationSource<string> {
  return {
    getMigrations: async () => Object.keys(steps),
    getMigrationName: (name) => name,
    getMigration: async (name) => ({
      up: steps[name] ?? missing(name),
      down: () => Promise.reject(new Error('Migrations go forward only.')),
    }),
  }
}

function missing(name: string): never {
  throw new Error(
    `The migration ${name} was applied to this database, but this version of Cartwright does not have it.`,
  )
}
