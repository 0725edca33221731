import { shipmentIdOf } from './ids.ts'
import type { OrderId, OrderLineId, ShipmentId, Sku, WarehouseId } from './ids.ts'
import type { LineQuantity } from './proration.ts'

/** A parcel as far as taking it back is concerned. */
export interface ParcelToRecall {
  readonly shipmentId: ShipmentId
  readonly orderId: OrderId
  readonly number: number
  readonly warehouseId: WarehouseId
  readonly lines: readonly { readonly lineId: OrderLineId; readonly sku: Sku; readonly quantity: number }[]
  readonly grams: number
}

/** Units that go back to a warehouse. */
export interface RecalledUnits {
  readonly lineId: OrderLineId
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly quantity: number
}

export interface RecallPlan<Parcel extends ParcelToRecall> {
  /** The parcels that something is taken out of, each with what stays of it. */
  readonly parcels: readonly { readonly parcel: Parcel; readonly stays: Parcel | null }[]
  readonly units: readonly RecalledUnits[]
}

/**
 * Which parcels a cancellation takes back, and what of each still goes, in a parcel of its own. The last parcels first: the others are
 * the likelier to be on their way. Null: the parcels do not hold so much any more. `wanted` null: everything.
 */
export function planRecall<Parcel extends ParcelToRecall>(
  parcels: readonly Parcel[],
  wanted: readonly (LineQuantity & { readonly grams: number })[] | null,
): RecallPlan<Parcel> | null {
  const lastFirst = [...parcels].sort((one, other) => other.number - one.number)
  if (wanted === null) {
    const units = lastFirst.flatMap((parcel) => unitsOf(parcel, parcel.lines))
    return { parcels: lastFirst.map((parcel) => ({ parcel, stays: null })), units }
  }
  const missing = new Map(wanted.map(({ lineId, quantity }) => [lineId, quantity]))
  const gramsOf = new Map(wanted.map(({ lineId, grams }) => [lineId, grams]))
  const plan = lastFirst.flatMap((parcel) => {
    const taken = parcel.lines.flatMap((line) => {
      const quantity = Math.min(line.quantity, missing.get(line.lineId) ?? 0)
      missing.set(line.lineId, (missing.get(line.lineId) ?? 0) - quantity)
      return quantity > 0 ? [{ ...line, quantity }] : []
    })
    if (taken.length === 0) return []
    return [{ parcel, stays: without(parcel, { taken, gramsOf }), units: unitsOf(parcel, taken) }]
  })
  if ([...missing.values()].some((quantity) => quantity > 0)) return null
  return { parcels: plan, units: plan.flatMap(({ units }) => units) }
}

const unitsOf = ({ warehouseId }: ParcelToRecall, lines: ParcelToRecall['lines']): RecalledUnits[] =>
  lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, warehouseId, quantity }))

function without<Parcel extends ParcelToRecall>(
  parcel: Parcel,
  { taken, gramsOf }: { taken: ParcelToRecall['lines']; gramsOf: ReadonlyMap<string, number> },
): Parcel | null {
  const goneOf = new Map<string, number>(taken.map(({ lineId, quantity }) => [lineId, quantity]))
  const lines = parcel.lines
    .map((line) => ({ ...line, quantity: line.quantity - (goneOf.get(line.lineId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0)
  if (lines.length === 0) return null
  const lighter = taken.reduce((sum, { lineId, quantity }) => sum + quantity * (gramsOf.get(lineId) ?? 0), 0)
  return { ...parcel, lines, grams: Math.max(0, parcel.grams - lighter) }
}

/** The numbers and ids of parcels that go in the place of others, counted on from the highest number that the order has. */
export function replacementIds(
  orderId: OrderId,
  { highest, count }: { highest: number; count: number },
): { number: number; shipmentId: ShipmentId }[] {
  return Array.from({ length: count }, (_, index) => {
    const number = highest + index + 1
    return { number, shipmentId: shipmentIdOf(orderId, number) }
  })
}
