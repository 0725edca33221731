import type { Logger } from 'pino'
import type { Db } from '../store/db.ts'
import { leaseHeard, putOffEvent, settleEvents } from '../store/provider-events.ts'
import type { Hearing, StoredEvent } from '../store/provider-events.ts'
import { poll } from './poll.ts'

/** What became of an event. */
export type Verdict =
  | { readonly eventId: string; readonly verdict: 'filed' }
  | { readonly eventId: string; readonly verdict: 'routed'; readonly to: string }
  | { readonly eventId: string; readonly verdict: 'waits'; readonly why: string }

/** Decides about events and does what follows. Doing it twice is harmless: a router may die before it has written down what it did. */
export type Route = (events: readonly StoredEvent[], nowMs: number) => Promise<Verdict[]>

export interface RouterSettings {
  readonly db: Db
  readonly schema: Hearing
  readonly route: Route
  readonly log: Logger
}

const batch = 100
/** A router that dies in the middle of a batch is followed by another after this long. */
const leaseMs = 30_000
const firstRetryMs = 1_000
const longestRetryMs = 5 * 60_000
/** About two hours of trying; then an event is given up until an admin replays it. */
export const mostAttempts = 30

/** Looks after the events that one schema has heard: each is handed to whom it concerns, or filed, or looked at again later. */
export function startRouter(settings: RouterSettings & { pollMs: number }): { stop(): Promise<void> } {
  const { pollMs, schema, log } = settings
  return poll({
    work: async () => ({ more: (await routeDue(settings, Date.now())) === batch }),
    pollMs,
    onTrouble: (error) =>
      log.warn({ schema, err: error }, 'events of providers cannot be looked at; it is tried again'),
  })
}

/** Looks at the events whose turn it is at `nowMs`; answers how many there were. */
export async function routeDue({ db, schema, route, log }: RouterSettings, nowMs: number): Promise<number> {
  const lease = { now: iso(nowMs), until: iso(nowMs + leaseMs) }
  const events = await leaseHeard(db, { schema, limit: batch, ...lease })
  if (events.length === 0) return 0

  const verdicts = await route(events, nowMs)
  const settled = verdicts.flatMap((each) =>
    each.verdict === 'waits'
      ? []
      : [{ eventId: each.eventId, routedTo: each.verdict === 'routed' ? each.to : null }],
  )
  await settleEvents(db, { schema, events: settled })
  for (const each of verdicts) {
    if (each.verdict !== 'waits') continue
    const event = events.find(({ eventId }) => eventId === each.eventId)
    await putOff({ db, schema, log }, { event, why: each.why, nowMs })
  }
  log.debug({ schema, events: events.length, settled: settled.length }, 'events of providers routed')
  return events.length
}

async function putOff(
  { db, schema, log }: Omit<RouterSettings, 'route'>,
  { event, why, nowMs }: { event: StoredEvent | undefined; why: string; nowMs: number },
): Promise<void> {
  if (!event) return
  const { eventId, type, attempts } = event
  const waitMs = Math.min(firstRetryMs * 2 ** attempts, longestRetryMs)
  const givenUp = attempts + 1 >= mostAttempts
  await putOffEvent(db, { schema, eventId, nextAt: givenUp ? null : iso(nowMs + waitMs), why })
  if (givenUp)
    log.error(
      { schema, eventId, type, reason: why },
      'an event of a provider is given up until an admin replays it',
    )
}

const iso = (ms: number): string => new Date(ms).toISOString()
