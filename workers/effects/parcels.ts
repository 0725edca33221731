import type { DomainEvent } from '../../domain/events.ts'
import type { OrderId } from '../../domain/ids.ts'
import { serviceInWords } from '../../domain/notifications/letter.ts'
import type { ShipmentMoved, ShipmentReady } from '../../domain/shipment-events.ts'
import type { Db } from '../../store/db.ts'
import { flagOrder, moveOrder, noteOnTimeline } from '../../store/order-steps.ts'
import { allParcelsAre, keepParcel, moveParcel } from '../../store/parcels.ts'

/** What an order does when its parcels move. */

export async function parcelReady(trx: Db, { type, at, cause, data }: DomainEvent): Promise<void> {
  const { orderId, ...parcel } = data as unknown as ShipmentReady
  await keepParcel(trx, { orderId, parcel: { ...parcel, status: 'ready' } })
  const reason = `${serviceInWords(parcel)}, tracking code ${parcel.trackingCode}`
  await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason, cause })
}

export async function parcelHandedOver(trx: Db, event: DomainEvent): Promise<void> {
  const { orderId, shipmentId, status } = data(event)
  const { type, at, cause } = event
  await moveParcel(trx, { shipmentId, status })
  await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason: shipmentId, cause })
  const onTheirWay = ['handed_over', 'delivered', 'lost', 'returned'] as const
  if (!(await allParcelsAre(trx, { orderId, statuses: onTheirWay }))) return
  await moveOrder(trx, {
    orderId,
    to: 'shipped',
    type: 'Order Shipped',
    at,
    actor: 'system',
    reason: null,
    cause,
  })
}

export async function parcelDelivered(trx: Db, event: DomainEvent): Promise<void> {
  const { orderId, shipmentId, status } = data(event)
  const { type, at, cause } = event
  await moveParcel(trx, { shipmentId, status })
  await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason: shipmentId, cause })
  if (!(await allParcelsAre(trx, { orderId, statuses: ['delivered'] }))) return
  await moveOrder(trx, {
    orderId,
    to: 'delivered',
    type: 'Order Delivered',
    at,
    actor: 'system',
    reason: null,
    cause,
  })
}

/** Lost or returned: an admin decides whether it is sent again or refunded. */
export async function parcelFailed(trx: Db, event: DomainEvent): Promise<void> {
  const { orderId, shipmentId, status } = data(event)
  const { type, at, cause } = event
  const reason = `the parcel ${shipmentId} was ${status}`
  await moveParcel(trx, { shipmentId, status })
  await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason, cause })
  await flagOrder(trx, { orderId, reason })
}

/** What had left is with us again, by an admin's word. */
export async function goodsReturned(trx: Db, { type, at, cause, data: said }: DomainEvent): Promise<void> {
  const { orderId, sku, quantity, condition, reason: why } = said as unknown as Returned
  const reason = `${quantity} × ${sku}, ${condition}: ${why}`
  await noteOnTimeline(trx, { orderId, type, at, actor: 'admin', reason, cause })
}

/** As `store/restocks.ts` announces it. */
interface Returned {
  readonly orderId: OrderId
  readonly sku: string
  readonly quantity: number
  readonly condition: string
  readonly reason: string
}

/** Our own outbox wrote it, in `activities/shipping/follow-parcels.ts`. */
const data = (event: DomainEvent): ShipmentMoved => event.data as unknown as ShipmentMoved
