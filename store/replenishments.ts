import type { PurchaseOrderId, ReplenishmentId, Sku, SupplierId, WarehouseId } from '../domain/ids.ts'
import type { ReplenishmentStatus } from '../domain/purchase-orders.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** A shortage, and what became of it. */
export interface Replenishment {
  readonly id: ReplenishmentId
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly status: ReplenishmentStatus
  readonly suggestedQuantity: number
  /** Whom the check would order from; null: nobody sells it. */
  readonly supplierId: SupplierId | null
  /** Why, a sentence each. */
  readonly because: readonly string[]
  readonly facts: Readonly<Record<string, number>>
  readonly checkId: string
  readonly alertedAt: string
  readonly expiresAt: string
  readonly remindedAt: string | null
  readonly escalatedAt: string | null
  /** What was approved, and by whom; the reason of a rejection. */
  readonly quantity: number | null
  readonly decidedAt: string | null
  readonly decidedBy: string | null
  readonly decidedCause: string | null
  readonly reason: string | null
  readonly purchaseOrderId: PurchaseOrderId | null
  readonly endedAt: string | null
  readonly version: number
}

const columns = `id, sku, warehouse_id as "warehouseId", status, suggested_quantity as "suggestedQuantity",
  supplier_id as "supplierId", because, facts, check_id as "checkId", alerted_at as "alertedAt", expires_at as "expiresAt",
  reminded_at as "remindedAt", escalated_at as "escalatedAt", quantity, decided_at as "decidedAt", decided_by as "decidedBy",
  decided_cause as "decidedCause", reason, purchase_order_id as "purchaseOrderId", ended_at as "endedAt", version`

/** Newest first; `before` is the last one of the page before. */
export async function listReplenishments(
  db: Db,
  filter: {
    status?: ReplenishmentStatus | undefined
    sku?: string | undefined
    warehouseId?: string | undefined
    before?: ReplenishmentId | undefined
    limit: number
  },
): Promise<Replenishment[]> {
  const { status, sku, warehouseId, before, limit } = filter
  return rows<Replenishment>(
    db,
    `select ${columns} from inventory.replenishments
     where (cast(:status as text) is null or status = :status)
       and (cast(:sku as text) is null or sku = :sku)
       and (cast(:warehouseId as text) is null or warehouse_id = :warehouseId)
       and (cast(:before as text) is null or id < :before)
     order by id desc
     limit :limit`,
    {
      status: status ?? null,
      sku: sku ?? null,
      warehouseId: warehouseId ?? null,
      before: before ?? null,
      limit,
    },
  )
}

export async function readReplenishment(db: Db, id: ReplenishmentId): Promise<Replenishment | null> {
  const [found] = await rows<Replenishment>(
    db,
    `select ${columns} from inventory.replenishments where id = :id`,
    { id },
  )
  return found ?? null
}

export async function readReplenishments(
  db: Db,
  ids: readonly ReplenishmentId[],
): Promise<Map<ReplenishmentId, Replenishment>> {
  const found = await rows<Replenishment>(
    db,
    `select ${columns} from inventory.replenishments where id = any(:ids)`,
    { ids: [...ids] },
  )
  return new Map(found.map((each) => [each.id, each]))
}

/** Locks these until the transaction ends, in the order of their ids. */
export async function lockReplenishments(
  trx: Db,
  ids: readonly ReplenishmentId[],
): Promise<Map<ReplenishmentId, Replenishment>> {
  const found = await rows<Replenishment>(
    trx,
    `select ${columns} from inventory.replenishments where id = any(:ids) order by id for update`,
    { ids: [...ids] },
  )
  return new Map(found.map((each) => [each.id, each]))
}

/** The shortage that is open for a level, if there is one. */
export async function openReplenishmentOf(
  db: Db,
  { sku, warehouseId }: { sku: Sku; warehouseId: WarehouseId },
): Promise<Replenishment | null> {
  const [found] = await rows<Replenishment>(
    db,
    `select ${columns} from inventory.replenishments
     where sku = :sku and warehouse_id = :warehouseId and status in ('waiting', 'ordered')`,
    { sku, warehouseId },
  )
  return found ?? null
}

