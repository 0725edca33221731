import type { OrderId, Sku } from '../domain/ids.ts'
import type { Allocation, Holder, StockLevel } from '../domain/inventory.ts'
import { breaks, changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'

/** Units of each SKU that can still be promised, over all warehouses. A SKU that we do not keep is not in the answer. */
export async function availabilityOf(db: Db, skus: readonly Sku[]): Promise<Map<Sku, number>> {
  const found = await rows<{ sku: Sku; available: number }>(
    db,
    `select sku, sum(greatest(on_hand - reserved, 0)) as available
     from inventory.stock_levels where sku = any(:skus) group by sku`,
    { skus: [...skus] },
  )
  return new Map(found.map(({ sku, available }) => [sku, available]))
}

/** The levels of these SKUs, in the order in which warehouses are preferred. */
export async function readLevels(db: Db, skus: readonly Sku[]): Promise<StockLevel[]> {
  return rows<StockLevel>(db, levelsOf(''), { skus: [...skus] })
}

/**
 * The same, locked until the transaction ends. Rows are locked in (SKU, warehouse) order, so two orders that share SKUs wait for each
 * other instead of deadlocking.
 */
export async function lockLevels(trx: Db, skus: readonly Sku[]): Promise<StockLevel[]> {
  return rows<StockLevel>(trx, levelsOf('for update'), { skus: [...skus] })
}

const levelsOf = (lock: '' | 'for update'): string => `
  with found as (
    select sku, warehouse_id, on_hand, reserved
    from inventory.stock_levels where sku = any(:skus)
    order by sku, warehouse_id
    ${lock}
  )
  select l.sku, l.warehouse_id as "warehouseId", l.on_hand as "onHand", l.reserved
  from found as l join inventory.warehouses as w on w.id = l.warehouse_id
  order by w.rank, w.id, l.sku`

export type HoldStatus = 'held' | 'committed' | 'released'

export interface Reserve {
  readonly orderId: Holder
  /** Of what is sent again: the order whose it is. */
  readonly reshipOf?: OrderId | undefined
  readonly deadline: string
  readonly allocations: readonly Allocation[]
}

/** `known`: the door was made before, by an earlier run or by a release. `too_slow`: others took what was free when it was planned. */
export type Reserved = 'done' | 'known' | 'too_slow'

/**
 * Makes the door of an order, books its reservations and raises the counters by the same units: all or nothing, in one statement, so
 * that no lock outlives a round trip. The door comes first, then the levels in the order of `lockLevels`. A plan may be out of date:
 * the levels themselves never promise more than there is.
 */
export async function reserve(db: Db, { allocations, reshipOf, ...hold }: Reserve): Promise<Reserved> {
  try {
    const made = await rows(db, reserveAll, {
      ...hold,
      reshipOf: reshipOf ?? null,
      allocations: JSON.stringify(allocations),
    })
    return made.length === 1 ? 'done' : 'known'
  } catch (error) {
    if (breaks(error, 'never_promise_more_than_we_hold')) return 'too_slow'
    throw error
  }
}

const reserveAll = `
  with door as (
    insert into inventory.holds (order_id, status, deadline, reship_of) values (:orderId, 'held', :deadline, :reshipOf)
    on conflict do nothing
    returning order_id
  ), reserved as (
    insert into inventory.reservations (order_id, line_id, sku, warehouse_id, quantity, status)
    select door.order_id, a."lineId", a.sku, a."warehouseId", a.quantity, 'held'
    from door, jsonb_to_recordset(cast(:allocations as jsonb)) as a
      ("lineId" text, sku text, "warehouseId" text, quantity integer)
    returning sku, warehouse_id, quantity
  ), wanted as (
    select sku, warehouse_id, sum(quantity) as quantity from reserved group by sku, warehouse_id
  ), locked as (
    select sku, warehouse_id from inventory.stock_levels
    where (sku, warehouse_id) in (select sku, warehouse_id from wanted)
    order by sku, warehouse_id
    for update
  ), raised as (
    update inventory.stock_levels as l set reserved = l.reserved + wanted.quantity, version = l.version + 1
    from wanted join locked using (sku, warehouse_id)
    where l.sku = wanted.sku and l.warehouse_id = wanted.warehouse_id
  )
  select order_id from door`

/** Puts off the end of a hold; it never comes nearer. False: nothing is held for this order. */
export async function extendHold(
  db: Db,
  { orderId, deadline }: { orderId: Holder; deadline: string },
): Promise<boolean> {
  const held = await changed(
    db,
    `update inventory.holds set deadline = greatest(deadline, cast(:deadline as timestamptz))
     where order_id = :orderId and status = 'held'`,
    { orderId, deadline },
  )
  return held === 1
}

/** The state of an order's door, locked until the transaction ends. */
export async function lockHold(trx: Db, orderId: Holder): Promise<HoldStatus | null> {
  const [hold] = await rows<{ status: HoldStatus }>(
    trx,
    `select status from inventory.holds where order_id = :orderId for update`,
    { orderId },
  )
  return hold?.status ?? null
}

export async function readAllocations(db: Db, orderId: Holder): Promise<Allocation[]> {
  return rows<Allocation>(
    db,
    `select line_id as "lineId", sku, warehouse_id as "warehouseId", quantity
     from inventory.reservations where order_id = :orderId and status in ('held', 'committed')
     order by line_id, warehouse_id`,
    { orderId },
  )
}

/**
 * Takes the deadline away: held stock becomes promised stock, and what can be promised of each SKU from now on is announced, in one
 * statement. False: the order's door is not one that holds.
 */
export async function commitHold(
  db: Db,
  { orderId, at, cause }: { orderId: Holder; at: string; cause: string },
): Promise<boolean> {
  const committed = await rows(
    db,
    `with committed as (
       update inventory.holds set status = 'committed', deadline = null
       where order_id = :orderId and status = 'held'
       returning order_id
     ), goods as (
       update inventory.reservations as r set status = 'committed'
       from committed where r.order_id = committed.order_id and r.status = 'held'
       returning r.sku
     ), levels as (
       select sku, sum(greatest(on_hand - reserved, 0)) as available
       from inventory.stock_levels where sku in (select sku from goods) group by sku
     ), announced as (
       insert into inventory.outbox (event_id, type, subject, at, cause, data)
       select :eventId, 'Inventory Updated', order_id, cast(:at as timestamptz), :cause,
              jsonb_build_object('orderId', order_id, 'levels',
                (select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'available', available) order by sku), '[]') from levels))
       from committed
     )
     select order_id from committed`,
    { orderId, at, cause, eventId: newId('evt') },
  )
  return committed.length === 1
}

/** Shuts the order's door for good, making it if nobody has. Answers whether it was open before. */
export async function shutHold(trx: Db, orderId: Holder): Promise<HoldStatus | null> {
  const made = await changed(
    trx,
    `insert into inventory.holds (order_id, status) values (:orderId, 'released') on conflict do nothing`,
    { orderId },
  )
  if (made === 1) return null
  const before = await lockHold(trx, orderId)
  await changed(
    trx,
    `update inventory.holds set status = 'released', deadline = null where order_id = :orderId`,
    { orderId },
  )
  return before
}

/** Lets go of all that is reserved for an order and lowers the counters by the same units. */
export async function releaseReservations(trx: Db, orderId: Holder): Promise<void> {
  await changed(
    trx,
    `with released as (
       update inventory.reservations set status = 'released'
       where order_id = :orderId and status in ('held', 'committed')
       returning sku, warehouse_id, quantity
     ), sums as (
       select sku, warehouse_id, sum(quantity) as quantity from released group by sku, warehouse_id
     )
     update inventory.stock_levels as l
     set reserved = l.reserved - sums.quantity, version = l.version + 1
     from sums where l.sku = sums.sku and l.warehouse_id = sums.warehouse_id`,
    { orderId },
  )
}

/** Units of an order that left a warehouse: `on_hand` and `reserved` fall together, and the journal says so. */
export async function handOver(
  trx: Db,
  move: {
    orderId: Holder
    warehouseId: string
    lineIds: readonly string[]
    shipmentId: string
    at: string
  },
): Promise<void> {
  await changed(
    trx,
    `with gone as (
       update inventory.reservations set status = 'handed_over'
       where order_id = :orderId and warehouse_id = :warehouseId and line_id = any(:lineIds) and status = 'committed'
       returning sku, warehouse_id, quantity
     ), sums as (
       select sku, warehouse_id, sum(quantity)::integer as quantity from gone group by sku, warehouse_id
     ), booked as (
       insert into inventory.stock_movements (sku, warehouse_id, quantity, kind, actor, source, at)
       select sku, warehouse_id, -quantity, 'shipped', 'system', :shipmentId, :at from sums
       returning sku
     )
     update inventory.stock_levels as l
     set on_hand = l.on_hand - sums.quantity, reserved = l.reserved - sums.quantity, version = l.version + 1
     from sums where l.sku = sums.sku and l.warehouse_id = sums.warehouse_id`,
    { ...move, lineIds: [...move.lineIds] },
  )
}
