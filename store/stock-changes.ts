import type { StockChangeId, WarehouseId } from '../domain/ids.ts'
import type { OrderId, Sku } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import { refuseMoreThanFree, refuseStale, reservationsToTake } from '../domain/stock-changes.ts'
import type { Condition, LiveReservation, LockedLevel } from '../domain/stock-changes.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { announce } from './outbox.ts'
import { announceStock, book, ensureLevels, isBooked, lockForChange } from './stock-journal.ts'
import type { LevelKey } from './stock-journal.ts'
import { warehousesThatAreMissing } from './warehouses.ts'

/**
 * What people do to stock, each in one transaction with its lines in the journal and its event. A change is named by its id: one that
 * comes again finds its lines and does nothing.
 */
interface Change {
  readonly id: StockChangeId
  readonly reason: string | null
  readonly actor: string
  /** The request that asks for it. */
  readonly cause: string
  readonly at: string
}

/** So many units more, or fewer. `seen` is how many there were when this was decided. */
export async function adjustStock(
  db: Db,
  change: Change & LevelKey & { condition: Condition; quantity: number; seen?: number | undefined },
): Promise<void> {
  const { condition, quantity, seen } = change
  await changeLevel(db, change, async (trx, level) => {
    refuseStale(level, seen, condition)
    refuseMoreThanFree(level, { condition, wanted: -quantity })
    await book(trx, [{ ...lineOf(change), condition, quantity, kind: 'adjusted' }])
    await announceStock(trx, { ...announcementOf(change), about: { change: 'adjusted' } })
  })
}

/** What somebody counted on the shelf. Answers whose reservations had to go, because there are fewer units than were promised. */
export async function countStock(
  db: Db,
  change: Change & LevelKey & { counted: number; seen?: number | undefined },
): Promise<{ taken: readonly LiveReservation[] }> {
  const { counted, seen, sku, warehouseId } = change
  const taken = await changeLevel(db, change, async (trx, level) => {
    refuseStale(level, seen, 'sellable')
    const missing = level.reserved - counted
    const gone = missing > 0 ? await takeReservations(trx, { sku, warehouseId, missing }) : []
    const quantity = counted - level.onHand
    await book(trx, [{ ...lineOf(change), condition: 'sellable', quantity, kind: 'counted' }])
    await announceTaken(trx, change, gone)
    if (quantity !== 0) await announceStock(trx, { ...announcementOf(change), about: { change: 'counted' } })
    return gone
  })
  return { taken: taken ?? [] }
}

/** Moves sellable units to another warehouse; only what is not promised from the first. */
export async function transferStock(
  db: Db,
  change: Change & { sku: Sku; from: WarehouseId; to: WarehouseId; quantity: number },
): Promise<void> {
  const { sku, from, to, quantity, at } = change
  const [missing] = await warehousesThatAreMissing(db, [from, to])
  if (missing !== undefined) throw unknownWarehouse(missing)
  await db.transaction(async (trx) => {
    const [here, there] = [from, to].map((warehouseId) => ({ sku, warehouseId }))
    if (!here || !there) return
    await ensureLevels(trx, { keys: [there], at })
    const level = (await lockForChange(trx, [here, there])).find(({ warehouseId }) => warehouseId === from)
    if (!level) throw noSuchLevel(here)
    if (await isBooked(trx, change.id)) return
    refuseMoreThanFree(level, { condition: 'sellable', wanted: quantity })
    const line = { ...lineOf({ ...change, ...here }), condition: 'sellable', kind: 'transferred' } as const
    await book(trx, [
      { ...line, quantity: -quantity },
      { ...line, ...there, quantity },
    ])
    await announceStock(trx, { ...announcementOf(change), about: { change: 'transferred' } })
  })
}

