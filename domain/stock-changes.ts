import type { OrderId, OrderLineId, Sku, WarehouseId } from './ids.ts'
import { Refusal } from './refusals.ts'

/** In which condition units are. Only sellable ones are on hand, and only those are ever promised. */
export const conditions = ['sellable', 'quarantined', 'damaged'] as const
export type Condition = (typeof conditions)[number]

/** Why a line stands in the journal. */
export const movementKinds = [
  'received',
  'shipped',
  'returned',
  'adjusted',
  'counted',
  'transferred',
  'regraded',
] as const
export type MovementKind = (typeof movementKinds)[number]

/** A level as it is locked for a change. */
export interface LockedLevel {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly onHand: number
  readonly reserved: number
  readonly quarantined: number
  readonly damaged: number
}

/** Units of one condition. */
export function unitsOf(level: LockedLevel, condition: Condition): number {
  return condition === 'sellable' ? level.onHand : level[condition]
}

/** Units of one condition that may be taken away: what is promised to orders may not. */
export function freeUnits(level: LockedLevel, condition: Condition): number {
  return condition === 'sellable' ? level.onHand - level.reserved : level[condition]
}

/**
 * Refuses what was decided on numbers that are not true any more: somebody sold, shipped or counted meanwhile. `seen` is what the
 * caller saw; undefined: he did not say.
 */
export function refuseStale(level: LockedLevel, seen: number | undefined, condition: Condition): void {
  const units = unitsOf(level, condition)
  if (seen === undefined || seen === units) return
  throw new Refusal(
    'stock.changed',
    `There are ${units} now, not ${seen}: look again before you change it.`,
    {
      ...keyOf(level),
      condition,
      expected: seen,
      present: units,
    },
  )
}

/** Refuses to take away more than is free. */
export function refuseMoreThanFree(
  level: LockedLevel,
  { condition, wanted }: { condition: Condition; wanted: number },
): void {
  const free = freeUnits(level, condition)
  if (wanted <= free) return
  const promised = condition === 'sellable' && level.reserved > 0
  const detail = promised
    ? `Only ${free} are free; ${level.reserved} are promised to orders. If they are not there at all, book a count.`
    : `Only ${free} are there.`
  throw new Refusal('stock.insufficient', detail, {
    shortages: [{ ...keyOf(level), wanted, available: free }],
  })
}

/** A live reservation that a count may take away. */
export interface LiveReservation {
  readonly orderId: OrderId
  readonly lineId: OrderLineId
  readonly quantity: number
}

/**
 * Whose reservations go when fewer units are there than were promised: the newest orders', whole lines of them, until the rest can
 * be kept. `newestFirst` must be so. Who came first is served first, and no order is left with half a line that nobody packs.
 */
export function reservationsToTake(
  newestFirst: readonly LiveReservation[],
  { missing }: { missing: number },
): LiveReservation[] {
  const taken: LiveReservation[] = []
  let left = missing
  for (const reservation of newestFirst) {
    if (left <= 0) break
    taken.push(reservation)
    left -= reservation.quantity
  }
  return taken
}

const keyOf = ({ sku, warehouseId }: LockedLevel) => ({ sku, warehouseId })
