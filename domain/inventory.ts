import type { OrderId, OrderLineId, ReshipId, Sku, WarehouseId } from './ids.ts'

/** For whom stock is held: an order, or what is sent again of one, whose first units left long ago. */
export type Holder = OrderId | ReshipId

/** Units of a SKU in one warehouse, in the order in which warehouses are preferred. */
export interface StockLevel {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly onHand: number
  readonly reserved: number
}

export interface Demand {
  readonly lineId: OrderLineId
  readonly sku: Sku
  readonly quantity: number
}

/** So many units of a line from one warehouse. */
export interface Allocation extends Demand {
  readonly warehouseId: WarehouseId
}

/** What is short, per SKU: lines of one SKU are summed, so two of them are never checked against the same units. */
export interface Shortage {
  readonly sku: Sku
  readonly wanted: number
  readonly available: number
}

export type Plan =
  | { readonly enough: true; readonly allocations: readonly Allocation[] }
  | { readonly enough: false; readonly shortages: readonly Shortage[] }

/**
 * Decides which warehouse gives what: all lines or none. The first warehouse that has everything sends one parcel; where none
 * has, lines are filled in the order of the warehouses, one split over several if it must be. `levels` come in that order.
 */
export function allocate(lines: readonly Demand[], levels: readonly StockLevel[]): Plan {
  const free = new Map(levels.map((level) => [keyOf(level), Math.max(0, level.onHand - level.reserved)]))
  const warehouses = [...new Set(levels.map((level) => level.warehouseId))]

  const shortages = shortagesOf(lines, levels)
  if (shortages.length > 0) return { enough: false, shortages }

  const wantedBySku = sumBySku(lines)
  const whole = warehouses.find((warehouseId) =>
    [...wantedBySku].every(([sku, wanted]) => (free.get(keyOf({ sku, warehouseId })) ?? 0) >= wanted),
  )
  const order = whole === undefined ? warehouses : [whole]
  const allocations = lines.flatMap((line) => fill(line, { order, free }))
  return { enough: true, allocations }
}

/** The SKUs of which fewer can be promised than these lines want together. */
export function shortagesOf(lines: readonly Demand[], levels: readonly StockLevel[]): Shortage[] {
  const available = new Map<Sku, number>()
  for (const { sku, onHand, reserved } of levels) {
    available.set(sku, (available.get(sku) ?? 0) + Math.max(0, onHand - reserved))
  }
  return [...sumBySku(lines)]
    .map(([sku, wanted]) => ({ sku, wanted, available: available.get(sku) ?? 0 }))
    .filter((shortage) => shortage.available < shortage.wanted)
}

function fill(
  line: Demand,
  { order, free }: { order: readonly WarehouseId[]; free: Map<string, number> },
): Allocation[] {
  const allocations: Allocation[] = []
  let missing = line.quantity
  for (const warehouseId of order) {
    const key = keyOf({ sku: line.sku, warehouseId })
    const quantity = Math.min(missing, free.get(key) ?? 0)
    if (quantity === 0) continue
    free.set(key, (free.get(key) ?? 0) - quantity)
    allocations.push({ lineId: line.lineId, sku: line.sku, quantity, warehouseId })
    missing -= quantity
  }
  return allocations
}

function sumBySku(lines: readonly Demand[]): Map<Sku, number> {
  const sums = new Map<Sku, number>()
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  return sums
}

const keyOf = ({ sku, warehouseId }: { sku: Sku; warehouseId: WarehouseId }): string =>
  `${sku} ${warehouseId}`