/** Moves units to another condition: into quarantine, out of it, to the damaged ones. */
export async function regradeStock(
  db: Db,
  change: Change & LevelKey & { from: Condition; to: Condition; quantity: number; seen?: number | undefined },
): Promise<void> {
  const { from, to, quantity, seen } = change
  await changeLevel(db, change, async (trx, level) => {
    refuseStale(level, seen, from)
    refuseMoreThanFree(level, { condition: from, wanted: quantity })
    const line = { ...lineOf(change), kind: 'regraded' } as const
    await book(trx, [
      { ...line, condition: from, quantity: -quantity },
      { ...line, condition: to, quantity },
    ])
    await announceStock(trx, { ...announcementOf(change), about: { change: 'regraded' } })
  })
}

/** With the level locked, in one transaction; undefined: this change was booked before, and nothing is done. */
async function changeLevel<Result>(
  db: Db,
  change: Change & LevelKey,
  work: (trx: Db, level: LockedLevel) => Promise<Result>,
): Promise<Result | undefined> {
  return db.transaction(async (trx) => {
    const level = await lockedLevel(trx, change)
    return (await isBooked(trx, change.id)) ? undefined : work(trx, level)
  })
}

/** One event for each order whose goods a count took away: somebody has to look at it. */
async function announceTaken(
  trx: Db,
  { id: changeId, sku, warehouseId, cause }: Change & LevelKey,
  taken: readonly LiveReservation[],
): Promise<void> {
  const at = new Date().toISOString()
  await announce(trx, {
    schema: 'inventory',
    events: taken.map(({ orderId, lineId, quantity }) => ({
      ...{ type: 'Reservation Taken', subject: orderId, at, cause },
      data: { orderId, lineId, sku, warehouseId, quantity, changeId },
    })),
  })
}

async function lockedLevel(trx: Db, key: LevelKey): Promise<LockedLevel> {
  const [level] = await lockForChange(trx, [{ sku: key.sku, warehouseId: key.warehouseId }])
  if (!level) throw noSuchLevel(key)
  return level
}

/** Takes the newest orders' reservations of a locked level away, and lowers the counter by the same units. */
async function takeReservations(
  trx: Db,
  { sku, warehouseId, missing }: LevelKey & { missing: number },
): Promise<LiveReservation[]> {
  const newestFirst = await rows<LiveReservation>(
    trx,
    `select r.order_id as "orderId", r.line_id as "lineId", r.quantity
     from inventory.reservations as r join inventory.holds as h on h.order_id = r.order_id
     where r.sku = :sku and r.warehouse_id = :warehouseId and r.status in ('held', 'committed')
     order by h.at desc, r.order_id desc, r.line_id desc`,
    { sku, warehouseId },
  )
  const taken = reservationsToTake(newestFirst, { missing })
  const names: [OrderId, string][] = taken.map(({ orderId, lineId }) => [orderId, lineId])
  await changed(
    trx,
    `with gone as (
       update inventory.reservations as r set status = 'taken'
       from jsonb_to_recordset(cast(:names as jsonb)) as n (order_id text, line_id text)
       where r.order_id = n.order_id and r.line_id = n.line_id and r.warehouse_id = :warehouseId
         and r.status in ('held', 'committed')
       returning r.quantity
     )
     update inventory.stock_levels
     set reserved = reserved - (select coalesce(sum(quantity), 0) from gone), version = version + 1
     where sku = :sku and warehouse_id = :warehouseId`,
    {
      sku,
      warehouseId,
      names: JSON.stringify(names.map(([order_id, line_id]) => ({ order_id, line_id }))),
    },
  )
  return taken
}

const lineOf = ({ sku, warehouseId, reason, actor, id, at }: Change & LevelKey) => ({
  ...{ sku, warehouseId, reason, actor, at },
  source: id,
})

const announcementOf = ({ sku, cause }: Change & { sku: Sku }) =>
  ({ type: 'Inventory Updated', subject: sku, skus: [sku], cause }) as const

const noSuchLevel = ({ sku, warehouseId }: LevelKey): Refusal =>
  new Refusal('stock.level_not_found', `The warehouse ${warehouseId} does not keep ${sku}.`, {
    sku,
    warehouseId,
  })

export const unknownWarehouse = (id: string): Refusal =>
  new Refusal('warehouse.unknown', `There is no warehouse ${id}.`, { warehouseId: id })
