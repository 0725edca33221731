import type { RowFlaw } from '../domain/catalog/csv/cells.ts'
import { freeUnits } from '../domain/stock-changes.ts'
import type { LockedLevel } from '../domain/stock-changes.ts'
import type { StockChangeId } from '../domain/ids.ts'
import type { LevelRow } from '../domain/stock-files/levels.ts'
import type { OfferedItem, OfferRow } from '../domain/stock-files/offers.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'
import { announceStock, book, ensureLevels, lockForChange } from './stock-journal.ts'
import type { Booking, LevelKey } from './stock-journal.ts'
import { writeSettings } from './stock-levels.ts'
import type { LevelSettings } from './stock-levels.ts'
import { insertSupplier, itemsOf, putItem, suppliersNamed, updateSupplier } from './suppliers.ts'
import type { Supplier } from './suppliers.ts'

export interface Imported {
  /** Rows that changed something. */
  readonly changed: number
  readonly flaws: readonly RowFlaw[]
}

interface Signed {
  readonly id: StockChangeId
  readonly actor: string
  readonly cause: string
  readonly at: string
}

/** Does the work in one transaction, and takes it back when it was only to be tried, or when anything was wrong. */
async function tried(
  db: Db,
  { dryRun }: { dryRun: boolean },
  work: (trx: Db) => Promise<Imported>,
): Promise<Imported> {
  const trx = await db.transaction()
  try {
    const imported = await work(trx)
    await (dryRun || imported.flaws.length > 0 ? trx.rollback() : trx.commit())
    return imported
  } catch (error) {
    await trx.rollback()
    throw error
  }
}

/** Writes levels as a file says: all rows, or none when one cannot be. Levels that are missing are made; SKUs and warehouses exist. */
export async function importLevels(
  db: Db,
  { lines, signed, dryRun }: { lines: readonly LevelRow[]; signed: Signed; dryRun: boolean },
): Promise<Imported> {
  return tried(db, { dryRun }, async (trx) => {
    await ensureLevels(trx, { keys: lines, at: signed.at })
    const locked = new Map((await lockForChange(trx, lines)).map((level) => [keyOf(level), level]))
    const settings = new Map((await settingsOf(trx, lines)).map((each) => [keyOf(each), each]))
    const flaws: RowFlaw[] = []
    const bookings: Booking[] = []
    const changed = new Set<number>()
    for (const row of lines) {
      const [level, before] = [locked.get(keyOf(row)), settings.get(keyOf(row))]
      if (!level || !before) throw new Error(`${keyOf(row)} was made and is not there.`)
      const after = settingsAfter(row, before)
      flaws.push(...countFlaws(row, level), ...settingFlaws(row, after))
      const units = row.counted === null ? 0 : row.counted - level.onHand
      if (units !== 0) {
        const { id: source, actor, at } = signed
        const { sku, warehouseId } = row
        const line = { sku, warehouseId, condition: 'sellable', quantity: units, kind: 'counted' } as const
        bookings.push({ ...line, reason: 'imported count', actor, source, at })
      }
      if (units !== 0 || !same(before, after)) changed.add(row.line)
      if (flaws.length === 0 && !same(before, after)) await writeSettings(trx, { ...row, settings: after })
    }
    if (flaws.length > 0) return { changed: 0, flaws }
    await book(trx, bookings)
    if (bookings.length > 0) {
      const skus = bookings.map(({ sku }) => sku)
      const announcement = { type: 'Inventory Updated', subject: signed.id, cause: signed.cause } as const
      await announceStock(trx, { ...announcement, skus, about: { change: 'counted' } })
    }
    return { changed: changed.size, flaws }
  })
}

const keyOf = ({ sku, warehouseId }: LevelKey): string => `${sku} in ${warehouseId}`

async function settingsOf(trx: Db, keys: readonly LevelKey[]): Promise<(LevelSettings & LevelKey)[]> {
  return rows(
    trx,
    `select l.sku, l.warehouse_id as "warehouseId", l.safety_stock as "safetyStock", l.reorder_point as "reorderPoint",
            l.order_up_to as "orderUpTo", l.replenished
     from inventory.stock_levels as l
     where (l.sku, l.warehouse_id) in (
       select sku, "warehouseId" from jsonb_to_recordset(cast(:keys as jsonb)) as k (sku text, "warehouseId" text))`,
    { keys: JSON.stringify(keys.map(({ sku, warehouseId }) => ({ sku, warehouseId }))) },
  )
}

