import type { OrderId } from '../domain/ids.ts'
import type { OrderShipment } from '../domain/orders.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

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

/** Whether all parcels of the order, as many as it was confirmed with, have come at least as far as one of these statuses. */
export async function allParcelsAre(
  db: Db,
  { orderId, statuses }: { orderId: OrderId; statuses: readonly OrderShipment['status'][] },
): Promise<boolean> {
  const [answer] = await rows<{ all: boolean }>(
    db,
    `select count(*) filter (where s.status = any(:statuses)) >= o.parcels as all
     from orders.orders as o left join orders.order_shipments as s on s.order_id = o.id
     where o.id = :orderId group by o.parcels`,
    { orderId, statuses: [...statuses] },
  )
  return answer?.all ?? false
}
