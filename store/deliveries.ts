import type { EventType } from '../domain/events.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'
import type { Announcing } from './outbox.ts'

/** `waiting`: tried again by itself. `parked`: tried for the last time, until an admin says otherwise. */
export const deliveryStates = ['waiting', 'parked'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** An event that a listener could not take. Times are ISO 8601 in UTC. */
export interface Delivery {
  readonly eventId: string
  readonly listener: string
  readonly type: EventType
  /** What the event is about, by our own id. */
  readonly subject: string
  readonly announcedAt: string
  readonly state: DeliveryState
  /** How often it was tried since it was announced or replayed. */
  readonly attempts: number
  readonly nextAt: string | null
  readonly parkedAt: string | null
  readonly lastError: string
}

/** Where a page of the list ends: deliveries are shown by when their event was announced, newest first. */
export interface DeliveryPlace {
  readonly announcedAt: string
  readonly eventId: string
  readonly listener: string
}

const columns = `
  f.event_id as "eventId", f.consumer as listener, o.type, o.subject, o.at as "announcedAt",
  case when f.parked_at is null then 'waiting' else 'parked' end as state,
  f.attempts, f.next_at as "nextAt", f.parked_at as "parkedAt", f.last_error as "lastError"`

/** The deliveries of one schema's events that failed. */
export async function listDeliveries(
  db: Db,
  {
    schema,
    state,
    before,
    limit,
  }: { schema: Announcing; state?: DeliveryState; before?: DeliveryPlace; limit: number },
): Promise<Delivery[]> {
  return rows<Delivery>(
    db,
    `select ${columns}
     from ${schema}.failed_deliveries as f join ${schema}.outbox as o using (event_id)
     where (cast(:state as text) is null or (f.parked_at is null) = (cast(:state as text) = 'waiting'))
       and (cast(:announcedAt as timestamptz) is null
            or (o.at, f.event_id, f.consumer)
               < (cast(:announcedAt as timestamptz), cast(:eventId as text), cast(:listener as text)))
     order by o.at desc, f.event_id desc, f.consumer desc
     limit :limit`,
    {
      state: state ?? null,
      announcedAt: before?.announcedAt ?? null,
      eventId: before?.eventId ?? null,
      listener: before?.listener ?? null,
      limit,
    },
  )
}

/** Has a delivery tried again at `now`, with all its tries before it. Null: no such delivery has failed. */
export async function replayDelivery(
  db: Db,
  { schema, eventId, listener, now }: { schema: Announcing; eventId: string; listener: string; now: string },
): Promise<Delivery | null> {
  const [delivery] = await rows<Delivery>(
    db,
    `update ${schema}.failed_deliveries as f
     set attempts = 1, next_at = :now, parked_at = null
     from ${schema}.outbox as o
     where f.event_id = :eventId and f.consumer = :listener and o.event_id = f.event_id
     returning ${columns}`,
    { eventId, listener, now },
  )
  return delivery ?? null
}
