import type { OrderId, ReshipId, ShipmentId } from '../../domain/ids.ts'
import type { Allocation } from '../../domain/inventory.ts'
import { replacementIds } from '../../domain/recalls.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { ParcelLine, ReshipLine } from '../../domain/reships.ts'
import { gramsOf } from '../../domain/shipments.ts'
import type { Db } from '../../store/db.ts'
import { lockParcels, registerReplacement } from '../../store/recalls.ts'
import { readShipment } from '../../store/shipments.ts'

export interface RegisterReship {
  readonly reshipId: ReshipId
  readonly orderId: OrderId
  /** The parcel that did not arrive. */
  readonly shipmentId: ShipmentId
  readonly lines: readonly ReshipLine[]
  /** Which warehouse gives what. */
  readonly allocations: readonly Allocation[]
  readonly cause: string
}

/**
 * What is in a parcel that was lost or came back, as its carrier says. Refuses with `shipment.unknown`, also for a parcel of another
 * order, and with `shipment.not_lost`.
 */
export async function readLostParcel(
  db: Db,
  { orderId, shipmentId }: { orderId: OrderId; shipmentId: ShipmentId },
): Promise<{ lines: readonly ParcelLine[] }> {
  const parcel = await readShipment(db, shipmentId)
  if (!parcel || parcel.orderId !== orderId) {
    throw new Refusal('shipment.unknown', 'This order has no such parcel.', { orderId, shipmentId })
  }
  const { status, lines } = parcel
  if (status === 'lost' || status === 'returned') return { lines }
  const detail = `Only a parcel that was lost or came back is sent again; this one is ${status}.`
  throw new Refusal('shipment.not_lost', detail, { shipmentId, parcelStatus: status })
}

/** Registers the parcels that go in the place of one that did not arrive, one for each warehouse, once. */
export async function registerReship(
  db: Db,
  { reshipId, orderId, shipmentId, lines, allocations, cause }: RegisterReship,
): Promise<{ shipments: readonly ShipmentId[] }> {
  return db.transaction(async (trx) => {
    const all = await lockParcels(trx, orderId)
    const ours = all.filter((each) => each.reshipId === reshipId)
    if (ours.length > 0) return { shipments: ours.map((each) => each.shipmentId) }

    const lost = all.find((each) => each.shipmentId === shipmentId)
    if (!lost) throw new Error(`${shipmentId} was there a moment ago.`)
    const unitGrams = new Map(lines.map((line) => [line.lineId, line.grams]))
    const warehouses = [...new Set(allocations.map(({ warehouseId }) => warehouseId))]
    const highest = Math.max(...all.map(({ number }) => number))
    const ids = replacementIds(orderId, { highest, count: warehouses.length })
    for (const [index, id] of ids.entries()) {
      const warehouseId = warehouses[index]
      if (warehouseId === undefined) continue
      const inside = allocations.filter((each) => each.warehouseId === warehouseId)
      const grams = gramsOf(inside.map((line) => ({ ...line, grams: unitGrams.get(line.lineId) ?? 0 })))
      const rate = { ...lost.rate, carrierShipmentId: null, carrierRateId: null }
      const goods = inside.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }))
      const plan = { ...lost, ...id, warehouseId, lines: goods, grams, rate }
      await registerReplacement(trx, { plan, replaces: shipmentId, reshipId, cause })
    }
    return { shipments: ids.map((each) => each.shipmentId) }
  })
}
