import type { PurchaseOrderId, SupplierId } from '../domain/ids.ts'
import type { PurchaseOrder, PurchaseOrderLine, PurchaseOrderStatus } from '../domain/purchase-orders.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

// A day stays a day: as a date, the driver would make it a moment in the server's time zone.
const columns = `p.id, p.number, p.supplier_id as "supplierId", p.status, p.currency, p.total_minor as "totalMinor",
  to_char(p.expected_on, 'YYYY-MM-DD') as "expectedOn", p.ordered_at as "orderedAt", p.ordered_by as "orderedBy",
  p.sent_at as "sentAt", p.ended_at as "endedAt", p.ended_by as "endedBy", p.end_reason as "endReason",
  p.needs_attention as "needsAttention", p.attention_reason as "attentionReason", p.version,
  (select coalesce(json_agg(json_build_object(
     'sku', l.sku, 'warehouseId', l.warehouse_id, 'supplierSku', l.supplier_sku, 'ordered', l.ordered,
     'received', l.received, 'damaged', l.damaged, 'quarantined', l.quarantined, 'unitCostMinor', l.unit_cost_minor,
     'open', l.open, 'replenishmentId', l.replenishment_id) order by l.sku, l.warehouse_id), '[]')
   from inventory.purchase_order_lines as l where l.purchase_order_id = p.id) as lines`

/**
 * Newest first; `before` is the last one of the page before.
 */
export async function listPurchaseOrders(
  db: Db,
  filter: {
    status?: PurchaseOrderStatus | undefined
    supplierId?: SupplierId | undefined
    before?: PurchaseOrderId | undefined
    limit: number
  },
): Promise<PurchaseOrder[]> {
  const { status, supplierId, before, limit } = filter
  return rows<PurchaseOrder>(
    db,
    `select ${columns} from inventory.purchase_orders as p
     where (cast(:status as text) is null or p.status = :status)
       and (cast(:supplierId as text) is null or p.supplier_id = :supplierId)
       and (cast(:before as text) is null or p.id < :before)
     order by p.id desc
     limit :limit`,
    { status: status ?? null, supplierId: supplierId ?? null, before: before ?? null, limit },
  )
}

export async function readPurchaseOrder(db: Db, id: PurchaseOrderId): Promise<PurchaseOrder | null> {
  const [found] = await rows<PurchaseOrder>(
    db,
    `select ${columns} from inventory.purchase_orders as p where p.id = :id`,
    { id },
  )
  return found ?? null
}

/** Locks the order until the transaction ends: its receipts and its end come one after the other. */
export async function lockPurchaseOrder(trx: Db, id: PurchaseOrderId): Promise<PurchaseOrder | null> {
  await rows(trx, `select 1 from inventory.purchase_orders where id = :id for update`, { id })
  return readPurchaseOrder(trx, id)
}

export interface NewPurchaseOrder extends Pick<
  PurchaseOrder,
  'id' | 'supplierId' | 'currency' | 'totalMinor' | 'expectedOn' | 'orderedAt' | 'orderedBy'
> {
  readonly cause: string
  readonly lines: readonly Pick<
    PurchaseOrderLine,
    'sku' | 'warehouseId' | 'supplierSku' | 'ordered' | 'unitCostMinor' | 'replenishmentId'
  >[]
}

/** Inserts an order with its lines, and answers its number. */
export async function insertPurchaseOrder(trx: Db, order: NewPurchaseOrder): Promise<string> {
  const { lines, ...rest } = order
  const [row] = await rows<{ number: string }>(
    trx,
    `insert into inventory.purchase_orders
       (id, number, supplier_id, status, currency, total_minor, expected_on, ordered_at, ordered_by, cause)
     values
       (:id, 'PO-' || nextval('inventory.purchase_order_numbers'), :supplierId, 'open', :currency, :totalMinor, :expectedOn,
        :orderedAt, :orderedBy, :cause)
     returning number`,
    { ...rest },
  )
  await trx('inventory.purchase_order_lines').insert(
    lines.map((line) => ({
      purchase_order_id: order.id,
      sku: line.sku,
      warehouse_id: line.warehouseId,
      supplier_sku: line.supplierSku,
      ordered: line.ordered,
      unit_cost_minor: line.unitCostMinor,
      replenishment_id: line.replenishmentId,
    })),
  )
  if (!row) throw new Error('A purchase order that was inserted has no number.')
  return row.number
}

/** Notes that the supplier was told; the first time counts. */
export async function markSent(db: Db, { id, at }: { id: PurchaseOrderId; at: string }): Promise<void> {
  await changed(
    db,
    `update inventory.purchase_orders set sent_at = :at, version = version + 1 where id = :id and sent_at is null`,
    { id, at },
  )
}

/** Asks an admin to look at an order. */
export async function flagPurchaseOrder(
  trx: Db,
  { id, reason }: { id: PurchaseOrderId; reason: string },
): Promise<void> {
  await changed(
    trx,
    `update inventory.purchase_orders set needs_attention = true, attention_reason = :reason, version = version + 1
     where id = :id`,
    { id, reason },
  )
}

export async function markOverdue(db: Db, { id, at }: { id: PurchaseOrderId; at: string }): Promise<void> {
  await changed(
    db,
    `update inventory.purchase_orders set reminded_at = :at, version = version + 1
     where id = :id and status in ('open', 'partly_received')`,
    { id, at },
  )
}

/** Writes the counters of lines, as a receipt left them. */
export async function updateLines(
  trx: Db,
  { id, lines }: { id: PurchaseOrderId; lines: readonly PurchaseOrderLine[] },
): Promise<void> {
  await changed(
    trx,
    `update inventory.purchase_order_lines as l
     set received = n.received, damaged = n.damaged, quarantined = n.quarantined, open = n.open
     from jsonb_to_recordset(cast(:lines as jsonb)) as n (
       sku text, "warehouseId" text, received integer, damaged integer, quarantined integer, open boolean)
     where l.purchase_order_id = :id and l.sku = n.sku and l.warehouse_id = n."warehouseId"`,
    { id, lines: JSON.stringify(lines) },
  )
}

/** `open → partly_received`, where it stays; each delivery makes it another version. */
export async function markPartlyReceived(trx: Db, id: PurchaseOrderId): Promise<void> {
  await changed(
    trx,
    `update inventory.purchase_orders set status = 'partly_received', version = version + 1
     where id = :id and status in ('open', 'partly_received')`,
    { id },
  )
}

/** Ends an order that has not ended; nothing of it is incoming any more. */
export async function endPurchaseOrder(
  trx: Db,
  end: {
    id: PurchaseOrderId
    status: 'received' | 'closed_short' | 'cancelled'
    at: string
    by: string
    cause: string
    reason: string | null
  },
): Promise<boolean> {
  const ended = await changed(
    trx,
    `update inventory.purchase_orders
     set status = :status, ended_at = :at, ended_by = :by, ended_cause = :cause, end_reason = :reason, version = version + 1
     where id = :id and status in ('open', 'partly_received')`,
    { ...end },
  )
  if (ended === 0) return false
  await changed(trx, `update inventory.purchase_order_lines set open = false where purchase_order_id = :id`, {
    id: end.id,
  })
  return true
}

/** The request that ended an order; null while it goes on. */
export async function endedCause(db: Db, id: PurchaseOrderId): Promise<string | null> {
  const [row] = await rows<{ cause: string | null }>(
    db,
    `select ended_cause as cause from inventory.purchase_orders where id = :id`,
    { id },
  )
  return row?.cause ?? null
}
