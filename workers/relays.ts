import type { ActivityClient } from '@temporalio/client'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Databases } from '../store/db.ts'
import { deliverTo } from './deliver.ts'
import type { EventsToTake } from './deliver.ts'
import { reactions } from './reactions.ts'
import { startRelay } from './relay.ts'
import { services as plans } from './services.ts'

/** A relay for each outbox of the services that this process runs. */
export function startRelays({
  config: { workers },
  databases,
  take,
  elsewhere,
  log,
}: {
  config: Config
  databases: Databases
  take: (asked: EventsToTake) => Promise<void>
  elsewhere: ActivityClient
  log: Logger
}): { stop(): Promise<void> }[] {
  const deliver = deliverTo({ here: workers.services, take, elsewhere })
  return workers.services.flatMap((service) =>
    plans[service].schemas.map((schema) =>
      startRelay({ db: databases[service], schema, reactions, deliver, pollMs: workers.relayPollMs, log }),
    ),
  )
}
