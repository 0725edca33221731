import type { CancellationId, OrderId, RefundId } from '../../domain/ids.ts'
import { chargeStep, formatMoney } from '../../domain/money.ts'
import type { Currency } from '../../domain/money.ts'
import type { LineQuantity } from '../../domain/proration.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { Db } from '../../store/db.ts'
import { flagOrder, noteOnTimeline } from '../../store/order-steps.ts'
import { announce } from '../../store/outbox.ts'
import { lockPayment, writeJournal } from '../../store/payments.ts'
import type { Payment } from '../../store/payments.ts'
import {
  bookRefund,
  endUnmade,
  insertRefund,
  promisedBack,
  readRefund,
  shrinkRefund,
} from '../../store/refunds.ts'
import type { PaymentServices } from './books.ts'

export interface RefundAsked {
  readonly refundId: RefundId
  readonly orderId: OrderId
  /** In minor units of the order's currency; `rest`: all that is still ours. */
  readonly amountMinor: number | 'rest'
  readonly reason: string
  readonly cancellationId: CancellationId | null
  readonly lines: readonly LineQuantity[] | null
  readonly askedBy: string | null
  readonly cause: string
}

/** What came of it. `amountMinor` is zero where there was nothing (left) to give back. */
export interface Refunded {
  readonly amountMinor: number
  readonly currency: Currency
}

/**
 * Gives money back, however often it runs: asked for in our books first, under a lock that adds up all that was promised before, then at
 * the provider under a key of our own, then booked. What the provider refuses for good is shown to an admin at once, and tried on:
 * the money may come back in another way, and our books then say so.
 */
export async function refundPayment(services: PaymentServices, asked: RefundAsked): Promise<Refunded> {
  const { db, stripe } = services
  const { refundId, orderId, reason, cause } = asked
  const { payment, amountMinor, made } = await db.transaction((trx) => promise(trx, asked))
  if (!payment) return { amountMinor: 0, currency: 'EUR' }
  const { currency, intentId } = payment
  if (amountMinor === 0 || made) return { amountMinor, currency }
  if (intentId === null) throw new Error(`Order ${orderId} was paid without an intent.`)

  const answer = await stripe.refund({
    ...{ intentId, amountMinor, reason, refundId },
    idempotencyKey: `refund:${refundId}:${amountMinor}`,
  })
  if (answer.outcome === 'refused') {
    const money = formatMoney({ amount: amountMinor, currency })
    const why = `The payment provider refuses to give back ${money} (${answer.code}): look at it there.`
    await flagOrder(db, { orderId, reason: why })
    throw new Error(why)
  }
  const { outcome: status, providerRefundId: providerId } = answer
  await db.transaction((trx) => bookMade(trx, { orderId, refundId, status, providerId, currency, cause }))
  return { amountMinor, currency }
}

/** Puts a refund into our books before the provider is asked, or finds it there. */
async function promise(
  trx: Db,
  asked: RefundAsked,
): Promise<{ payment: Payment | null; amountMinor: number; made: boolean }> {
  const { refundId, orderId } = asked
  const payment = await lockPayment(trx, orderId)
  if (!payment) return { payment, amountMinor: 0, made: false }
  const known = await readRefund(trx, refundId)
  if (known && known.status !== 'asked') {
    const amountMinor = known.status === 'failed' && known.providerId === null ? 0 : known.amountMinor
    return { payment, amountMinor, made: true }
  }
  const left = payment.capturedMinor - (await promisedBack(trx, { orderId, except: refundId }))
  const wanted = known?.amountMinor ?? (asked.amountMinor === 'rest' ? left : asked.amountMinor)
  const amountMinor = Math.min(wanted, left)
  if (amountMinor <= 0) {
    if (known) await endUnmade(trx, { refundId, code: 'given_back_otherwise' })
    return { payment, amountMinor: 0, made: true }
  }
  if (!known) await insertRefund(trx, { ...asked, amountMinor })
  else if (amountMinor < known.amountMinor) await shrinkRefund(trx, { refundId, amountMinor })
  return { payment, amountMinor, made: false }
}

/** Books that the provider took a refund on, once, whoever hears of it first: we, or its webhook. */
export async function bookMade(
  trx: Db,
  made: {
    orderId: OrderId
    refundId: string
    status: 'pending' | 'succeeded'
    providerId: string
    currency: Currency
    cause: string
  },
): Promise<boolean> {
  const { orderId, refundId, currency, cause } = made
  await lockPayment(trx, orderId)
  const booked = await bookRefund(trx, made)
  if (!booked) return false
  const { amountMinor } = booked
  const at = new Date().toISOString()
  await writeJournal(trx, { orderId, kind: 'refunded', amountMinor, reference: refundId, at, cause })
  const type = 'Refund Processed'
  const reason = formatMoney({ amount: amountMinor, currency })
  await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason, cause })
  const data = { orderId, refundId, amountMinor, currency, status: made.status }
  await announce(trx, { schema: 'payments', events: [{ type, subject: orderId, at, cause, data }] })
  return true
}

/**
 * Asks for a refund in our books alone, for whoever waits for the answer. Refuses with `refund.not_paid`, `refund.nothing`,
 * `refund.not_chargeable`, or `refund.too_large` with what is left.
 */
export async function askRefund(trx: Db, asked: RefundAsked & { amountMinor: number }): Promise<void> {
  const { refundId, orderId, amountMinor } = asked
  const payment = await lockPayment(trx, orderId)
  if (!payment || payment.capturedMinor === 0) {
    throw new Refusal('refund.not_paid', 'Nothing was paid for this order.', { orderId })
  }
  const { currency } = payment
  const leftMinor = payment.capturedMinor - (await promisedBack(trx, { orderId, except: refundId }))
  if (amountMinor <= 0) throw new Refusal('refund.nothing', 'Nothing would be given back.', { orderId })
  if (amountMinor > leftMinor) {
    const facts = { orderId, leftMinor, currency }
    throw new Refusal('refund.too_large', 'So much is not left of what was paid.', facts)
  }
  const step = chargeStep(currency)
  if (amountMinor % step !== 0) {
    const facts = { orderId, step, currency }
    throw new Refusal('refund.not_chargeable', 'Cards take no such amount in this currency.', facts)
  }
  await insertRefund(trx, asked)
}
