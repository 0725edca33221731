import type { OrderId } from '../domain/ids.ts'
import { changed } from './db.ts'
import type { Db } from './db.ts'
import { noteOnTimeline } from './order-steps.ts'

export interface ExtendOrder {
  readonly orderId: OrderId
  /** Workflow time: deadlines are never read from another clock. */
  readonly expiresAt: string
  readonly cause: string
}

/** Keeps an unpaid order open for longer, and says why in its timeline. It only ever grows; a repeat does nothing. */
export async function extendOrder(trx: Db, { orderId, expiresAt, cause }: ExtendOrder): Promise<void> {
  const extended = await changed(
    trx,
    `update orders.orders set expires_at = :expiresAt
     where id = :orderId and status = 'pending_payment' and expires_at < :expiresAt`,
    { orderId, expiresAt },
  )
  if (extended === 0) return
  const at = new Date().toISOString()
  const reason = 'the bank wants to be sure that it is the customer who pays (3-D Secure)'
  await noteOnTimeline(trx, { orderId, type: 'Payment Challenged', at, actor: 'system', reason, cause })
}
