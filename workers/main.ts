import { Client } from '@temporalio/client'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { pino } from 'pino'
import type { Logger } from 'pino'
import { ConfigError, loadConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { stories } from '../gateways/flows/stories.ts'
import { openNewsDesk } from '../gateways/news-desk.ts'
import { openSearchDesk } from '../gateways/search-desk.ts'
import { openDatabases } from '../store/db.ts'
import { workflowBundle } from './bundle.ts'
import { connectTemporal } from './connections.ts'
import { whenDatabaseIsThere } from './patience.ts'
import { reactions } from './reactions.ts'
import { startRelays } from './relays.ts'
import { startRouters } from './routers.ts'
import { ensureSchedules } from './schedules.ts'
import { searchKeeper } from './search-keeper.ts'
import { servicesFor } from './services-for.ts'
import { taker } from './take-events.ts'
import { createWorkers, runWorkers } from './workers.ts'

/** A worker process: the services that it is told to run, until it is asked to stop. */
async function main(config: Config, log: Logger): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (message.startsWith('No workflows registered')) return
      if (level === 'ERROR') log.error({ temporal: meta }, message)
      else log.warn({ temporal: meta }, message)
    }),
    shutdownSignals: [],
  })
  const startedAt = performance.now()
  const { databases, close: closeDatabases } = openDatabases(config.databases)
  const [workflows, temporal] = await Promise.all([
    workflowBundle({ cacheDir: config.workers.bundleDir }),
    connectTemporal(config),
  ])
  const { namespace } = config.temporal
  const client = new Client({ connection: temporal.client, namespace })
  const services = servicesFor(config, databases, stories(client))
  const search = searchKeeper({ db: databases.catalog, desk: openSearchDesk(client) })
  const take = taker({ databases, deeds: { ...services.deeds, search }, reactions })
  const workers = await createWorkers({ config, workflows, connection: temporal.native, services, take })
  const relays = startRelays({ config, databases, take, elsewhere: client.activity, log })
  const routers = startRouters({
    config,
    databases,
    services,
    news: openNewsDesk(client, config.temporal.orderQueue),
    log,
  })
  const running = runWorkers(workers)
  await ensureSchedules({
    connection: temporal.client,
    namespace,
    services: config.workers.services,
    trackEveryMs: config.workers.trackEveryMs,
    stock: config.stock,
    reconcile: config.reconcile,
  })
  if (config.workers.services.includes('catalog')) {
    await whenDatabaseIsThere(
      () => search.begin(services.engines),
      (error) => log.warn({ err: error }, 'the database is not there yet: trying on'),
    )
  }
  const readyMs = Math.round(performance.now() - startedAt)
  log.info({ services: config.workers.services, readyMs }, 'workers ready')

  const stop = (signal: string): void => {
    log.info({ signal }, 'workers stopping: what is under way is finished first')
    running.stop()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  try {
    await running.done
  } finally {
    await Promise.all([...relays, ...routers].map((loop) => loop.stop()))
    await temporal.close()
    services.close()
    await closeDatabases()
  }
  log.info('workers stopped')
}

try {
  const config = loadConfig(process.env)
  await main(config, pino({ level: config.log.level, base: { part: 'workers' } }))
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 78
}
