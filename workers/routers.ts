import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { NewsDesk } from '../gateways/news-desk.ts'
import type { Databases } from '../store/db.ts'
import { routeParcels } from './route-parcels.ts'
import { routePayments } from './route-payments.ts'
import { startRouter } from './router.ts'
import type { Wired } from './services-for.ts'

/** A router for each provider whose listener this process runs. */
export function startRouters({
  config: { workers },
  databases,
  services: { parcels },
  news,
  log,
}: {
  config: Config
  databases: Databases
  services: Pick<Wired, 'parcels'>
  news: NewsDesk
  log: Logger
}): { stop(): Promise<void> }[] {
  const pollMs = workers.relayPollMs
  const { order, shipping } = databases
  return [
    ...(workers.services.includes('order')
      ? [
          startRouter({
            db: order,
            schema: 'payments',
            route: routePayments({ db: order, news }),
            pollMs,
            log,
          }),
        ]
      : []),
    ...(workers.services.includes('shipping')
      ? [startRouter({ db: shipping, schema: 'shipping', route: routeParcels(parcels), pollMs, log })]
      : []),
  ]
}
