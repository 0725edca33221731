import type { OrderId } from '../../domain/ids.ts'
import { formatMoney } from '../../domain/money.ts'
import type { EventTopic } from '../../domain/provider-events.ts'
import type { IntentState, RefundState } from '../../gateways/stripe.ts'
import type { Db } from '../../store/db.ts'
import { flagOrder, noteOnTimeline } from '../../store/order-steps.ts'
import { lockPayment, readPayment, writeJournal } from '../../store/payments.ts'
import type { Payment } from '../../store/payments.ts'
import { failRefund, finishRefund, insertRefund, lockRefund } from '../../store/refunds.ts'
import { bookLostCapture } from './books.ts'
import type { PaymentServices } from './books.ts'
import { bookMade } from './refund.ts'

/** What a payment provider told us of an order, as a workflow is handed it: ids, never amounts. */
export interface PaymentNews {
  readonly orderId: OrderId
  readonly topic: EventTopic
  /** The provider's id of what it is about. */
  readonly objectId: string
  /** The order waits for this payment, and its workflow is gone. */
  readonly orphaned: boolean
  /** The provider's event. */
  readonly cause: string
}

type LetGo = (asked: { orderId: OrderId; cause: string }) => Promise<void>

/**
 * Brings our books to what the provider says now: the event is only the occasion. Money for an order that was let go goes back at
 * once. Answers what was done, for the operator who reads the workflow.
 */
export async function bookNews(services: PaymentServices & { letGo: LetGo }, news: PaymentNews) {
  const payment = await readPayment(services.db, news.orderId)
  if (!payment?.intentId) throw new Error(`Order ${news.orderId} has no payment at the provider.`)
  if (news.topic === 'refund') return { done: await bookRefundNews(services, { news, payment }) }
  if (news.topic === 'dispute') return { done: await bookDispute(services, { news, payment }) }
  const intent = await services.stripe.retrieveIntent(payment.intentId)
  return { done: await bookPayment(services, { news, payment, intent }) }
}

async function bookPayment(
  services: PaymentServices & { letGo: LetGo },
  { news, payment, intent }: { news: PaymentNews; payment: Payment; intent: IntentState },
): Promise<string> {
  const { orderId, cause } = news
  const held = intent.status === 'authorized' || intent.status === 'captured'
  if (payment.status === 'voided') {
    if (!held) return 'Nothing is held or taken for this order, as our books say.'
    await services.letGo({ orderId, cause })
    await bookBriefHold(services.db, { news, intent })
    return 'The order was let go before; the money goes back.'
  }
  if (news.orphaned && payment.status === 'open' && held) {
    await services.letGo({ orderId, cause })
    const reason = 'It was paid while its workflow was gone; the money was given back.'
    await flagOrder(services.db, { orderId, reason })
    return reason
  }
  const lacking = payment.status === 'open' || payment.status === 'authorized'
  if (intent.status !== 'captured' || !lacking) return 'Our books say so already.'
  await bookLostCapture(services, { payment, cause })
  return 'The capture is booked.'
}

/** An authorization that nobody waited for any more was held for a moment: the journal tells of both ends. */
async function bookBriefHold(
  db: Db,
  { news, intent }: { news: PaymentNews; intent: IntentState },
): Promise<void> {
  if (intent.status !== 'authorized') return
  const at = new Date().toISOString()
  const { orderId, cause } = news
  const { intentId: reference, capturableMinor: amountMinor } = intent
  await db.transaction(async (trx) => {
    for (const kind of ['authorized', 'voided'] as const) {
      await writeJournal(trx, { orderId, kind, amountMinor, reference, at, cause })
    }
  })
}

async function bookRefundNews(
  { db, stripe }: PaymentServices,
  { news, payment }: { news: PaymentNews; payment: Payment },
): Promise<string> {
  const refund = await stripe.retrieveRefund(news.objectId)
  if (refund.intentId !== payment.intentId) {
    throw new Error(`The refund ${news.objectId} is of another payment than the one of ${news.orderId}.`)
  }
  return db.transaction(async (trx) => bookRefundState(trx, { news, payment, refund }))
}

async function bookRefundState(
  trx: Db,
  { news, payment, refund }: { news: PaymentNews; payment: Payment; refund: RefundState },
): Promise<string> {
  const { orderId, cause } = news
  const { providerRefundId: providerId, amountMinor, status } = refund
  await lockPayment(trx, orderId)
  const known = await lockRefund(trx, { refundId: refund.refundId, providerId, orderId })
  const refundId = known?.refundId ?? `refund_${providerId}`
  const amount = formatMoney({ amount: amountMinor, currency: payment.currency })
  const at = new Date().toISOString()
  const entry = { orderId, amountMinor, reference: refundId, at, cause }

  if (status === 'failed') {
    if (!known || !(await failRefund(trx, { refundId, providerId, code: refund.code })))
      return 'Nothing was given back.'
    // It was made and came back before we heard of either: the journal tells of both ends.
    if (known.status === 'asked') await writeJournal(trx, { ...entry, kind: 'refunded' })
    await writeJournal(trx, { ...entry, kind: 'refund_failed' })
    const reason = `The refund of ${amount} failed (${refund.code ?? 'unknown'}): the customer does not have the money.`
    await noteOnTimeline(trx, { orderId, type: 'Refund Failed', at, actor: 'system', reason, cause })
    await flagOrder(trx, { orderId, reason })
    return reason
  }
  if (!known) await insertRefund(trx, { refundId, orderId, amountMinor, reason: byHand, cause })
  const { currency } = payment
  if (!(await bookMade(trx, { orderId, refundId, status, providerId, currency, cause }))) {
    if (status === 'succeeded') await finishRefund(trx, { refundId })
    return `The refund is ${status}.`
  }
  if (known) return 'The refund is booked.'
  const reason = `${amount} were refunded ${byHand}.`
  await noteOnTimeline(trx, { orderId, type: 'Payment Refunded', at, actor: 'admin', reason, cause })
  await flagOrder(trx, { orderId, reason })
  return reason
}

const byHand = 'at the payment provider, not by us'

async function bookDispute(
  { db, stripe }: PaymentServices,
  { news, payment }: { news: PaymentNews; payment: Payment },
): Promise<string> {
  const { orderId, cause } = news
  const { disputeId, intentId, amountMinor, reason: why } = await stripe.retrieveDispute(news.objectId)
  if (intentId !== payment.intentId) {
    throw new Error(`The dispute ${news.objectId} is of another payment than the one of ${orderId}.`)
  }
  const amount = formatMoney({ amount: amountMinor, currency: payment.currency })
  const reason = `The customer disputes ${amount} at his bank (${why}): answer it at the payment provider.`
  return db.transaction(async (trx) => {
    const at = new Date().toISOString()
    const entry = { orderId, kind: 'disputed', amountMinor, reference: disputeId, at, cause } as const
    if (!(await writeJournal(trx, entry))) return 'The dispute was booked before.'
    await noteOnTimeline(trx, { orderId, type: 'Payment Disputed', at, actor: 'customer', reason, cause })
    await flagOrder(trx, { orderId, reason })
    return reason
  })
}
