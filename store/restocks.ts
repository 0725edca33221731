import type { OrderId, OrderLineId, RestockId, Sku, WarehouseId } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import type { Condition } from '../domain/stock-changes.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { lockHold } from './inventory.ts'
import { announce } from './outbox.ts'
import { unknownWarehouse } from './stock-changes.ts'
import { announceStock, book, ensureLevels, lockForChange } from './stock-journal.ts'
import { warehousesThatAreMissing } from './warehouses.ts'

export interface Restock {
  readonly restockId: RestockId
  readonly orderId: OrderId
  readonly lineId: OrderLineId
  readonly quantity: number
  readonly condition: Condition
  /** Null: the warehouse from which most of them were sent. */
  readonly warehouseId: WarehouseId | null
  /** How many units of the line may be sold again, by the order's money (`domain/restocks.ts`). */
  readonly resellable: number
  readonly reason: string
  readonly actor: string
  readonly cause: string
  readonly at: string
}

/**
 * Takes units that had left back into stock, by an admin's word: a signed line in the journal, and its events. The id is ours, so asking
 * twice does it once. Refuses with `restock.too_many` (more than left and have not come back), `restock.money_first` (sellable, but
 * their money has not gone back), `warehouse.unknown`. Answers what came where.
 */
export async function restock(
  db: Db,
  asked: Restock,
): Promise<{ sku: Sku; warehouseId: WarehouseId; condition: Condition; quantity: number }> {
  const { restockId, orderId, lineId, quantity, condition, reason, actor, cause, at } = asked
  return db.transaction(async (trx) => {
    await lockHold(trx, orderId)
    const [known] = await rows<{
      sku: Sku
      warehouseId: WarehouseId
      condition: Condition
      quantity: number
    }>(
      trx,
      `select sku, warehouse_id as "warehouseId", condition, quantity from inventory.restocks where id = :restockId`,
      { restockId },
    )
    if (known) return known
    const goods = await roomFor(trx, asked)
    const warehouseId = asked.warehouseId ?? goods.warehouseId
    const [missing] = await warehousesThatAreMissing(trx, [warehouseId])
    if (missing !== undefined) throw unknownWarehouse(missing)
    const { sku } = goods
    const key = { sku, warehouseId }
    await ensureLevels(trx, { keys: [key], at })
    await lockForChange(trx, [key])
    await changed(
      trx,
      `insert into inventory.restocks
         (id, order_id, line_id, sku, warehouse_id, condition, quantity, reason, actor, cause, at)
       values (:restockId, :orderId, :lineId, :sku, :warehouseId, :condition, :quantity, :reason, :actor, :cause, :at)`,
      { restockId, orderId, lineId, sku, warehouseId, condition, quantity, reason, actor, cause, at },
    )
    const line = {
      ...key,
      condition,
      quantity,
      kind: 'returned',
      reason,
      actor,
      source: restockId,
      at,
    } as const
    await book(trx, [line])
    const about = { change: 'returned', orderId }
    await announceStock(trx, { type: 'Inventory Updated', subject: sku, skus: [sku], cause, about })
    const data = { orderId, restockId, lineId, sku, warehouseId, condition, quantity, reason }
    const event = { type: 'Goods Returned', subject: orderId, at, cause, data } as const
    await announce(trx, { schema: 'inventory', events: [event] })
    return { ...key, condition, quantity }
  })
}

/** What left of the line, where most of it was sent from. Throws where there is no room for so many units more. */
async function roomFor(trx: Db, asked: Restock): Promise<{ sku: Sku; warehouseId: WarehouseId }> {
  const { orderId, lineId, quantity, condition, resellable } = asked
  const left = await rows<{ sku: Sku; warehouseId: WarehouseId; units: number }>(
    trx,
    `select r.sku, r.warehouse_id as "warehouseId", sum(r.quantity) as units
     from inventory.reservations as r join inventory.holds as h using (order_id)
     where (h.order_id = :orderId or h.reship_of = :orderId) and r.line_id = :lineId and r.status = 'handed_over'
     group by r.sku, r.warehouse_id order by units desc, r.warehouse_id`,
    { orderId, lineId },
  )
  const [back] = await rows<{ all: number; sellable: number }>(
    trx,
    `select coalesce(sum(quantity), 0) as all,
            coalesce(sum(quantity) filter (where condition = 'sellable'), 0) as sellable
     from inventory.restocks where order_id = :orderId and line_id = :lineId`,
    { orderId, lineId },
  )
  const shipped = left.reduce((sum, { units }) => sum + units, 0)
  const facts = { orderId, lineId, quantity }
  const [goods] = left
  if (!goods || (back?.all ?? 0) + quantity > shipped) {
    const detail = 'So many of this line have not left, or have come back already.'
    throw new Refusal('restock.too_many', detail, { ...facts, shipped, restocked: back?.all ?? 0 })
  }
  if (condition === 'sellable' && (back?.sellable ?? 0) + quantity > resellable) {
    const detail =
      'Their money has not gone back to the customer yet, nor were others sent in their place. Refund these lines first, or take ' +
      'them back as quarantined.'
    throw new Refusal('restock.money_first', detail, { ...facts, resellable, restocked: back?.sellable ?? 0 })
  }
  return goods
}
