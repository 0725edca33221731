/**
 * `npm start -- --apart`: each service's schemas in a database of their own, with a role that can see nothing else, and a worker
 * process for each service that is told of its own database only. The API, the gateway in front, is told of all.
 */
import { createHash } from 'node:crypto'
import pg from 'pg'
import { serviceNames } from '../config.ts'
import type { ServiceName } from '../config.ts'
import type { Secrets } from './environment.ts'
import type { Cluster } from './postgres/cluster.ts'
import { ensureDatabase } from './postgres/cluster.ts'
import type { LocalSettings } from './settings.ts'
import type { State } from './state.ts'
import { Advice } from './supervisor/advice.ts'

export type Form = 'together' | 'apart'

const formFile = 'form'
export const owners = ['accounts', ...serviceNames] as const
export type Owner = (typeof owners)[number]

/** The form in which this state folder keeps its shop: decided at its first start, because each form has databases of its own. */
export function formOf({ state, wanted }: { state: State; wanted: Form }): Form {
  const known = state.kept(formFile, () => wanted)
  if (known === wanted) return wanted
  const [has, flag] =
    known === 'apart' ? ['five services apart', ' with --apart'] : ['everything together', ' without --apart']
  throw new Advice(
    `${state.folder} holds a shop with ${has}: start it${flag}, empty it with --fresh, or set LOCAL_STATE to another folder.`,
  )
}

/** What makes a shop one apart, as settings of the API: its databases, of which a worker gets its own one only, and its queues. */
export function settingsApart({
  settings,
  secrets,
}: {
  settings: Pick<LocalSettings, 'LOCAL_POSTGRES_PORT'>
  secrets: Pick<Secrets, 'postgresPassword'>
}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ORDER_QUEUE: 'order',
    DATABASE_URL: urlOf({ owner: 'accounts', settings, secrets }),
  }
  for (const owner of owners) env[settingOf(owner)] = urlOf({ owner, settings, secrets })
  return env
}

/** What one service's worker is told: its own database under the general name, and no other. */
export function onlyOwnDatabase(env: NodeJS.ProcessEnv, service: ServiceName): NodeJS.ProcessEnv {
  const told: NodeJS.ProcessEnv = { ...env, DATABASE_URL: env[settingOf(service)], WORKER_SERVICES: service }
  for (const owner of owners) delete told[settingOf(owner)]
  return told
}

export const settingOf = (owner: Owner): string => `DATABASE_URL_${owner.toUpperCase()}`

/** Makes each owner's role and database; nobody else may connect to it. */
export async function ensureDatabasesApart({
  cluster,
  secrets,
}: {
  cluster: Pick<Cluster, 'url'>
  secrets: Pick<Secrets, 'postgresPassword'>
}): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.url('postgres') })
  await client.connect()
  try {
    for (const owner of owners) {
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [owner])
      const password = pg.escapeLiteral(passwordOf({ owner, secrets }))
      if (rowCount === 0)
        await client.query(`create role ${pg.escapeIdentifier(owner)} login password ${password}`)
      await ensureDatabase({ cluster, name: owner })
      await client.query(
        `alter database ${pg.escapeIdentifier(owner)} owner to ${pg.escapeIdentifier(owner)}`,
      )
      await client.query(`revoke all on database ${pg.escapeIdentifier(owner)} from public`)
    }
  } finally {
    await client.end()
  }
}

function urlOf({
  owner,
  settings,
  secrets,
}: {
  owner: Owner
  settings: Pick<LocalSettings, 'LOCAL_POSTGRES_PORT'>
  secrets: Pick<Secrets, 'postgresPassword'>
}): string {
  return `postgres://${owner}:${passwordOf({ owner, secrets })}@127.0.0.1:${settings.LOCAL_POSTGRES_PORT}/${owner}`
}

const passwordOf = ({
  owner,
  secrets,
}: {
  owner: Owner
  secrets: Pick<Secrets, 'postgresPassword'>
}): string => createHash('sha256').update(`${secrets.postgresPassword}/${owner}`).digest('hex')
