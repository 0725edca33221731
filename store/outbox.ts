import type { DomainEvent } from '../domain/events.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'

/** The schemas that announce. */
export type Announcing = 'catalog' | 'orders' | 'payments' | 'inventory' | 'shipping' | 'notifications'

/**
 * Appends events to a schema's outbox. Always in the transaction of the change that they announce: neither can be without the
 * other (invariant I14).
 */
export async function announce(
  trx: Db,
  { schema, events }: { schema: Announcing; events: readonly Omit<DomainEvent, 'id'>[] },
): Promise<void> {
  if (events.length === 0) return
  await changed(
    trx,
    `insert into ${schema}.outbox (event_id, type, subject, at, cause, data)
     select e."eventId", e.type, e.subject, e.at, e.cause, e.data
     from jsonb_to_recordset(cast(:events as jsonb)) as e
       (position integer, "eventId" text, type text, subject text, at timestamptz, cause text, data jsonb)
     order by e.position`,
    { events: asRecords(events) },
  )
}

/** Events as the records of a statement that announces them, numbered in their order and each with an id of its own. */
export function asRecords(events: readonly Omit<DomainEvent, 'id'>[]): string {
  return JSON.stringify(events.map((event, position) => ({ ...event, eventId: newId('evt'), position })))
}

interface OutboxRow {
  event_id: DomainEvent['id']
  type: DomainEvent['type']
  subject: string
  at: string
  cause: string
  data: DomainEvent['data']
}

const eventOf = ({ event_id: id, type, subject, at, cause, data }: OutboxRow): DomainEvent => ({
  id,
  type,
  subject,
  at,
  cause,
  data,
})

/**
 * Leases the next events that nobody has relayed, oldest first. What another relay leases at this moment is skipped, and so is
 * whatever would overtake an earlier event of the same subject that is still under way.
 */
export async function leaseEvents(
  db: Db,
  lease: { schema: Announcing; limit: number; now: string; until: string },
): Promise<DomainEvent[]> {
  const { schema, limit, now, until } = lease
  const found = await rows<OutboxRow & { position: number }>(
    db,
    `update ${schema}.outbox set leased_until = :until
     where position in (
       select position from ${schema}.outbox as o
       where relayed_at is null
         and (leased_until is null or leased_until < :now)
         and not exists (
           select 1 from ${schema}.outbox as earlier
           where earlier.subject = o.subject and earlier.position < o.position
             and earlier.relayed_at is null and earlier.leased_until >= :now)
       order by position
       limit :limit
       for update skip locked)
     returning position, event_id, type, subject, at, cause, data`,
    { limit, now, until },
  )
  return found.sort((a, b) => a.position - b.position).map(eventOf)
}

export async function markRelayed(
  trx: Db,
  { schema, eventIds, at }: { schema: Announcing; eventIds: readonly string[]; at: string },
): Promise<void> {
  await changed(trx, `update ${schema}.outbox set relayed_at = :at where event_id = any(:eventIds)`, {
    at,
    eventIds: [...eventIds],
  })
}

/** A listener's tries of one event that failed. */
export interface FailedDelivery {
  readonly event: DomainEvent
  readonly consumer: string
  readonly attempts: number
}

/**
 * Notes that a listener could not take an event: to be tried again at `nextAt`, or parked when that is null. `counts`: as a failure; who
 * only has to wait has not failed.
 */
export async function noteFailure(
  trx: Db,
  failure: {
    schema: Announcing
    eventId: string
    consumer: string
    error: string
    nextAt: string | null
    at: string
    counts: boolean
  },
): Promise<void> {
  const { schema, eventId, consumer, error, nextAt, at, counts } = failure
  await changed(
    trx,
    `insert into ${schema}.failed_deliveries (event_id, consumer, attempts, next_at, parked_at, last_error)
     values (:eventId, :consumer, 1, :nextAt, :parkedAt, :error)
     on conflict (event_id, consumer) do update
     set attempts = failed_deliveries.attempts + cast(:more as integer),
         next_at = excluded.next_at,
         parked_at = excluded.parked_at,
         last_error = excluded.last_error`,
    {
      eventId,
      consumer,
      nextAt,
      parkedAt: nextAt === null ? at : null,
      error: error.slice(0, 2000),
      more: counts ? 1 : 0,
    },
  )
}

/** Deliveries whose next try is due, oldest event first; taking them puts their next turn off to `until`. */
export async function leaseFailures(
  db: Db,
  lease: { schema: Announcing; limit: number; now: string; until: string },
): Promise<FailedDelivery[]> {
  const { schema, limit, now, until } = lease
  const found = await rows<OutboxRow & { position: number; consumer: string; attempts: number }>(
    db,
    `with due as (
       select f.event_id, f.consumer
       from ${schema}.failed_deliveries as f
       where f.next_at <= :now
       order by f.next_at
       limit :limit
       for update skip locked
     ), leased as (
       update ${schema}.failed_deliveries as f set next_at = :until
       from due where f.event_id = due.event_id and f.consumer = due.consumer
       returning f.event_id, f.consumer, f.attempts
     )
     select o.position, o.event_id, o.type, o.subject, o.at, o.cause, o.data, l.consumer, l.attempts
     from leased as l join ${schema}.outbox as o using (event_id)
     order by o.position`,
    { limit, now, until },
  )
  return found.map((row) => ({ event: eventOf(row), consumer: row.consumer, attempts: row.attempts }))
}

export async function forgetFailure(
  trx: Db,
  { schema, eventId, consumer }: { schema: Announcing; eventId: string; consumer: string },
): Promise<void> {
  await changed(
    trx,
    `delete from ${schema}.failed_deliveries where event_id = :eventId and consumer = :consumer`,
    { eventId, consumer },
  )
}

/** `consumer subject` of whatever waits for a later try: later events of that subject must not overtake it. */
export async function subjectsWaiting(db: Db, schema: Announcing): Promise<Map<string, number>> {
  const found = await rows<{ consumer: string; subject: string; position: number }>(
    db,
    `select f.consumer, o.subject, min(o.position) as position
     from ${schema}.failed_deliveries as f
     join ${schema}.outbox as o using (event_id)
     where f.parked_at is null
     group by f.consumer, o.subject`,
  )
  return new Map(found.map(({ consumer, subject, position }) => [`${consumer} ${subject}`, position]))
}

/**
 * Marks these events as taken by this listener and answers which of them were new. In the transaction of the effect: an event that
 * is delivered twice has its effect once.
 */
export async function takeOnce(
  trx: Db,
  { schema, consumer, eventIds }: { schema: Announcing; consumer: string; eventIds: readonly string[] },
): Promise<Set<string>> {
  const taken = await rows<{ event_id: string }>(
    trx,
    `insert into ${schema}.inbox (consumer, event_id)
     select :consumer, unnest(cast(:eventIds as text[]))
     on conflict do nothing
     returning event_id`,
    { consumer, eventIds: [...eventIds] },
  )
  return new Set(taken.map((row) => row.event_id))
}

/** Which of these this listener has taken already. */
export async function takenOf(
  db: Db,
  { schema, consumer, eventIds }: { schema: Announcing; consumer: string; eventIds: readonly string[] },
): Promise<Set<string>> {
  const taken = await rows<{ event_id: string }>(
    db,
    `select event_id from ${schema}.inbox where consumer = :consumer and event_id = any(:eventIds)`,
    { consumer, eventIds: [...eventIds] },
  )
  return new Set(taken.map((row) => row.event_id))
}
