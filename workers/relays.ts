import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Databases } from '../store/db.ts'
import { deliverHere } from './deliver.ts'
import { reactions } from './reactions.ts'
import { startRelay } from './relay.ts'
import type { Wired } from './services-for.ts'
import { services as plans } from './services.ts'

/** A relay for each outbox of the services that this process runs. */
export function startRelays({
  config,
  databases,
  services,
  log,
}: {
  config: Config
  databases: Databases
  services: Wired
  log: Logger
}): { stop(): Promise<void> }[] {
  const deliver = deliverHere({ databases, deeds: services.deeds })
  const pollMs = config.workers.relayPollMs
  return config.workers.services.flatMap((service) =>
    plans[service].schemas.map((schema) =>
      startRelay({ db: databases[service], schema, reactions, deliver, pollMs, log }),
    ),
  )
}
