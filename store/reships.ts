import type { OrderId, ReshipId, ShipmentId } from '../domain/ids.ts'
import type { LineQuantity } from '../domain/proration.ts'
import type { RefusalData } from '../domain/refusals.ts'
import type { ReshipLine } from '../domain/reships.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** `asked`: its units are claimed, and it is being decided. Times are ISO 8601 in UTC. */
export type ReshipStatus = 'asked' | 'sent' | 'refused'

/** What is sent again of a parcel that was lost or came back. */
export interface Reship {
  readonly reshipId: ReshipId
  readonly orderId: OrderId
  /** The parcel that did not arrive. */
  readonly shipmentId: ShipmentId
  readonly lines: readonly ReshipLine[]
  readonly status: ReshipStatus
  readonly reason: string
  readonly askedBy: string | null
  readonly askedAt: string
  /** The parcels that go in its place. */
  readonly shipments: readonly ShipmentId[]
  readonly refusal: RefusalData | null
}

const columns = `
  id as "reshipId", order_id as "orderId", shipment_id as "shipmentId", lines, status, reason, asked_by as "askedBy",
  asked_at as "askedAt", shipments, refusal`

export async function readReship(db: Db, reshipId: string): Promise<Reship | null> {
  const [found] = await rows<Reship>(db, `select ${columns} from orders.reships where id = :reshipId`, {
    reshipId,
  })
  return found ?? null
}

/** All of an order, oldest first. */
export async function reshipsOf(db: Db, orderId: OrderId): Promise<Reship[]> {
  return rows<Reship>(
    db,
    `select ${columns} from orders.reships where order_id = :orderId order by asked_at, id`,
    { orderId },
  )
}

/** Claims units of a parcel; the order is locked, and the plan was made from it. */
export async function insertReship(
  trx: Db,
  reship: Omit<Reship, 'status' | 'shipments' | 'refusal'> & { cause: string },
): Promise<void> {
  await changed(
    trx,
    `insert into orders.reships (id, order_id, shipment_id, lines, status, reason, asked_by, cause, asked_at)
     values (:reshipId, :orderId, :shipmentId, :lines, 'asked', :reason, :askedBy, :cause, :askedAt)`,
    { ...reship, lines: JSON.stringify(reship.lines) },
  )
}

/** Ends what was asked. False: it has ended before, and nothing is done. */
export async function endReship(
  trx: Db,
  end: { reshipId: ReshipId } & (
    { to: 'sent'; shipments: readonly ShipmentId[] } | { to: 'refused'; refusal: RefusalData }
  ),
): Promise<boolean> {
  const ended = await changed(
    trx,
    `update orders.reships set status = :to, shipments = :shipments, refusal = :refusal
     where id = :reshipId and status = 'asked'`,
    {
      ...{ reshipId: end.reshipId, to: end.to },
      shipments: JSON.stringify(end.to === 'sent' ? end.shipments : []),
      refusal: end.to === 'refused' ? JSON.stringify(end.refusal) : null,
    },
  )
  return ended === 1
}

/** Units of these that are claimed or sent already. */
export const unitsOf = (reships: readonly Reship[]): LineQuantity[] =>
  reships.flatMap(({ status, lines }) => (status === 'refused' ? [] : lines))
