import type { OrderId } from '../domain/ids.ts'
import { changed } from './db.ts'
import type { Db } from './db.ts'
import { noteOnTimeline } from './order-steps.ts'

/**
 * Somebody has looked after what an order needed: its flag falls, and the timeline says what came of it. False: it needed nothing, or
 * changed since it was looked at.
 */
export async function settleAttention(
  db: Db,
  settle: { orderId: OrderId; version: number; reason: string; at: string; cause: string },
): Promise<boolean> {
  const { orderId, reason, at, cause } = settle
  return db.transaction(async (trx) => {
    const settled = await changed(
      trx,
      `update orders.orders set needs_attention = false, attention_reason = null
       where id = :orderId and version = :version and needs_attention`,
      settle,
    )
    if (settled === 0) return false
    await noteOnTimeline(trx, { orderId, type: 'Attention Resolved', at, actor: 'admin', reason, cause })
    return true
  })
}
