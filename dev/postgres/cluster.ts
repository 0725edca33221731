/** A Postgres of the shop's own: made once, then run as a part. What it stores is as durable as Postgres makes it. */
import { spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Advice } from '../supervisor/advice.ts'
import type { Part } from '../supervisor/part.ts'
import { outsideHome, postgresBinaries, postgresHome, postgresUser } from './binaries.ts'
import type { User } from './binaries.ts'

export interface Cluster {
  readonly part: Part
  /** The address of one of its databases. */
  readonly url: (database: string) => string
}

interface Wishes {
  /** Where its data are to lie. */
  readonly folder: string
  readonly port: number
  readonly password: string
  /** Settings beside the usual ones, such as a test's `fsync=off`. */
  readonly settings?: readonly string[]
}

/** For two cores and a memory shared with everything else. Nothing here trades durability. */
const usualSettings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=64MB',
  'maintenance_work_mem=32MB',
  'effective_cache_size=512MB',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_wal_size=512MB',
  'autovacuum_max_workers=2',
  'max_parallel_workers_per_gather=0',
  'max_logical_replication_workers=0',
  'io_method=sync',
  'jit=off',
  'timezone=UTC',
  'log_timezone=UTC',
  'log_line_prefix=%m [%p] ',
  'log_min_duration_statement=1000',
]

const superuser = 'postgres'
const plainEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Makes the cluster if there is none yet and says how to run it. Throws `Advice` when the data are of another version. */
export async function postgresCluster(wishes: Wishes): Promise<Cluster> {
  const user = postgresUser()
  const { folder: binaries, major } = postgresBinaries(user)
  const data = postgresHome({ asked: wishes.folder, user })
  if (existsSync(data)) checkVersion({ data, major })
  else await initialise({ data, binaries, user, password: wishes.password })
  const settings = [...usualSettings, `port=${wishes.port}`, ...(wishes.settings ?? [])]
  const url = (database: string): string =>
    `postgres://${superuser}:${wishes.password}@127.0.0.1:${wishes.port}/${database}`
  const part: Part = {
    name: 'postgres',
    command: {
      file: join(binaries, 'bin/postgres'),
      args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      env: plainEnvironment,
      cwd: dirname(data),
      ...(user && { as: user }),
    },
    ready: ({ signal }) => untilItAnswers({ url: url('postgres'), signal }),
    // SIGINT is Postgres' fast shutdown: it lets go of its clients; SIGTERM would wait for them.
    stopping: { signal: 'SIGINT', graceMs: 8000, stopOrder: 5 },
  }
  return { part, url }
}

/** Removes the cluster that was made for this folder, wherever it lies. It must not run. */
export function removeCluster(asked: string): void {
  for (const path of [outsideHome(asked), asked]) {
    if (path !== undefined) rmSync(path, { recursive: true, force: true })
  }
}

function checkVersion({ data, major }: { data: string; major: string }): void {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  if (found === major) return
  throw new Advice(
    `The data in ${data} were written by Postgres ${found}, and this is Postgres ${major}: empty them with ` +
      '`npm start -- --fresh` (the orders in them are lost), or set LOCAL_STATE to another folder.',
  )
}

/** Makes the cluster beside its place and moves it there when it is whole, so that a start cut short leaves no half of one. */
async function initialise(given: {
  data: string
  binaries: string
  user: User | undefined
  password: string
}) {
  const { data, binaries, user, password } = given
  const half = `${data}.new`
  const passwordFile = `${data}.password`
  rmSync(half, { recursive: true, force: true })
  mkdirSync(half, { recursive: true, mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  try {
    if (user) for (const path of [half, passwordFile]) chownSync(path, user.uid, user.gid)
    await run({
      file: join(binaries, 'bin/initdb'),
      args: [
        ...['--pgdata', half, '--username', superuser, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        ...[
          '--encoding',
          'UTF8',
          '--locale-provider',
          'builtin',
          '--builtin-locale',
          'C.UTF-8',
          '--locale',
          'C',
        ],
      ],
      cwd: dirname(data),
      user,
    })
    renameSync(half, data)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

async function run({
  file,
  args,
  cwd,
  user,
}: {
  file: string
  args: string[]
  cwd: string
  user: User | undefined
}) {
  const child = spawn(file, args, { cwd, ...user, env: plainEnvironment, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output += error.message
      resolve(null)
    })
    child.once('close', resolve)
  })
  if (code !== 0) throw new Advice(`Postgres could not be set up:\n${output.trim()}`)
}

async function untilItAnswers({ url, signal }: { url: string; signal: AbortSignal }): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
    try {
      await client.connect()
      return
    } catch (error) {
      if (isWrongPassword(error)) throw wrongPassword()
      await sleep(20, undefined, { signal })
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

const isWrongPassword = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '28P01'

const wrongPassword = (): Advice =>
  new Advice(
    'Postgres does not take the password that this shop knows, as when secrets.json in the state folder was removed: bring ' +
      'it back, or empty everything with `npm start -- --fresh` (the orders are lost).',
  )

/** Makes a database unless it is there. */
export async function ensureDatabase({
  cluster,
  name,
}: {
  cluster: Pick<Cluster, 'url'>
  name: string
}): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.url('postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}
