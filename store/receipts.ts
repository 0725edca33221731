import type { PurchaseOrderId, ReceiptId } from '../domain/ids.ts'
import type { ReceiptLine } from '../domain/purchase-orders.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** A delivery that was booked. */
export interface Receipt {
  readonly id: ReceiptId
  readonly purchaseOrderId: PurchaseOrderId
  /** The number of the supplier's delivery note. */
  readonly reference: string | null
  readonly receivedAt: string
  readonly bookedAt: string
  readonly actor: string
  readonly note: string | null
  /** It came after the order was cancelled or closed. */
  readonly afterTheEnd: boolean
  readonly lines: readonly ReceiptLine[]
}

const columns = `r.id, r.purchase_order_id as "purchaseOrderId", r.reference, r.received_at as "receivedAt",
  r.booked_at as "bookedAt", r.actor, r.note, r.after_the_end as "afterTheEnd",
  (select json_agg(json_build_object('sku', l.sku, 'warehouseId', l.warehouse_id, 'received', l.received,
     'damaged', l.damaged, 'quarantined', l.quarantined) order by l.sku, l.warehouse_id)
   from inventory.receipt_lines as l where l.receipt_id = r.id) as lines`

/** The deliveries of an order, in the order in which they were booked. */
export async function listReceipts(db: Db, purchaseOrderId: PurchaseOrderId): Promise<Receipt[]> {
  return rows<Receipt>(
    db,
    `select ${columns} from inventory.receipts as r where r.purchase_order_id = :purchaseOrderId
     order by r.booked_at, r.id`,
    { purchaseOrderId },
  )
}

export async function readReceipt(db: Db, id: ReceiptId): Promise<Receipt | null> {
  const [found] = await rows<Receipt>(db, `select ${columns} from inventory.receipts as r where r.id = :id`, {
    id,
  })
  return found ?? null
}

/** The receipt of a delivery note, if it was booked. */
export async function receiptOfNote(
  db: Db,
  { purchaseOrderId, reference }: { purchaseOrderId: PurchaseOrderId; reference: string },
): Promise<Receipt | null> {
  const [found] = await rows<Receipt>(
    db,
    `select ${columns} from inventory.receipts as r
     where r.purchase_order_id = :purchaseOrderId and r.reference = :reference`,
    { purchaseOrderId, reference },
  )
  return found ?? null
}

export async function insertReceipt(trx: Db, receipt: Receipt & { cause: string }): Promise<void> {
  const { lines, ...rest } = receipt
  await changed(
    trx,
    `insert into inventory.receipts
       (id, purchase_order_id, reference, received_at, booked_at, actor, note, after_the_end, cause)
     values (:id, :purchaseOrderId, :reference, :receivedAt, :bookedAt, :actor, :note, :afterTheEnd, :cause)`,
    { ...rest },
  )
  await trx('inventory.receipt_lines').insert(
    lines.map(({ sku, warehouseId, received, damaged, quarantined }) => ({
      ...{ receipt_id: receipt.id, sku, warehouse_id: warehouseId },
      ...{ received, damaged, quarantined },
    })),
  )
}
