import type { ReceiptId } from '../../domain/ids.ts'
import { arrived, endedLines, hasEnded, statusAfter } from '../../domain/purchase-orders.ts'
import type {
  EndedLine,
  PurchaseOrder,
  PurchaseOrderLine,
  PurchaseOrderStatus,
  ReceiptLine,
} from '../../domain/purchase-orders.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { Condition } from '../../domain/stock-changes.ts'
import type { Db } from '../../store/db.ts'
import {
  endPurchaseOrder,
  flagPurchaseOrder,
  lockPurchaseOrder,
  markPartlyReceived,
  updateLines,
} from '../../store/purchase-orders.ts'
import { insertReceipt } from '../../store/receipts.ts'
import { endReplenishments } from '../../store/replenishments.ts'
import { announceStock, book, lockForChange } from '../../store/stock-journal.ts'
import { bookedBefore, lineOf, refuseImpossible } from './check-delivery.ts'
import type { Delivery } from './check-delivery.ts'

export interface BookedDelivery {
  readonly receiptId: ReceiptId
  /** How the order stands now. */
  readonly status: PurchaseOrderStatus
  /** The lines that are over by now. */
  readonly ended: readonly EndedLine[]
}

/**
 * Books a delivery: the receipt, the journal, the levels, the order's lines, the shortages that are over, and Stock Updated, in one
 * transaction. More or less than was ordered, damaged, after the order has ended: what stands in the warehouse is booked. Refuses
 * what cannot be true.
 */
export async function receiveDelivery(db: Db, delivery: Delivery): Promise<BookedDelivery> {
  return db.transaction(async (trx) => {
    const order = await lockPurchaseOrder(trx, delivery.purchaseOrderId)
    if (!order) throw noSuchOrder(delivery)
    const known = await bookedBefore(trx, delivery, order)
    if (known) return { receiptId: known.id, status: order.status, ended: endedLines(order) }
    refuseImpossible(delivery, order)

    const came = delivery.lines.map((line) => ({ ...line, warehouseId: lineOf(order, line).warehouseId }))
    const lines = order.lines.map((line) => withDelivery(line, came))
    const afterTheEnd = hasEnded(order.status)
    await bookUnits(trx, { delivery, came })
    await insertReceipt(trx, receiptOf({ delivery, came, afterTheEnd }))
    await updateLines(trx, { id: order.id, lines })
    if (afterTheEnd) await flagUnexpected(trx, { order, came })
    else await moveOn(trx, { delivery, order, lines })
    await announceStock(trx, {
      ...{
        type: 'Stock Updated',
        subject: order.id,
        cause: delivery.cause,
        skus: came.map(({ sku }) => sku),
      },
      about: { purchaseOrderId: order.id, receiptId: delivery.receiptId },
    })
    const after = await lockPurchaseOrder(trx, order.id)
    if (!after) throw noSuchOrder(delivery)
    return { receiptId: delivery.receiptId, status: after.status, ended: endedLines(after) }
  })
}

function withDelivery(line: PurchaseOrderLine, came: readonly ReceiptLine[]): PurchaseOrderLine {
  const delivered = came.find((each) => each.sku === line.sku && each.warehouseId === line.warehouseId)
  if (!delivered) return line
  const next = {
    ...line,
    received: line.received + delivered.received,
    damaged: line.damaged + delivered.damaged,
    quarantined: line.quarantined + delivered.quarantined,
  }
  return { ...next, open: line.open && arrived(next) < line.ordered }
}

async function bookUnits(
  trx: Db,
  { delivery, came }: { delivery: Delivery; came: readonly ReceiptLine[] },
): Promise<void> {
  const { receiptId: source, actor, receivedAt: at, note: reason } = delivery
  await lockForChange(trx, came)
  const booking = (line: ReceiptLine, condition: Condition, quantity: number) => ({
    ...{ sku: line.sku, warehouseId: line.warehouseId, condition, quantity },
    ...({ kind: 'received', reason, actor, source, at } as const),
  })
  await book(
    trx,
    came.flatMap((line) => [
      booking(line, 'sellable', line.received),
      booking(line, 'damaged', line.damaged),
      booking(line, 'quarantined', line.quarantined),
    ]),
  )
}

const receiptOf = ({
  delivery,
  came,
  afterTheEnd,
}: {
  delivery: Delivery
  came: readonly ReceiptLine[]
  afterTheEnd: boolean
}) => {
  const {
    receiptId: id,
    purchaseOrderId,
    reference,
    receivedAt,
    now: bookedAt,
    actor,
    note,
    cause,
  } = delivery
  return {
    id,
    purchaseOrderId,
    reference,
    receivedAt,
    bookedAt,
    actor,
    note,
    afterTheEnd,
    cause,
    lines: came,
  }
}

/** The goods are here though nobody expected them any more: they are booked, and somebody decides whether they are paid. */
async function flagUnexpected(
  trx: Db,
  { order, came }: { order: PurchaseOrder; came: readonly ReceiptLine[] },
): Promise<void> {
  const units = came.reduce((sum, line) => sum + arrived(line), 0)
  const reason = `${units} units came after the order was ${order.status.replace('_', ' ')}`
  await flagPurchaseOrder(trx, { id: order.id, reason })
}

/** How the order goes on: the shortages whose lines are complete are over, and the order with its last line. */
async function moveOn(
  trx: Db,
  {
    delivery,
    order,
    lines,
  }: { delivery: Delivery; order: PurchaseOrder; lines: readonly PurchaseOrderLine[] },
): Promise<void> {
  const { now: at, actor: by, cause, final } = delivery
  const { id } = order
  const idsOf = (some: readonly PurchaseOrderLine[]) => some.map(({ replenishmentId }) => replenishmentId)
  const done = lines.filter((line) => !line.open)
  await endReplenishments(trx, { ids: idsOf(done), status: 'fulfilled', at, reason: null })
  if (statusAfter(lines) === 'received') {
    await endPurchaseOrder(trx, { id, status: 'received', at, by, cause, reason: null })
  } else if (final) {
    const reason = 'the supplier sends no more'
    const short = lines.filter((line) => line.open)
    await endReplenishments(trx, { ids: idsOf(short), status: 'closed_short', at, reason })
    await endPurchaseOrder(trx, { id, status: 'closed_short', at, by, cause, reason })
  } else await markPartlyReceived(trx, id)
}

const noSuchOrder = ({ purchaseOrderId }: Delivery): Refusal =>
  new Refusal('purchase_order.not_found', 'There is no such purchase order.', { purchaseOrderId })