export interface NewReplenishment extends Pick<
  Replenishment,
  | 'id'
  | 'sku'
  | 'warehouseId'
  | 'suggestedQuantity'
  | 'supplierId'
  | 'because'
  | 'facts'
  | 'checkId'
  | 'alertedAt'
  | 'expiresAt'
> {
  readonly cause: string
}

/** False: this shortage is open already (`one_open_replenishment_per_shortage`). */
export async function insertReplenishment(trx: Db, replenishment: NewReplenishment): Promise<boolean> {
  const inserted = await changed(
    trx,
    `insert into inventory.replenishments
       (id, sku, warehouse_id, status, suggested_quantity, supplier_id, because, facts, check_id, alerted_at, expires_at,
        cause)
     values
       (:id, :sku, :warehouseId, 'waiting', :suggestedQuantity, :supplierId, :because, :facts, :checkId, :alertedAt,
        :expiresAt, :cause)
     on conflict do nothing`,
    {
      ...replenishment,
      because: JSON.stringify(replenishment.because),
      facts: JSON.stringify(replenishment.facts),
    },
  )
  return inserted === 1
}

interface Decision {
  readonly id: ReplenishmentId
  readonly at: string
  readonly by: string
  readonly cause: string
}

/** `waiting → ordered`. */
export async function markOrdered(
  trx: Db,
  decision: Decision & { quantity: number; purchaseOrderId: PurchaseOrderId },
): Promise<boolean> {
  const moved = await changed(
    trx,
    `update inventory.replenishments
     set status = 'ordered', quantity = :quantity, purchase_order_id = :purchaseOrderId, decided_at = :at,
         decided_by = :by, decided_cause = :cause, version = version + 1
     where id = :id and status = 'waiting'`,
    { ...decision },
  )
  return moved === 1
}

/** `waiting → rejected`. */
export async function markRejected(trx: Db, decision: Decision & { reason: string }): Promise<boolean> {
  const moved = await changed(
    trx,
    `update inventory.replenishments
     set status = 'rejected', reason = :reason, decided_at = :at, decided_by = :by, decided_cause = :cause, ended_at = :at,
         version = version + 1
     where id = :id and status = 'waiting'`,
    { ...decision },
  )
  return moved === 1
}

/** `waiting → expired`. */
export async function markExpired(
  trx: Db,
  { id, at }: { id: ReplenishmentId; at: string },
): Promise<boolean> {
  const moved = await changed(
    trx,
    `update inventory.replenishments
     set status = 'expired', reason = 'nobody decided in time', ended_at = :at, version = version + 1
     where id = :id and status = 'waiting'`,
    { id, at },
  )
  return moved === 1
}

/** Notes that somebody was reminded, or that it was escalated. False: it does not wait any more. */
export async function markReminded(
  db: Db,
  { id, at, escalated }: { id: ReplenishmentId; at: string; escalated: boolean },
): Promise<boolean> {
  const noted = await changed(
    db,
    `update inventory.replenishments
     set reminded_at = :at, escalated_at = case when :escalated then cast(:at as timestamptz) else escalated_at end,
         version = version + 1
     where id = :id and status = 'waiting'`,
    { id, at, escalated },
  )
  return noted === 1
}

/** `ordered → fulfilled | closed_short | cancelled`, for those that are named. */
export async function endReplenishments(
  trx: Db,
  end: {
    ids: readonly ReplenishmentId[]
    status: 'fulfilled' | 'closed_short' | 'cancelled'
    at: string
    reason: string | null
  },
): Promise<void> {
  if (end.ids.length === 0) return
  await changed(
    trx,
    `update inventory.replenishments
     set status = :status, ended_at = :at, reason = coalesce(:reason, reason), version = version + 1
     where id = any(:ids) and status = 'ordered'`,
    { ...end, ids: [...end.ids] },
  )
}

/** How many shortages wait for a decision that another check found before. */
export async function countWaiting(db: Db, { notOf }: { notOf: string }): Promise<number> {
  const [row] = await rows<{ waiting: number }>(
    db,
    `select count(*) as waiting from inventory.replenishments where status = 'waiting' and check_id <> :notOf`,
    { notOf },
  )
  return row?.waiting ?? 0
}
