import type { Databases, Db } from '../store/db.ts'
import { listDeliveries, replayDelivery } from '../store/deliveries.ts'
import type { Delivery, DeliveryPlace, DeliveryState } from '../store/deliveries.ts'
import type { Announcing } from '../store/outbox.ts'

/** Whose database keeps the events that a schema announces. */
const owners = {
  catalog: 'catalog',
  orders: 'order',
  payments: 'order',
  inventory: 'inventory',
  shipping: 'shipping',
  notifications: 'notification',
} as const satisfies Record<Announcing, keyof Databases>

const outboxesOf = (databases: Databases): { db: Db; schema: Announcing }[] =>
  (Object.keys(owners) as Announcing[]).map((schema) => ({ db: databases[owners[schema]], schema }))

/** What listeners could not take, newest event first: each service is asked for a page of its own, and the pages are merged. */
export async function listAllDeliveries(
  databases: Databases,
  wanted: { state: DeliveryState | undefined; before: DeliveryPlace | undefined; limit: number },
): Promise<Delivery[]> {
  const { state, before, limit } = wanted
  const pages = await Promise.all(
    outboxesOf(databases).map(({ db, schema }) =>
      listDeliveries(db, { schema, limit, ...(state && { state }), ...(before && { before }) }),
    ),
  )
  return pages
    .flat()
    .sort((one, other) => (deliveryKey(one) < deliveryKey(other) ? 1 : -1))
    .slice(0, limit)
}

/** Has a delivery tried again. Null: no listener of this name has failed to take such an event. */
export async function replayAnyDelivery(
  databases: Databases,
  asked: { eventId: string; listener: string; now: string },
): Promise<Delivery | null> {
  for (const { db, schema } of outboxesOf(databases)) {
    const delivery = await replayDelivery(db, { schema, ...asked })
    if (delivery) return delivery
  }
  return null
}

/** Neither times nor ids nor names hold a line break. */
const separator = '\n'

export const deliveryKey = ({ announcedAt, eventId, listener }: DeliveryPlace): string =>
  [announcedAt, eventId, listener].join(separator)

export const isDeliveryKey = (text: string): text is string =>
  /^[0-9T:.-]{23}Z\n[A-Za-z0-9_-]{1,100}\n[a-z0-9.-]{1,100}$/.test(text)

/** The place that a key of the list stands for. */
export function deliveryPlace(key: string | undefined): DeliveryPlace | undefined {
  const [announcedAt, eventId, listener] = key?.split(separator) ?? []
  if (announcedAt === undefined || eventId === undefined || listener === undefined) return undefined
  return { announcedAt, eventId, listener }
}
