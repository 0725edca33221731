import type { StockLevel } from '../domain/inventory.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** A level as people see it: with what is kept back, and the version for whoever changes it. */
export interface ListedLevel extends StockLevel {
  readonly safetyStock: number
  readonly version: number
}

/** Levels by SKU and warehouse; `after` is the last row of the page before. A SKU may stand in several warehouses: both are the key. */
export async function listStockLevels(
  db: Db,
  { after, limit }: { after?: { sku: string; warehouseId: string } | undefined; limit: number },
): Promise<ListedLevel[]> {
  return rows<ListedLevel>(
    db,
    `select sku, warehouse_id as "warehouseId", on_hand as "onHand", reserved, safety_stock as "safetyStock", version
     from inventory.stock_levels
     where (sku, warehouse_id) > (:sku, :warehouseId)
     order by sku, warehouse_id
     limit :limit`,
    { sku: after?.sku ?? '', warehouseId: after?.warehouseId ?? '', limit },
  )
}
