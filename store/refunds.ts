import type { OrderId } from '../domain/ids.ts'
import type { RefundStatus } from '../domain/payments.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** Refunds in our books. Sums of a payment follow them, guarded by a CHECK: nobody gives back more than was taken. */

/** Asks for a refund in our books before the provider is asked; the id is ours, so asking twice is asking once. */
export async function insertRefund(
  db: Db,
  refund: { refundId: string; orderId: OrderId; amountMinor: number; reason: string; cause: string },
): Promise<void> {
  await changed(
    db,
    `insert into payments.refunds (id, order_id, amount_minor, status, reason, cause)
     values (:refundId, :orderId, :amountMinor, 'asked', :reason, :cause) on conflict do nothing`,
    refund,
  )
}

export interface Refund {
  readonly refundId: string
  readonly amountMinor: number
  readonly status: RefundStatus
}

/** A refund by our id, or by the provider's for one that was not ours; locked until the transaction ends. */
export async function lockRefund(
  trx: Db,
  { refundId, providerId, orderId }: { refundId: string | null; providerId: string; orderId: OrderId },
): Promise<Refund | null> {
  const [refund] = await rows<Refund>(
    trx,
    `select id as "refundId", amount_minor as "amountMinor", status from payments.refunds
     where order_id = :orderId and (id = :refundId or provider_id = :providerId) for update`,
    { refundId, providerId, orderId },
  )
  return refund ?? null
}

/** Books a refund that the provider took on: the sum can never pass what was captured (a CHECK). False: it was booked before. */
export async function bookRefund(
  trx: Db,
  refund: { refundId: string; status: 'pending' | 'succeeded'; providerId: string },
): Promise<boolean> {
  const [booked] = await rows<{ order_id: string; amount_minor: number }>(
    trx,
    `update payments.refunds set status = :status, provider_id = :providerId
     where id = :refundId and status = 'asked' returning order_id, amount_minor`,
    refund,
  )
  if (!booked) return false
  await changed(
    trx,
    `update payments.payments
     set refunded_minor = refunded_minor + :amount,
         status = case when refunded_minor + :amount = captured_minor then 'refunded' else status end
     where order_id = :orderId`,
    { orderId: booked.order_id, amount: booked.amount_minor },
  )
  return true
}

/** `pending → succeeded`: the money has arrived. */
export async function finishRefund(trx: Db, { refundId }: { refundId: string }): Promise<void> {
  await changed(
    trx,
    `update payments.refunds set status = 'succeeded' where id = :refundId and status = 'pending'`,
    { refundId },
  )
}

/** Books that a refund came back: its money is ours again. False: it was known to have failed, and nothing was done. */
export async function failRefund(
  trx: Db,
  { refundId, providerId }: { refundId: string; providerId: string },
): Promise<boolean> {
  const [failed] = await rows<{ order_id: string; amount_minor: number; booked: boolean }>(
    trx,
    `with before as (select id, status from payments.refunds where id = :refundId for update)
     update payments.refunds as r set status = 'failed', provider_id = :providerId
     from before where r.id = before.id and before.status <> 'failed'
     returning r.order_id, r.amount_minor, before.status in ('pending', 'succeeded') as booked`,
    { refundId, providerId },
  )
  if (!failed) return false
  if (!failed.booked) return true
  await changed(
    trx,
    `update payments.payments
     set refunded_minor = refunded_minor - :amount,
         status = case when status = 'refunded' then 'captured' else status end
     where order_id = :orderId`,
    { orderId: failed.order_id, amount: failed.amount_minor },
  )
  return true
}
