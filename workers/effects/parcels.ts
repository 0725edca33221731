import type { DomainEvent } from '../../domain/events.ts'
import type { OrderId } from '../../domain/ids.ts'
import { serviceInWords } from '../../domain/notifications/letter.ts'
import type { ShipmentMoved, ShipmentReady } from '../../domain/shipment-events.ts'
import type { Db } from '../../store/db.ts'
import { flagOrder, lockOrders, noteOnTimeline } from '../../store/order-steps.ts'
import { advanceParcel, keepParcel, moveParcel } from '../../store/parcels.ts'

/** What an order does when its parcels move. */

/**
 * All of a batch, in the order in which they were announced. The orders are locked first, so that nobody else moves one while it is
 * counted how far its parcels have come.
 */
export async function parcelsMoved(trx: Db, events: readonly DomainEvent[]): Promise<void> {
  await lockOrders(trx, [...new Set(events.map((event) => data(event).orderId))])
  for (const event of events) {
    switch (event.type) {
      case 'Shipment Ready':
        await parcelReady(trx, event)
        break
      case 'Shipment Handed Over':
        await parcelMoved(trx, { event, order: handedOver })
        break
      case 'Shipment Delivered':
        await parcelMoved(trx, { event, order: delivered })
        break
      default:
        await parcelFailed(trx, event)
    }
  }
}

/** What becomes of the order once all its parcels have come so far. */
const handedOver = {
  statuses: ['handed_over', 'delivered', 'lost', 'returned'],
  to: 'shipped',
  type: 'Order Shipped',
} as const
const delivered = { statuses: ['delivered'], to: 'delivered', type: 'Order Delivered' } as const

async function parcelMoved(
  trx: Db,
  { event, order }: { event: DomainEvent; order: typeof handedOver | typeof delivered },
): Promise<void> {
  const { type, at, cause } = event
  const { orderId, shipmentId, status } = data(event)
  await advanceParcel(trx, { orderId, shipmentId, status, type, at, cause, order })
}

async function parcelReady(trx: Db, { type, at, cause, data }: DomainEvent): Promise<void> {
  const { orderId, ...parcel } = data as unknown as ShipmentReady
  await keepParcel(trx, { orderId, parcel: { ...parcel, status: 'ready' } })
  const reason = `${serviceInWords(parcel)}, tracking code ${parcel.trackingCode}`
  await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason, cause })
}

/** Lost or returned: an admin decides whether it is sent again or refunded. */
async function parcelFailed(trx: Db, event: DomainEvent): Promise<void> {
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
