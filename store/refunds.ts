import type { OrderId } from '../domain/ids.ts'
import type { RefundStatus } from '../domain/payments.ts'
import type { LineQuantity } from '../domain/proration.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** Refunds in our books. Sums of a payment follow them, guarded by a CHECK: nobody gives back more than was taken. */

/** Asks for a refund in our books before the provider is asked; the id is ours, so asking twice is asking once. */
export async function insertRefund(
  db: Db,
  {
    cancellationId = null,
    lines = null,
    askedBy = null,
    ...refund
  }: {
    refundId: string
    orderId: OrderId
    amountMinor: number
    reason: string
    cancellationId?: string | null
    lines?: readonly LineQuantity[] | null
    askedBy?: string | null
    cause: string
  },
): Promise<void> {
  const { refundId, orderId, amountMinor, reason, cause } = refund
  await changed(
    db,
    `insert into payments.refunds (id, order_id, amount_minor, status, reason, cancellation_id, lines, asked_by, cause)
     values (:refundId, :orderId, :amountMinor, 'asked', :reason, :cancellationId, :lines, :askedBy, :cause)
     on conflict do nothing`,
    {
      ...{ refundId, orderId, amountMinor, reason, cancellationId, askedBy, cause },
      lines: lines === null ? null : JSON.stringify(lines),
    },
  )
}

export interface Refund {
  readonly refundId: string
  readonly amountMinor: number
  readonly status: RefundStatus
  readonly providerId: string | null
}

/** A refund with why and for what it was asked. Times are ISO 8601 in UTC. */
export interface RefundRecord extends Refund {
  readonly reason: string
  readonly lines: readonly LineQuantity[] | null
  readonly cancellationId: string | null
  readonly askedBy: string | null
  /** Why it failed, in the provider's words. */
  readonly code: string | null
  readonly createdAt: string
}

/** All refunds of an order, oldest first. */
export async function refundsOf(db: Db, orderId: OrderId): Promise<RefundRecord[]> {
  return rows<RefundRecord>(
    db,
    `select id as "refundId", amount_minor as "amountMinor", status, provider_id as "providerId", reason, lines,
            cancellation_id as "cancellationId", asked_by as "askedBy", code, created_at as "createdAt"
     from payments.refunds where order_id = :orderId order by created_at, id`,
    { orderId },
  )
}

export async function readRefund(db: Db, refundId: string): Promise<Refund | null> {
  const [refund] = await rows<Refund>(
    db,
    `select id as "refundId", amount_minor as "amountMinor", status, provider_id as "providerId"
     from payments.refunds where id = :refundId`,
    { refundId },
  )
  return refund ?? null
}

/** All that was given back of an order or is to be, but for one refund. The payment is locked by the caller. */
export async function promisedBack(
  trx: Db,
  { orderId, except }: { orderId: OrderId; except: string },
): Promise<number> {
  const [sum] = await rows<{ minor: number }>(
    trx,
    `select cast(coalesce(sum(amount_minor), 0) as bigint) as minor from payments.refunds
     where order_id = :orderId and id <> :except and status <> 'failed'`,
    { orderId, except },
  )
  return sum?.minor ?? 0
}

/** Less is left than was asked for, because money went back in another way meanwhile. */
export async function shrinkRefund(
  trx: Db,
  { refundId, amountMinor }: { refundId: string; amountMinor: number },
): Promise<void> {
  await changed(
    trx,
    `update payments.refunds set amount_minor = :amountMinor where id = :refundId and status = 'asked'`,
    { refundId, amountMinor },
  )
}

/** Ends a refund that the provider never made. */
export async function endUnmade(
  trx: Db,
  { refundId, code }: { refundId: string; code: string },
): Promise<void> {
  await changed(
    trx,
    `update payments.refunds set status = 'failed', code = :code, ended_at = now()
     where id = :refundId and status = 'asked'`,
    { refundId, code },
  )
}

/** A refund by our id, or by the provider's for one that was not ours; locked until the transaction ends. */
export async function lockRefund(
  trx: Db,
  { refundId, providerId, orderId }: { refundId: string | null; providerId: string; orderId: OrderId },
): Promise<Refund | null> {
  const [refund] = await rows<Refund>(
    trx,
    `select id as "refundId", amount_minor as "amountMinor", status, provider_id as "providerId"
     from payments.refunds
     where order_id = :orderId and (id = :refundId or provider_id = :providerId) for update`,
    { refundId, providerId, orderId },
  )
  return refund ?? null
}

/** Books a refund that the provider took on: the sum can never pass what was captured (a CHECK). Null: it was booked before. */
export async function bookRefund(
  trx: Db,
  refund: { refundId: string; status: 'pending' | 'succeeded'; providerId: string },
): Promise<{ amountMinor: number } | null> {
  const [booked] = await rows<{ order_id: string; amount_minor: number }>(
    trx,
    `update payments.refunds set status = :status, provider_id = :providerId
     where id = :refundId and status = 'asked' returning order_id, amount_minor`,
    refund,
  )
  if (!booked) return null
  await changed(
    trx,
    `update payments.payments
     set refunded_minor = refunded_minor + :amount,
         status = case when refunded_minor + :amount = captured_minor then 'refunded' else status end
     where order_id = :orderId`,
    { orderId: booked.order_id, amount: booked.amount_minor },
  )
  return { amountMinor: booked.amount_minor }
}

/** `pending → succeeded`: the money has arrived. */
export async function finishRefund(trx: Db, { refundId }: { refundId: string }): Promise<void> {
  await changed(
    trx,
    `update payments.refunds set status = 'succeeded', ended_at = now() where id = :refundId and status = 'pending'`,
    { refundId },
  )
}

/** Books that a refund came back: its money is ours again. False: it was known to have failed, and nothing was done. */
export async function failRefund(
  trx: Db,
  { refundId, providerId, code }: { refundId: string; providerId: string; code: string | null },
): Promise<boolean> {
  const [failed] = await rows<{ order_id: string; amount_minor: number; booked: boolean }>(
    trx,
    `with before as (select id, status from payments.refunds where id = :refundId for update)
     update payments.refunds as r set status = 'failed', provider_id = :providerId, code = :code, ended_at = now()
     from before where r.id = before.id and before.status <> 'failed'
     returning r.order_id, r.amount_minor, before.status in ('pending', 'succeeded') as booked`,
    { refundId, providerId, code },
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
