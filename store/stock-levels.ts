import type { LevelKey } from './stock-journal.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** What an admin decides about a level: how much is kept back, when it is ordered anew, and up to how much. */
export interface LevelSettings {
  readonly safetyStock: number
  /** Null: worked out from sales, lead time and safety stock. */
  readonly reorderPoint: number | null
  /** Null: as many as last for the days that the shop orders ahead. */
  readonly orderUpTo: number | null
  /** False: it is not ordered any more. */
  readonly replenished: boolean
}

/** Changes the settings of a level that still have this version; null: somebody else was faster, or there is no such level. */
export async function updateSettings(
  db: Db,
  { sku, warehouseId, settings, version }: LevelKey & { settings: LevelSettings; version: number },
): Promise<number | null> {
  const [row] = await rows<{ version: number }>(
    db,
    `update inventory.stock_levels
     set safety_stock = :safetyStock, reorder_point = :reorderPoint, order_up_to = :orderUpTo, replenished = :replenished,
         settings_version = settings_version + 1
     where sku = :sku and warehouse_id = :warehouseId and settings_version = :version
     returning settings_version as version`,
    { sku, warehouseId, version, ...settings },
  )
  return row?.version ?? null
}

/** Writes settings whatever their version, as an import does. */
export async function writeSettings(
  trx: Db,
  { sku, warehouseId, settings }: LevelKey & { settings: LevelSettings },
): Promise<void> {
  await changed(
    trx,
    `update inventory.stock_levels
     set safety_stock = :safetyStock, reorder_point = :reorderPoint, order_up_to = :orderUpTo, replenished = :replenished,
         settings_version = settings_version + 1
     where sku = :sku and warehouse_id = :warehouseId`,
    { sku, warehouseId, ...settings },
  )
}
