import type { Logger } from 'pino'
import type { DomainEvent } from '../domain/events.ts'
import type { Db } from '../store/db.ts'
import {
  forgetFailure,
  leaseEvents,
  leaseFailures,
  markRelayed,
  noteFailure,
  subjectsWaiting,
} from '../store/outbox.ts'
import type { Announcing, FailedDelivery } from '../store/outbox.ts'
import type { Deliver } from './deliver.ts'
import { isNotYet, NotYet } from './effects/effect.ts'
import type { Reaction } from './effects/effect.ts'
import { poll } from './poll.ts'

export interface RelaySettings {
  readonly db: Db
  readonly schema: Announcing
  readonly reactions: readonly Reaction[]
  readonly deliver: Deliver
  readonly pollMs: number
  readonly log: Logger
}

const batch = 200
/** A relay that dies in the middle of a batch is followed by another after this long. */
const leaseMs = 30_000
const firstRetryMs = 500
const longestRetryMs = 5 * 60_000
/** Whoever only waits is asked again after an eighth of the time that he has waited, and once a minute at least. */
const waitingShare = 8
const longestWaitMs = 60_000
/** About two hours of trying; then an event is parked for this listener until an admin replays it. */
const mostAttempts = 30

/**
 * Carries the events of one schema's outbox to whoever listens. Each event reaches each listener at least once and has its effect
 * exactly once (the listener's inbox); a listener that fails is tried again by itself, while the others go on. No lock is held
 * while listeners work.
 */
export function startRelay(settings: RelaySettings): { stop(): Promise<void> } {
  const { pollMs, schema, log } = settings
  return poll({
    work: async () => {
      const [fresh, failed] = [await relayNew(settings), await relayFailed(settings)]
      return { more: fresh === batch || failed === batch }
    },
    pollMs,
    onTrouble: (error) =>
      log.warn({ schema, err: error }, 'the relay cannot reach its database; it goes on trying'),
  })
}

/** One batch of new events; answers how many there were. */
export async function relayNew(settings: RelaySettings): Promise<number> {
  const { db, schema, reactions, log } = settings
  const now = Date.now()
  const events = await leaseEvents(db, { schema, limit: batch, now: iso(now), until: iso(now + leaseMs) })
  if (events.length === 0) return 0

  const listening = reactions.filter((reaction) => events.some((event) => reaction.on[event.type]))
  const waiting = listening.length === 0 ? new Map<string, number>() : await subjectsWaiting(db, schema)
  for (const reaction of listening) {
    const heard = events.filter((event) => reaction.on[event.type])
    const behind = heard.filter((event) => waiting.has(`${reaction.consumer} ${event.subject}`))
    const ready = heard.filter((event) => !behind.includes(event))
    for (const event of behind) await postpone(settings, { reaction, event, attempts: 0, error: itsTurn() })
    await deliverAll(settings, { reaction, events: ready })
  }
  await markRelayed(db, { schema, eventIds: events.map((event) => event.id), at: iso(Date.now()) })
  log.debug({ schema, events: events.length }, 'events relayed')
  return events.length
}

/** All at once; where that fails one by one, so that one bad event does not hold up the others. */
async function deliverAll(
  settings: RelaySettings,
  { reaction, events }: { reaction: Reaction; events: readonly DomainEvent[] },
): Promise<void> {
  if (events.length === 0) return
  try {
    await settings.deliver(reaction, events)
    return
  } catch (error) {
    const [only, ...others] = events
    if (only && others.length === 0) return postpone(settings, { reaction, event: only, attempts: 0, error })
  }
  const stuck = new Set<string>()
  for (const event of events) {
    if (stuck.has(event.subject)) {
      await postpone(settings, { reaction, event, attempts: 0, error: itsTurn() })
      continue
    }
    try {
      await settings.deliver(reaction, [event])
    } catch (error) {
      stuck.add(event.subject)
      await postpone(settings, { reaction, event, attempts: 0, error })
    }
  }
}

/** The deliveries whose next try is due; answers how many were tried. */
export async function relayFailed(settings: RelaySettings): Promise<number> {
  const { db, schema, reactions } = settings
  const now = Date.now()
  const due = await leaseFailures(db, { schema, limit: batch, now: iso(now), until: iso(now + leaseMs) })
  const stuck = new Set<string>()
  for (const { event, consumer, attempts } of due) {
    const reaction = reactions.find((each) => each.consumer === consumer)
    const eventId = event.id
    if (!reaction) {
      await forgetFailure(db, { schema, eventId, consumer })
      continue
    }
    const lane = `${consumer} ${event.subject}`
    if (stuck.has(lane)) {
      await postpone(settings, { reaction, event, attempts, error: itsTurn() })
      continue
    }
    try {
      await settings.deliver(reaction, [event])
      await forgetFailure(db, { schema, eventId, consumer })
    } catch (error) {
      stuck.add(lane)
      await postpone(settings, { reaction, event, attempts, error })
    }
  }
  return due.length
}

const itsTurn = (): NotYet => new NotYet('an earlier event waits')

/** Tries later. Waiting for something that will come is no failure: it is not counted, and never parks an event. */
async function postpone(
  { db, schema, log }: RelaySettings,
  failed: Pick<FailedDelivery, 'event' | 'attempts'> & { reaction: Reaction; error: unknown },
): Promise<void> {
  const { reaction, event, attempts, error } = failed
  const { consumer } = reaction
  const now = Date.now()
  const waits = isNotYet(error)
  const parked = !waits && attempts + 1 >= mostAttempts
  const waitMs = waits ? waitFor(now - Date.parse(event.at)) : retryAfter(attempts)
  const text = error instanceof Error ? error.message : String(error)
  const nextAt = parked ? null : iso(now + waitMs)
  const failure = { schema, eventId: event.id, consumer, error: text, nextAt, at: iso(now) }
  await noteFailure(db, { ...failure, counts: !waits })
  const { type, subject } = event
  const what = { schema, consumer, eventId: event.id, type, subject, attempts: attempts + 1 }
  if (parked)
    log.error(
      { ...what, reason: text },
      'a listener keeps failing; its event is parked until an admin replays it',
    )
  else log.debug({ ...what, reason: text }, 'a listener could not take an event; it is tried again')
}

const retryAfter = (attempts: number): number => Math.min(firstRetryMs * 2 ** attempts, longestRetryMs)

const waitFor = (waitedMs: number): number =>
  Math.min(Math.max(firstRetryMs, waitedMs / waitingShare), longestWaitMs)

const iso = (ms: number): string => new Date(ms).toISOString()
