import { sku, warehouseId } from '../ids.ts'
import type { Sku, WarehouseId } from '../ids.ts'
import { mostUnits } from '../replenishment.ts'
import { yesOrNo } from '../catalog/csv/cells.ts'
import { name, needed, readRow, upTo } from './cells.ts'
import type { FileLine, ReadRow } from './cells.ts'

/**
 * The columns of a file of stock levels. `counted` is what somebody counted: blank in an export, and blank means that nobody did.
 * `on_hand` is what the file's author saw: a count is refused when there are as many no more. `incoming` is for reading.
 */
export const levelColumns = [
  'sku',
  'warehouse_id',
  'on_hand',
  'counted',
  'reserved',
  'incoming',
  'safety_stock',
  'reorder_point',
  'order_up_to',
  'replenished',
] as const
export const neededLevelColumns = ['sku', 'warehouse_id'] as const

/** What a row says. What its file has no column for is undefined, and stays as it is. */
export interface LevelRow {
  readonly line: number
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly counted: number | null
  readonly seen: number | null
  readonly safetyStock: number | undefined
  /** Null: worked out from what is sold. */
  readonly reorderPoint: number | null | undefined
  readonly orderUpTo: number | null | undefined
  readonly replenished: boolean | undefined
}

export function readLevel(source: FileLine): ReadRow<LevelRow> {
  return readRow(source, (cell) => ({
    line: source.line,
    sku: sku(cell('sku', needed(name)) ?? ''),
    warehouseId: warehouseId(cell('warehouse_id', needed(name)) ?? ''),
    counted: cell('counted', upTo()) ?? null,
    seen: cell('on_hand', upTo()) ?? null,
    safetyStock: cell('safety_stock', upTo()) ?? undefined,
    reorderPoint: cell('reorder_point', upTo()),
    orderUpTo: cell('order_up_to', upTo(mostUnits, 1)),
    replenished: cell('replenished', yesOrNo) ?? undefined,
  }))
}

interface Level {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly onHand: number
  readonly reserved: number
  readonly incoming: number
  readonly safetyStock: number
  readonly reorderPoint: number | null
  readonly orderUpTo: number | null
  readonly replenished: boolean
}

/** A level in the order of `levelColumns`. */
export function levelCells(level: Level): string[] {
  const { sku: code, warehouseId: place, onHand, reserved, incoming, safetyStock } = level
  const { reorderPoint, orderUpTo, replenished } = level
  const cells = [
    code,
    place,
    onHand,
    '',
    reserved,
    incoming,
    safetyStock,
    reorderPoint,
    orderUpTo,
    replenished,
  ]
  return cells.map((cell) => (cell === null ? '' : String(cell)))
}
