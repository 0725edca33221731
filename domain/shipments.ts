import { shipmentIdOf } from './ids.ts'
import type { OrderId, OrderLineId, ShipmentId, Sku, WarehouseId } from './ids.ts'
import type { Allocation } from './inventory.ts'
import type { ChosenRate, FrozenLine } from './orders.ts'

/** Where a parcel that has a label can be. */
export type ParcelStatus = 'ready' | 'handed_over' | 'delivered' | 'lost' | 'returned'

/** What carriers say of a parcel, in EasyPost's words (its "Tracking statuses"). */
export type CarrierStatus =
  | 'unknown'
  | 'pre_transit'
  | 'in_transit'
  | 'out_for_delivery'
  | 'delivered'
  | 'available_for_pickup'
  | 'return_to_sender'
  | 'failure'
  | 'cancelled'
  | 'error'

const reached = {
  unknown: 'ready',
  pre_transit: 'ready',
  in_transit: 'handed_over',
  out_for_delivery: 'handed_over',
  available_for_pickup: 'handed_over',
  delivered: 'delivered',
  return_to_sender: 'returned',
  failure: 'lost',
  cancelled: 'ready',
  error: 'ready',
} as const satisfies Record<CarrierStatus, ParcelStatus>

/**
 * The statuses through which a parcel goes on from where we believed it, to where its carrier says it is. None is skipped, so
 * whoever listens hears of a hand-over even when the first scan that we see is the delivery; none is gone back to.
 */
export function nextParcelStatus(
  now: ParcelStatus,
  carrierSays: CarrierStatus,
): Exclude<ParcelStatus, 'ready'>[] {
  const to = reached[carrierSays]
  if (to === 'ready' || to === now) return []
  if (now === 'ready') return to === 'handed_over' ? [to] : ['handed_over', to]
  return now === 'handed_over' ? [to] : []
}

/** A parcel as an order plans it: what goes out together from one warehouse. */
export interface PlannedShipment {
  readonly shipmentId: ShipmentId
  readonly orderId: OrderId
  readonly number: number
  readonly warehouseId: WarehouseId
  readonly lines: readonly { readonly lineId: OrderLineId; readonly sku: Sku; readonly quantity: number }[]
  readonly grams: number
  readonly rate: ChosenRate
}

/**
 * One parcel per warehouse, numbered from 1 in the order of the allocations. A rate that was quoted for the whole order can be
 * bought only when all of it goes in one parcel; several parcels ask the carrier anew, each for the service that was chosen.
 */
export function planShipments({
  orderId,
  lines,
  allocations,
  rate,
}: {
  orderId: OrderId
  lines: readonly FrozenLine[]
  allocations: readonly Allocation[]
  rate: ChosenRate
}): PlannedShipment[] {
  const gramsPerUnit = new Map(lines.map((line) => [line.lineId, line.grams]))
  const warehouses = [...new Set(allocations.map((allocation) => allocation.warehouseId))]
  const bought = warehouses.length === 1 ? rate : { ...rate, carrierShipmentId: null, carrierRateId: null }
  return warehouses.map((warehouseId, index) => {
    const inParcel = allocations.filter((allocation) => allocation.warehouseId === warehouseId)
    return {
      shipmentId: shipmentIdOf(orderId, index + 1),
      orderId,
      number: index + 1,
      warehouseId,
      lines: inParcel.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity })),
      grams: inParcel.reduce(
        (sum, { lineId, quantity }) => sum + quantity * (gramsPerUnit.get(lineId) ?? 0),
        0,
      ),
      rate: bought,
    }
  })
}

/** What goods weigh together. */
export function gramsOf(lines: readonly { readonly grams: number; readonly quantity: number }[]): number {
  return lines.reduce((sum, line) => sum + line.grams * line.quantity, 0)
}
