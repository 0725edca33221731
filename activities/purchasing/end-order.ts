import type { PurchaseOrderId } from '../../domain/ids.ts'
import { endedLines, hasEnded } from '../../domain/purchase-orders.ts'
import type { EndedLine } from '../../domain/purchase-orders.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { Db } from '../../store/db.ts'
import { endedCause, endPurchaseOrder, lockPurchaseOrder } from '../../store/purchase-orders.ts'
import { endReplenishments } from '../../store/replenishments.ts'

export interface EndOrder {
  readonly purchaseOrderId: PurchaseOrderId
  /** `cancelled`: nothing came, and nothing is wanted any more. `closed_short`: what came is all that comes. */
  readonly as: 'cancelled' | 'closed_short'
  readonly reason: string
  readonly actor: string
  readonly now: string
  readonly cause: string
}

/** Ends an order, and the shortages that wait for it. Refuses one that has ended, and to cancel one of which something came. */
export async function endOrder(db: Db, end: EndOrder): Promise<{ ended: readonly EndedLine[] }> {
  const { purchaseOrderId: id, as: status, reason, actor: by, now: at, cause } = end
  return db.transaction(async (trx) => {
    const order = await lockPurchaseOrder(trx, id)
    if (!order) {
      throw new Refusal('purchase_order.not_found', 'There is no such purchase order.', {
        purchaseOrderId: id,
      })
    }
    const facts = { purchaseOrderId: id, number: order.number, status: order.status }
    if (hasEnded(order.status)) {
      // Asked again because the first answer was lost.
      if ((await endedCause(trx, id)) === cause) return { ended: endedLines(order) }
      const detail = `${order.number} is ${order.status.replace('_', ' ')} already.`
      throw new Refusal('purchase_order.ended', detail, facts)
    }
    if (status === 'cancelled' && order.status === 'partly_received') {
      const detail = `A part of ${order.number} has come: close it short instead.`
      throw new Refusal('purchase_order.partly_received', detail, facts)
    }
    const ids = order.lines.filter((line) => line.open).map(({ replenishmentId }) => replenishmentId)
    await endReplenishments(trx, { ids, status, at, reason })
    await endPurchaseOrder(trx, { id, status, at, by, cause, reason })
    const lines = order.lines.map((line) => ({ ...line, open: false }))
    return { ended: endedLines({ status, lines }) }
  })
}
