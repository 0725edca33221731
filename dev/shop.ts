/** Starts the parts of the shop, each as soon as what it needs is there, and says what took how long. */
import { ensureDatabasesApart, onlyOwnDatabase } from './apart.ts'
import { apiPart, doublesPart, workersPart } from './parts.ts'
import { postgresFolder } from './plan.ts'
import type { Plan } from './plan.ts'
import { ensureDatabase, postgresCluster } from './postgres/cluster.ts'
import { prepareDatabases } from './prepare.ts'
import type { Prepared } from './prepare.ts'
import { print, timed } from './report.ts'
import type { Part } from './supervisor/part.ts'
import type { Supervisor } from './supervisor/supervisor.ts'
import { temporalCli } from './temporal/pins.ts'
import { findProgram } from './temporal/programs.ts'
import { temporalPart } from './temporal/server.ts'

/** Where the admin key of the local shop is kept, in its state folder. */
export const adminKeyFile = 'admin-key'

interface Start {
  readonly plan: Plan
  readonly supervisor: Supervisor
  readonly newAdminKey: boolean
}

/** Resolves once everything is ready. Rejects with the first failure; what was started by then is the caller's to stop. */
export async function startShop({ plan, supervisor, newAdminKey }: Start): Promise<Prepared> {
  const prepared = startPostgres({ plan, supervisor }).then(() => prepare({ plan, newAdminKey }))
  const temporal = startTemporal({ plan, supervisor })
  const doubles = doublesPart(plan)
  await Promise.all([
    doubles &&
      timed(
        'Doubles',
        () => supervisor.start(doubles),
        () => doublesOf(plan),
      ),
    Promise.all([prepared, temporal]).then(() =>
      timed(
        'Workers',
        () => Promise.all(workersOf(plan).map((part) => supervisor.start(part))),
        () => plan.config.workers.services.join(', '),
      ),
    ),
    prepared.then(() => timed('API', () => supervisor.start(apiPart(plan)))),
  ])
  return prepared
}

async function startPostgres({ plan, supervisor }: Omit<Start, 'newAdminKey'>): Promise<void> {
  const { local, settings, secrets } = plan
  if (!local.postgres) return
  await timed('Postgres', async () => {
    const cluster = await postgresCluster({
      folder: postgresFolder(settings),
      port: settings.LOCAL_POSTGRES_PORT,
      password: secrets.postgresPassword,
    })
    await supervisor.start(cluster.part)
    if (plan.form === 'apart') await ensureDatabasesApart({ cluster, secrets })
    else await ensureDatabase({ cluster, name: 'shop' })
  })
}

async function startTemporal({ plan, supervisor }: Omit<Start, 'newAdminKey'>): Promise<void> {
  const { local, settings, state } = plan
  if (!local.temporal) return
  const program = await findProgram({
    program: temporalCli,
    configured: settings.TEMPORAL_CLI,
    cacheFolder: settings.XDG_CACHE_HOME,
    path: process.env.PATH ?? '',
    say: (line) => print(`  ${line}`),
  })
  const part = temporalPart({
    program,
    port: settings.LOCAL_TEMPORAL_PORT,
    ui: { port: settings.LOCAL_TEMPORAL_UI_PORT },
    databaseFile: state.path('temporal/temporal.db'),
  })
  await timed('Temporal', () => supervisor.start(part))
}

async function prepare({ plan, newAdminKey }: Omit<Start, 'supervisor'>): Promise<Prepared> {
  const { databases } = plan.config
  const work = (): Promise<Prepared> =>
    prepareDatabases({ databases, seed: plan.settings.LOCAL_SEED, newAdminKey })
  const prepared = await timed('Database', work, ({ migrations, products }) =>
    [migrations > 0 && `${migrations} migrations`, products > 0 && `${products} sample products`]
      .filter((words) => words !== false)
      .join(', '),
  )
  // Written down at once: if the rest of this start fails, the next one finds that there is a key and makes none.
  if (prepared.adminKey !== undefined) plan.state.write(adminKeyFile, `${prepared.adminKey}\n`)
  return prepared
}

/** One process for all services, or one for each. */
function workersOf({ env, config, form }: Plan): Part[] {
  if (form === 'together') return [workersPart({ env })]
  return config.workers.services.map((service) => ({
    ...workersPart({ env: onlyOwnDatabase(env, service) }),
    name: `workers-${service}`,
  }))
}

const doublesOf = ({ local: { stripe, easypost, mail } }: Plan): string =>
  [stripe && 'Stripe', easypost && 'EasyPost', mail && 'mail'].filter((name) => name !== false).join(', ')
