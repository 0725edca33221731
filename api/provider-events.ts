import { providers } from '../domain/provider-events.ts'
import type { EventState, Provider } from '../domain/provider-events.ts'
import type { Databases, Db } from '../store/db.ts'
import { listEvents, replayEvent } from '../store/provider-events.ts'
import type { EventPlace, Hearing } from '../store/provider-events.ts'
import type { ShownEvent } from './schemas/provider-events.ts'

/** Which service listens to a provider: it keeps the events, in a schema of its own. */
export function hearingOf(databases: Databases, provider: Provider): { db: Db; schema: Hearing } {
  return provider === 'stripe'
    ? { db: databases.order, schema: 'payments' }
    : { db: databases.shipping, schema: 'shipping' }
}

/** The events of one provider or of all, newest first: each service is asked for a page of its own, and the pages are merged. */
export async function listProviderEvents(
  databases: Databases,
  wanted: {
    provider: Provider | undefined
    state: EventState | undefined
    before: EventPlace | undefined
    limit: number
  },
): Promise<ShownEvent[]> {
  const { provider, state, before, limit } = wanted
  const asked = providers.filter((each) => provider === undefined || each === provider)
  const pages = await Promise.all(
    asked.map(async (each) => {
      const { db, schema } = hearingOf(databases, each)
      const events = await listEvents(db, {
        schema,
        limit,
        ...(state && { state }),
        ...(before && { before }),
      })
      return events.map((event) => ({ ...event, provider: each }))
    }),
  )
  const placeOf = ({ receivedAt, eventId }: EventPlace): string => `${receivedAt} ${eventId}`
  return pages
    .flat()
    .sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1))
    .slice(0, limit)
}

/** Has an event looked at again. Null: nobody told us of one with this id. */
export async function replayProviderEvent(
  databases: Databases,
  { eventId, now, cause }: { eventId: string; now: string; cause: string },
): Promise<ShownEvent | null> {
  for (const provider of providers) {
    const { db, schema } = hearingOf(databases, provider)
    const event = await replayEvent(db, { schema, eventId, now, cause })
    if (event) return { ...event, provider }
  }
  return null
}