function settingsAfter(row: LevelRow, before: LevelSettings): LevelSettings {
  return {
    safetyStock: row.safetyStock ?? before.safetyStock,
    reorderPoint: row.reorderPoint === undefined ? before.reorderPoint : row.reorderPoint,
    orderUpTo: row.orderUpTo === undefined ? before.orderUpTo : row.orderUpTo,
    replenished: row.replenished ?? before.replenished,
  }
}

const same = (one: LevelSettings, other: LevelSettings): boolean =>
  one.safetyStock === other.safetyStock &&
  one.reorderPoint === other.reorderPoint &&
  one.orderUpTo === other.orderUpTo &&
  one.replenished === other.replenished

function countFlaws({ line, counted, seen }: LevelRow, level: LockedLevel): RowFlaw[] {
  const { onHand, reserved } = level
  // As it was counted already: the same file again, whatever it says was there before.
  if (counted === null || counted === onHand) return []
  if (seen !== null && seen !== onHand) {
    return [{ line, column: 'on_hand', detail: `There are ${onHand} now, not ${seen}: export it anew.` }]
  }
  if (onHand - counted <= freeUnits(level, 'sellable')) return []
  const detail = `${reserved} are promised to orders: book a count of its own, which tells whose goods are gone.`
  return [{ line, column: 'counted', detail }]
}

function settingFlaws({ line }: LevelRow, { reorderPoint, orderUpTo }: LevelSettings): RowFlaw[] {
  if (reorderPoint === null || orderUpTo === null || orderUpTo > reorderPoint) return []
  return [{ line, column: 'order_up_to', detail: `It must be more than the reorder point, ${reorderPoint}.` }]
}

/** Writes suppliers and what they sell as a file says: all rows, or none. What the file does not name stays as it is. */
export async function importOffers(
  db: Db,
  { lines, dryRun }: { lines: readonly OfferRow[]; dryRun: boolean },
): Promise<Imported> {
  return tried(db, { dryRun }, async (trx) => {
    const names = [...new Set(lines.map(({ supplier }) => supplier.name))]
    const known = new Map((await suppliersNamed(trx, names)).map((each) => [each.name.toLowerCase(), each]))
    const flaws: RowFlaw[] = []
    const changed = new Set<number>()
    for (const { line, supplier, item } of lines) {
      const before = known.get(supplier.name.toLowerCase())
      if (before && before.currency !== supplier.currency) {
        flaws.push({ line, column: 'currency', detail: `${before.name} asks for ${before.currency}.` })
        continue
      }
      const now = await putSupplier(trx, { before, after: supplier })
      known.set(supplier.name.toLowerCase(), now)
      if (now.version !== before?.version) changed.add(line)
      if (item && (await putOffer(trx, { supplier: now, item }))) changed.add(line)
    }
    return { changed: changed.size, flaws }
  })
}

async function putSupplier(
  trx: Db,
  { before, after }: { before: Supplier | undefined; after: OfferRow['supplier'] },
): Promise<Supplier> {
  if (!before) {
    const made = { id: newId('sup'), ...after }
    if (!(await insertSupplier(trx, made))) throw new Error(`Somebody made ${after.name} at this moment.`)
    return { ...made, version: 1 }
  }
  const { email, leadTimeDays, active } = after
  const untouched = before.email === email && before.leadTimeDays === leadTimeDays && before.active === active
  if (untouched) return before
  const version = await updateSupplier(trx, { ...before, email, leadTimeDays, active })
  if (typeof version !== 'number') throw new Error(`Somebody changed ${before.name} at this moment.`)
  return { ...before, email, leadTimeDays, active, version }
}

/** False: it was so before. */
async function putOffer(
  trx: Db,
  { supplier, item }: { supplier: Supplier; item: OfferedItem },
): Promise<boolean> {
  const [known] = await itemsOf(trx, { supplierId: supplier.id, skus: [item.sku] })
  const names = [
    'supplierSku',
    'unitCostMinor',
    'packSize',
    'minimumQuantity',
    'leadTimeDays',
    'rank',
  ] as const
  if (known && names.every((field) => known[field] === item[field])) return false
  await putItem(trx, { supplierId: supplier.id, ...item })
  return true
}
