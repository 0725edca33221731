import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { ListedLevel } from '../../store/stock-listing.ts'
import { named, Page } from './common.ts'

const StockLevel = named(
  'StockLevel',
  Type.Object({
    sku: Type.String(),
    warehouse_id: Type.String(),
    on_hand: Type.Integer({ description: 'Units that stand there' }),
    reserved: Type.Integer({ description: 'Units that are promised to orders' }),
    available: Type.Integer({ description: 'Units that can still be promised' }),
    safety_stock: Type.Integer(),
    version: Type.Integer(),
  }),
)

export const StockLevelList = named(
  'StockLevelList',
  Type.Object({ data: Type.Array(StockLevel.ref), page: Page.ref }),
)

export const stockSchemas: readonly TSchema[] = [StockLevel, StockLevelList].map(({ schema }) => schema)

export function stockLevelView(level: ListedLevel): Static<typeof StockLevel.schema> {
  return {
    sku: level.sku,
    warehouse_id: level.warehouseId,
    on_hand: level.onHand,
    reserved: level.reserved,
    available: Math.max(0, level.onHand - level.reserved),
    safety_stock: level.safetyStock,
    version: level.version,
  }
}
