import type { EventState, EventTopic, HeardEvent } from '../domain/provider-events.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** The schemas that listen to other companies, each with a table `provider_events` of its own. */
export type Hearing = 'payments' | 'shipping'

/** An event as it lies in our books. Times are ISO 8601 in UTC. */
export interface StoredEvent extends Omit<HeardEvent, 'excerpt'> {
  readonly excerpt: HeardEvent['excerpt']
  readonly receivedAt: string
  readonly state: EventState
  readonly attempts: number
  readonly nextAt: string | null
  readonly lastError: string | null
  readonly routedTo: string | null
  /** How often an admin had it looked at again. */
  readonly replays: number
}

const columns = `
  event_id as "eventId", type, topic, object_id as "objectId", subject, order_id as "orderId",
  occurred_at as "occurredAt", received_at as "receivedAt", excerpt, state, attempts, next_at as "nextAt",
  last_error as "lastError", routed_to as "routedTo", replays`

/** Keeps an event, once. False: it was here before, and nothing was done. What does not concern us is filed at once. */
export async function keepEvent(
  db: Db,
  { schema, event, receivedAt }: { schema: Hearing; event: HeardEvent; receivedAt: string },
): Promise<boolean> {
  const concerns = event.topic !== null
  const kept = await changed(
    db,
    `insert into ${schema}.provider_events
       (event_id, type, topic, object_id, subject, order_id, occurred_at, received_at, excerpt, state, next_at)
     values
       (:eventId, :type, :topic, :objectId, :subject, :orderId, :occurredAt, :receivedAt, :excerpt, :state, :nextAt)
     on conflict (event_id) do nothing`,
    {
      ...event,
      receivedAt,
      excerpt: JSON.stringify(event.excerpt),
      state: concerns ? 'stored' : 'filed',
      nextAt: concerns ? receivedAt : null,
    },
  )
  return kept === 1
}

/** Takes the events whose turn it is, oldest first. What somebody else takes at this moment is skipped. */
export async function leaseHeard(
  db: Db,
  { schema, limit, now, until }: { schema: Hearing; limit: number; now: string; until: string },
): Promise<StoredEvent[]> {
  const taken = await rows<StoredEvent>(
    db,
    `update ${schema}.provider_events set next_at = :until
     where event_id in (
       select event_id from ${schema}.provider_events
       where next_at <= :now order by next_at limit :limit for update skip locked
     )
     returning ${columns}`,
    { limit, now, until },
  )
  return taken.sort((one, other) => one.occurredAt.localeCompare(other.occurredAt))
}

/** Nothing more is to be done with these: they were filed, or routed to somebody. */
export async function settleEvents(
  db: Db,
  {
    schema,
    events,
  }: { schema: Hearing; events: readonly { readonly eventId: string; readonly routedTo: string | null }[] },
): Promise<void> {
  if (events.length === 0) return
  await changed(
    db,
    `update ${schema}.provider_events as e
     set state = case when s."routedTo" is null then 'filed' else 'routed' end,
         routed_to = s."routedTo", attempts = attempts + 1, next_at = null, last_error = null
     from jsonb_to_recordset(cast(:events as jsonb)) as s ("eventId" text, "routedTo" text)
     where e.event_id = s."eventId" and e.state in ('stored', 'waiting')`,
    { events: JSON.stringify(events) },
  )
}

/** To be looked at again at `nextAt`; given up when that is null. */
export async function putOffEvent(
  db: Db,
  { schema, eventId, nextAt, why }: { schema: Hearing; eventId: string; nextAt: string | null; why: string },
): Promise<void> {
  await changed(
    db,
    `update ${schema}.provider_events
     set state = :state, attempts = attempts + 1, next_at = :nextAt, last_error = :why
     where event_id = :eventId and state in ('stored', 'waiting')`,
    { eventId, nextAt, why: why.slice(0, 2000), state: nextAt === null ? 'failed' : 'waiting' },
  )
}

/** Where a page of the list ends: events are shown by when they came, newest first. */
export interface EventPlace {
  readonly receivedAt: string
  readonly eventId: string
}

export async function listEvents(
  db: Db,
  {
    schema,
    state,
    before,
    limit,
  }: { schema: Hearing; state?: EventState; before?: EventPlace; limit: number },
): Promise<StoredEvent[]> {
  return rows<StoredEvent>(
    db,
    `select ${columns} from ${schema}.provider_events
     where (cast(:state as text) is null or state = :state)
       and (cast(:receivedAt as timestamptz) is null
            or (received_at, event_id) < (cast(:receivedAt as timestamptz), cast(:eventId as text)))
     order by received_at desc, event_id desc
     limit :limit`,
    {
      state: state ?? null,
      receivedAt: before?.receivedAt ?? null,
      eventId: before?.eventId ?? null,
      limit,
    },
  )
}

/** Has an event looked at again from the beginning. Null: there is none of this id. */
export async function replayEvent(
  db: Db,
  { schema, eventId, now, cause }: { schema: Hearing; eventId: string; now: string; cause: string },
): Promise<StoredEvent | null> {
  const [event] = await rows<StoredEvent & { topic: EventTopic | null }>(
    db,
    `update ${schema}.provider_events
     set state = 'stored', attempts = 0, next_at = :now, last_error = null, routed_to = null,
         replays = replays + 1, replay_cause = :cause
     where event_id = :eventId
     returning ${columns}`,
    { eventId, now, cause },
  )
  return event ?? null
}
