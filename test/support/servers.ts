/**
 * The servers of one test run, under the same supervisor as the shop's. They live in a folder of the run's own; what a killed run
 * left there is cleared by the next one.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { serviceNames } from '../../config.ts'
import type { Config } from '../../config.ts'
import { ensureDatabase, postgresCluster, removeCluster } from '../../dev/postgres/cluster.ts'
import { readLocalSettings, withEnvFile } from '../../dev/settings.ts'
import { ownerOf, takeFolder } from '../../dev/supervisor/lock.ts'
import { isRunning } from '../../dev/supervisor/processes.ts'
import { freePort } from '../../dev/supervisor/ports.ts'
import { clearLeftovers } from '../../dev/supervisor/roll.ts'
import { Supervisor } from '../../dev/supervisor/supervisor.ts'
import { temporalCli, temporalTestServer } from '../../dev/temporal/pins.ts'
import type { Program } from '../../dev/temporal/pins.ts'
import { findProgram } from '../../dev/temporal/programs.ts'
import { temporalPart } from '../../dev/temporal/server.ts'
import type { Need } from './needs.ts'
import type { Handed } from './test-run.ts'

export interface Servers {
  /** The run's own, gone with it. */
  readonly folder: string
  /** Starts what is needed and resolves with what the test files are handed. */
  start: (needs: ReadonlySet<Need>) => Promise<Partial<Record<Handed, string>>>
  /** Stops and removes everything. */
  stop: () => Promise<void>
  /** Kills everything now, for the exit of the process. */
  kill: () => void
}

export async function openServers(say: (line: string) => void): Promise<Servers> {
  const runs = join(tmpdir(), `cartwright-test-${userInfo().uid}`)
  mkdirSync(runs, { recursive: true })
  await clearDeadRuns(runs)
  const folder = join(runs, String(process.pid))
  mkdirSync(folder, { recursive: true })
  // As root, Postgres runs as another user, who has to get in here whatever the umask is.
  for (const path of [runs, folder]) chmodSync(path, 0o755)
  takeFolder(folder)
  const supervisor = new Supervisor({ folder, say })
  return {
    folder,
    start: async (needs) => {
      const starters = { postgres, temporal, testServer, bundle, build }
      const handed = await Promise.all([...needs].map((need) => starters[need]({ folder, supervisor, say })))
      return Object.assign({}, ...handed) as Partial<Record<Handed, string>>
    },
    stop: async () => {
      await supervisor.stop()
      removeRun(folder)
    },
    kill: () => supervisor.kill(),
  }
}

interface Run {
  readonly folder: string
  readonly supervisor: Supervisor
  readonly say: (line: string) => void
}

/** One cluster for the run, fast because nothing in it has to outlive it, with one migrated database to clone. */
async function postgres({ folder, supervisor }: Run): Promise<Partial<Record<Handed, string>>> {
  const { migrateAll } = await import('../../migrations/main.ts')
  const cluster = await postgresCluster({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    password: randomBytes(16).toString('hex'),
    settings: [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'log_min_duration_statement=-1',
    ],
  })
  await supervisor.start(cluster.part)
  const template = 'template_shop'
  await ensureDatabase({ cluster, name: template })
  const database = { url: cluster.url(template), poolSize: 1 }
  const owners = ['accounts', ...serviceNames] as const
  await migrateAll(Object.fromEntries(owners.map((owner) => [owner, database])) as Config['databases'])
  return { TEST_DATABASE_URL: cluster.url('postgres'), TEST_TEMPLATE_DB: template }
}

async function temporal({ supervisor, say }: Run): Promise<Partial<Record<Handed, string>>> {
  const program = await programOf(temporalCli, say)
  const port = await freePort()
  await supervisor.start(temporalPart({ program, port }))
  return { TEST_TEMPORAL_ADDRESS: `127.0.0.1:${port}` }
}

async function testServer({ say }: Run): Promise<Partial<Record<Handed, string>>> {
  return { TEST_SERVER_PATH: await programOf(temporalTestServer, say) }
}

async function bundle({ folder }: Run): Promise<Partial<Record<Handed, string>>> {
  const { workflowBundle } = await import('../../workers/bundle.ts')
  const built = await workflowBundle({ cacheDir: 'node_modules/.cache/workflow-bundles' })
  const file = join(folder, 'workflows.js')
  if (!('code' in built)) throw new Error('The bundle of the workflows has no code in it.')
  writeFileSync(file, built.code)
  return { TEST_BUNDLE: file }
}

/** The shop's processes as `npm start` builds them: each is up in half the time. The name is the one that `dev/parts.ts` reads. */
async function build(): Promise<Partial<Record<Handed, string>>> {
  const { buildEntries } = await import('../../dev/build.mjs')
  return { CARTWRIGHT_BUILD: await buildEntries(['workers/main.ts', 'api/server.ts']) }
}

function programOf(program: Program, say: (line: string) => void): Promise<string> {
  const settings = readLocalSettings(withEnvFile(process.env))
  const { XDG_CACHE_HOME: cacheFolder, TEMPORAL_CLI, TEMPORAL_TEST_SERVER } = settings
  const configured = { TEMPORAL_CLI, TEMPORAL_TEST_SERVER }[program.setting]
  return findProgram({ program, configured, cacheFolder, path: process.env.PATH ?? '', say })
}

/** Stops and removes what runs left behind whose own process is gone. */
async function clearDeadRuns(runs: string): Promise<void> {
  for (const folder of readdirSync(runs).map((name) => join(runs, name))) {
    const owner = ownerOf(folder)
    if (owner !== undefined && isRunning(owner)) continue
    await clearLeftovers(folder)
    removeRun(folder)
  }
}

function removeRun(folder: string): void {
  removeCluster(join(folder, 'postgres'))
  rmSync(folder, { recursive: true, force: true })
}
