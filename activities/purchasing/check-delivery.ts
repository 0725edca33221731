import type { PurchaseOrderId, ReceiptId, Sku, WarehouseId } from '../../domain/ids.ts'
import { absurdReceipt } from '../../domain/purchase-orders.ts'
import type { PurchaseOrder, PurchaseOrderLine, ReceiptLine } from '../../domain/purchase-orders.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { Db } from '../../store/db.ts'
import { readReceipt, receiptOfNote } from '../../store/receipts.ts'
import type { Receipt } from '../../store/receipts.ts'

/** What a warehouse says that came. */
export interface Delivery {
  readonly purchaseOrderId: PurchaseOrderId
  /** Ours: a delivery is booked once by it. */
  readonly receiptId: ReceiptId
  /** The number of the supplier's delivery note: booked once by that too. */
  readonly reference: string | null
  /** The order's number as it stands on the delivery note; refused when it is another order's. */
  readonly orderNumber: string | null
  readonly receivedAt: string
  readonly lines: readonly DeliveredLine[]
  /** Nothing more will come. */
  readonly final: boolean
  readonly note: string | null
  readonly actor: string
  readonly now: string
  readonly cause: string
}

export interface DeliveredLine extends Omit<ReceiptLine, 'warehouseId'> {
  /** Null: the order has this SKU for one warehouse only. */
  readonly warehouseId: WarehouseId | null
}

/** Clocks of warehouses may be ahead of ours by this much. */
const toleranceMs = 5 * 60_000

/** The receipt that this delivery has already: asked again, or the same delivery note typed in twice. */
export async function bookedBefore(
  trx: Db,
  delivery: Delivery,
  { lines }: PurchaseOrder,
): Promise<Receipt | null> {
  const { receiptId, purchaseOrderId, reference } = delivery
  const same = await readReceipt(trx, receiptId)
  if (same) return same
  const noted = reference === null ? null : await receiptOfNote(trx, { purchaseOrderId, reference })
  if (!noted) return null
  const text = (units: readonly DeliveredLine[]): string =>
    JSON.stringify(
      units
        .map((unit) => [
          unit.sku,
          unit.warehouseId ?? lines.find(({ sku }) => sku === unit.sku)?.warehouseId,
          unit.received,
          unit.damaged,
          unit.quarantined,
        ])
        .sort(),
    )
  if (text(noted.lines) === text(delivery.lines)) return noted
  throw new Refusal(
    'receipt.exists',
    `The delivery note ${reference} was booked before, with other quantities. If they were wrong, book a count.`,
    { receiptId: noted.id, reference },
  )
}

/** Refuses what cannot have come. */
export function refuseImpossible(delivery: Delivery, order: PurchaseOrder): void {
  const { receivedAt, now, orderNumber, lines } = delivery
  if (Date.parse(receivedAt) > Date.parse(now) + toleranceMs) {
    throw new Refusal('receipt.in_future', 'A delivery cannot have come in the future.', { receivedAt, now })
  }
  if (orderNumber !== null && orderNumber !== order.number) {
    const facts = { purchaseOrderId: order.id, number: order.number, given: orderNumber }
    throw new Refusal(
      'receipt.other_order',
      `This delivery is for ${orderNumber}, and this is ${order.number}.`,
      facts,
    )
  }
  const seen = new Set<PurchaseOrderLine>()
  for (const came of lines) {
    const line = lineOf(order, came)
    if (seen.has(line)) {
      throw new Refusal(
        'receipt.line_unknown',
        `${came.sku} stands in this receipt twice: add the lines up.`,
        {
          sku: came.sku,
        },
      )
    }
    seen.add(line)
    const fault = absurdReceipt(line, { ...came, warehouseId: line.warehouseId })
    if (fault !== null) throw new Refusal('receipt.absurd', fault, { sku: came.sku, ordered: line.ordered })
  }
}

/** The line of the order that a delivered line belongs to. */
export function lineOf(
  order: PurchaseOrder,
  { sku, warehouseId }: { sku: Sku; warehouseId: WarehouseId | null },
) {
  const candidates = order.lines.filter(
    (line) => line.sku === sku && (warehouseId === null || line.warehouseId === warehouseId),
  )
  const [line] = candidates
  if (line && candidates.length === 1) return line
  const where = warehouseId === null ? '' : ` for ${warehouseId}`
  const detail = line
    ? `${order.number} has ${sku} for several warehouses: say for which one this is.`
    : `${order.number} has no ${sku}${where}.`
  throw new Refusal('receipt.line_unknown', detail, { purchaseOrderId: order.id, sku, warehouseId })
}
