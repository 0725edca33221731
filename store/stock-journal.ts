import type { Sku, WarehouseId } from '../domain/ids.ts'
import type { Condition, LockedLevel, MovementKind } from '../domain/stock-changes.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { availabilityOf } from './inventory.ts'
import { announce } from './outbox.ts'

/** Where a level stands: one SKU in one warehouse. */
export interface LevelKey {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
}

/** A line for the journal: so many units more (or fewer) of one condition. */
export interface Booking extends LevelKey {
  readonly condition: Condition
  readonly quantity: number
  readonly kind: MovementKind
  readonly reason: string | null
  readonly actor: string
  /** The id of what moved them: a change, a receipt, a shipment. The same source is booked once. */
  readonly source: string
  readonly at: string
}

const byKey = (one: LevelKey, other: LevelKey): number =>
  one.sku < other.sku || (one.sku === other.sku && one.warehouseId < other.warehouseId) ? -1 : 1

/** Makes the levels that are missing, empty. Their warehouses must exist. */
export async function ensureLevels(
  trx: Db,
  { keys, at }: { keys: readonly LevelKey[]; at: string },
): Promise<void> {
  await changed(
    trx,
    `insert into inventory.stock_levels (sku, warehouse_id, on_hand, stocked_since)
     select sku, "warehouseId", 0, cast(:at as timestamptz)
     from jsonb_to_recordset(cast(:keys as jsonb)) as k (sku text, "warehouseId" text)
     on conflict do nothing`,
    { keys: JSON.stringify([...keys].sort(byKey)), at },
  )
}

/** Those of the keys whose SKU no warehouse keeps. */
export async function keysWithoutLevel<Key extends LevelKey>(db: Db, keys: readonly Key[]): Promise<Key[]> {
  const kept = await rows<{ sku: Sku }>(
    db,
    `select distinct sku from inventory.stock_levels where sku = any(:skus)`,
    { skus: keys.map(({ sku }) => sku) },
  )
  const known = new Set(kept.map(({ sku }) => sku))
  return keys.filter(({ sku }) => !known.has(sku))
}

/** Sellable units on hand over all warehouses, promised ones included; a SKU that nobody keeps is not in the answer. */
export async function onHandOf(db: Db, skus: readonly Sku[]): Promise<Map<Sku, number>> {
  const found = await rows<{ sku: Sku; units: number }>(
    db,
    `select sku, sum(on_hand) as units from inventory.stock_levels where sku = any(:skus) group by sku`,
    { skus: [...skus] },
  )
  return new Map(found.map(({ sku, units }) => [sku, units]))
}

/** Locks these levels until the transaction ends, in the one order in which everybody locks them. Those that are missing are left out. */
export async function lockForChange(trx: Db, keys: readonly LevelKey[]): Promise<LockedLevel[]> {
  return rows<LockedLevel>(
    trx,
    `select l.sku, l.warehouse_id as "warehouseId", l.on_hand as "onHand", l.reserved, l.quarantined, l.damaged
     from inventory.stock_levels as l
     where (l.sku, l.warehouse_id) in (
       select sku, "warehouseId" from jsonb_to_recordset(cast(:keys as jsonb)) as k (sku text, "warehouseId" text))
     order by l.sku, l.warehouse_id
     for update`,
    { keys: JSON.stringify(keys) },
  )
}

/** Whether something has been booked from this source before: a repeat then finds its work done. */
export async function isBooked(trx: Db, source: string): Promise<boolean> {
  const found = await rows(trx, `select 1 from inventory.stock_movements where source = :source limit 1`, {
    source,
  })
  return found.length > 0
}

/** Writes lines into the journal and moves the counters by the same units. The levels exist, and are locked by the caller. */
export async function book(trx: Db, bookings: readonly Booking[]): Promise<void> {
  const moving = bookings.filter(({ quantity }) => quantity !== 0)
  if (moving.length === 0) return
  await changed(
    trx,
    `with moved as (
       select * from jsonb_to_recordset(cast(:moving as jsonb)) as b (
         sku text, "warehouseId" text, condition text, quantity integer, kind text, reason text, actor text, source text,
         at timestamptz)
     ), booked as (
       insert into inventory.stock_movements (sku, warehouse_id, condition, quantity, kind, reason, actor, source, at)
       select sku, "warehouseId", condition, quantity, kind, reason, actor, source, at from moved
     ), sums as (
       select sku, "warehouseId",
              coalesce(sum(quantity) filter (where condition = 'sellable'), 0) as sellable,
              coalesce(sum(quantity) filter (where condition = 'quarantined'), 0) as quarantined,
              coalesce(sum(quantity) filter (where condition = 'damaged'), 0) as damaged
       from moved group by sku, "warehouseId"
     )
     update inventory.stock_levels as l
     set on_hand = l.on_hand + sums.sellable,
         quarantined = l.quarantined + sums.quarantined,
         damaged = l.damaged + sums.damaged,
         version = l.version + 1
     from sums where l.sku = sums.sku and l.warehouse_id = sums."warehouseId"`,
    { moving: JSON.stringify(moving) },
  )
}

/** Announces what can be promised of these SKUs from now on. `about` is the id of what changed it. */
export async function announceStock(
  trx: Db,
  change: {
    type: 'Inventory Updated' | 'Stock Updated'
    subject: string
    skus: readonly Sku[]
    cause: string
    about: Readonly<Record<string, unknown>>
  },
): Promise<void> {
  const { type, subject, cause, about } = change
  const skus = [...new Set(change.skus)].sort()
  const available = await availabilityOf(trx, skus)
  const levels = skus.map((sku) => ({ sku, available: available.get(sku) ?? 0 }))
  const at = new Date().toISOString()
  await announce(trx, {
    schema: 'inventory',
    events: [{ type, subject, at, cause, data: { ...about, levels } }],
  })
}

/** A line of the journal as people read it. */
export interface Movement extends Booking {
  readonly position: number
}

/** The journal, newest first; `before` is the last position of the page before. */
export async function listMovements(
  db: Db,
  filter: {
    sku?: string | undefined
    warehouseId?: string | undefined
    kind?: MovementKind | undefined
    before?: number | undefined
    limit: number
  },
): Promise<Movement[]> {
  const { sku, warehouseId, kind, before, limit } = filter
  return rows<Movement>(
    db,
    `select position, sku, warehouse_id as "warehouseId", condition, quantity, kind, reason, actor, source, at
     from inventory.stock_movements
     where (cast(:sku as text) is null or sku = :sku)
       and (cast(:warehouseId as text) is null or warehouse_id = :warehouseId)
       and (cast(:kind as text) is null or kind = :kind)
       and (cast(:before as bigint) is null or position < :before)
     order by position desc
     limit :limit`,
    { sku: sku ?? null, warehouseId: warehouseId ?? null, kind: kind ?? null, before: before ?? null, limit },
  )
}
