import type { EventType } from '../domain/events.ts'
import type { OrderId, ShipmentId } from '../domain/ids.ts'
import { statusesBefore } from '../domain/orders.ts'
import type { OrderShipment, OrderStatus } from '../domain/orders.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'

/** The parcels of an order as the shipping service announced them: the order's own copy. */

export async function keepParcel(
  trx: Db,
  { orderId, parcel }: { orderId: OrderId; parcel: OrderShipment },
): Promise<void> {
  await changed(
    trx,
    `insert into orders.order_shipments
       (shipment_id, order_id, status, carrier, service, tracking_code, tracking_url, label_url)
     values (:shipmentId, :orderId, :status, :carrier, :service, :trackingCode, :trackingUrl, :labelUrl)
     on conflict (shipment_id) do nothing`,
    { orderId, ...parcel },
  )
}

export async function moveParcel(
  trx: Db,
  { shipmentId, status }: Pick<OrderShipment, 'shipmentId' | 'status'>,
): Promise<void> {
  await changed(trx, `update orders.order_shipments set status = :status where shipment_id = :shipmentId`, {
    shipmentId,
    status,
  })
}

/**
 * A parcel has come further, with its entry in the timeline; and once all parcels of the order, as many as it was confirmed with, have
 * come at least as far as one of `statuses`, the order moves on, with its own entry and its event: one statement. The order has
 * to be locked by a statement before it, or parcels that move at the same moment would not see each other. In the place of a lost one
 * that was sent again counts the other.
 */
export async function advanceParcel(
  trx: Db,
  parcel: {
    orderId: OrderId
    shipmentId: ShipmentId
    status: OrderShipment['status']
    /** The event of the parcel, as its entry in the timeline. */
    type: EventType
    at: string
    cause: string
    order: { statuses: readonly OrderShipment['status'][]; to: OrderStatus; type: EventType }
  },
): Promise<void> {
  const { order, ...moved } = parcel
  await changed(
    trx,
    `with was as (
       select o.id, o.status, o.version, o.status = any(:from) and o.parcels <= (
         select count(*) from orders.order_shipments as s
         where s.order_id = o.id and not s.sent_again
           and case when s.shipment_id = :shipmentId then :status else s.status end = any(:statuses)
       ) as moves
       from orders.orders as o where o.id = :orderId
     ), parcel as (
       update orders.order_shipments set status = :status where shipment_id = :shipmentId
     ), now as (
       update orders.orders as o
       set version = was.version + case when was.moves then 2 else 1 end,
           status = case when was.moves then :to else was.status end
       from was where o.id = was.id
       returning o.id, o.number, o.status, o.version, was.moves
     ), told as (
       insert into orders.order_events (order_id, version, type, status, at, actor, reason, cause)
       select id, version + 1, :type, status, cast(:at as timestamptz), 'system', :shipmentId, :cause from was
       union all
       select id, version, :orderType, status, cast(:at as timestamptz), 'system', null, :cause from now where moves
     )
     insert into orders.outbox (event_id, type, subject, at, cause, data)
     select :eventId, :orderType, id, cast(:at as timestamptz), :cause,
            jsonb_build_object('orderId', id, 'number', number, 'status', status, 'version', version)
     from now where moves`,
    {
      ...moved,
      statuses: [...order.statuses],
      to: order.to,
      from: statusesBefore(order.to),
      orderType: order.type,
      eventId: newId('evt'),
    },
  )
}

/** Its label is void: nobody sends it any more, also when its own event comes later than this. */
export async function voidParcel(
  trx: Db,
  { orderId, parcel }: { orderId: OrderId; parcel: OrderShipment },
): Promise<void> {
  await keepParcel(trx, { orderId, parcel })
  await moveParcel(trx, { shipmentId: parcel.shipmentId, status: 'voided' })
}

/** In how many parcels the order goes; null where that is not decided yet. */
export async function countParcels(db: Db, orderId: OrderId): Promise<number | null> {
  const [order] = await rows<{ parcels: number | null }>(
    db,
    `select parcels from orders.orders where id = :orderId`,
    { orderId },
  )
  return order?.parcels ?? null
}

/** So many parcels more, or fewer; an order that still goes keeps at least one. */
export async function setParcels(
  trx: Db,
  { orderId, change }: { orderId: OrderId; change: number },
): Promise<void> {
  if (change === 0) return
  await changed(trx, `update orders.orders set parcels = parcels + :change where id = :orderId`, {
    orderId,
    change,
  })
}

/** Another parcel goes in its place. False: one has before, and this is one more for the same. */
export async function markSentAgain(
  trx: Db,
  { shipmentId }: Pick<OrderShipment, 'shipmentId'>,
): Promise<boolean> {
  const marked = await changed(
    trx,
    `update orders.order_shipments set sent_again = true where shipment_id = :shipmentId and not sent_again`,
    { shipmentId },
  )
  return marked === 1
}

/**
 * Whether all parcels of the order, as many as it was confirmed with, have come at least as far as one of these statuses. In the place
 * of a lost one that was sent again counts the other.
 */
export async function allParcelsAre(
  db: Db,
  { orderId, statuses }: { orderId: OrderId; statuses: readonly OrderShipment['status'][] },
): Promise<boolean> {
  const [answer] = await rows<{ all: boolean }>(
    db,
    `select count(*) filter (where s.status = any(:statuses) and not s.sent_again) >= o.parcels as all
     from orders.orders as o left join orders.order_shipments as s on s.order_id = o.id
     where o.id = :orderId group by o.parcels`,
    { orderId, statuses: [...statuses] },
  )
  return answer?.all ?? false
}
