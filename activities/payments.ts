import type { OrderId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import { Refusal } from '../domain/refusals.ts'
import type { Authorization, PaymentGateway } from '../gateways/stripe.ts'
import type { Db } from '../store/db.ts'
import { announce } from '../store/outbox.ts'
import {
  bookRefund,
  insertRefund,
  markAuthorized,
  markCaptured,
  noteAttempt,
  noteOutcome,
  openPayment,
  readPayment,
  rememberIntent,
  shutPayment,
  writeJournal,
} from '../store/payments.ts'
import type { Payment } from '../store/payments.ts'

export interface AuthorizePayment {
  readonly orderId: OrderId
  readonly total: Money
  /** Numbers the customer's tries, from 1; never an activity's retries. */
  readonly attempt: number
  readonly paymentMethod: string
  readonly returnUrl: string
  readonly cause: string
}

type PaymentServices = { readonly db: Db; readonly stripe: PaymentGateway }

/**
 * Money, at the provider and in our books. Every call carries a key made of our own id, the provider's id is stored before it is
 * used, and no database lock is held while the provider is asked (rivals.md: Saleor PR#11069).
 */
export function paymentActivities({ db, stripe }: PaymentServices) {
  return {
    /** Holds the total on the customer's card. A decline is an answer: the customer may try another card. */
    async authorizePayment(input: AuthorizePayment): Promise<Authorization> {
      const { orderId, attempt, paymentMethod, returnUrl } = input
      const payment = await openPayment(db, input)
      if (payment.status === 'voided') throw letGoAlready(orderId)
      const intentId = payment.intentId ?? (await createIntent({ db, stripe }, input))
      await noteAttempt(db, { orderId, attempt, paymentMethod })

      const idempotencyKey = `authorize:${orderId}:${attempt}`
      const answer = await stripe.confirm({ intentId, paymentMethod, returnUrl, idempotencyKey })
      if (!(await bookAuthorization(db, { ...input, intentId, answer }))) {
        // The order was let go while the bank was asked: what it holds for us is given back at once.
        await stripe.cancel({ intentId, idempotencyKey: `void:${orderId}` })
        throw letGoAlready(orderId)
      }
      return answer
    },

    /**
     * The pivot: takes the money that is held. Refuses with `payment.capture_refused` only when the provider says for good that
     * it cannot be had (the authorization expired or was cancelled there); anything unclear is a fault, and is tried again.
     */
    async capturePayment({ orderId, cause }: { orderId: OrderId; cause: string }): Promise<void> {
      const payment = await readPayment(db, orderId)
      if (payment?.status === 'captured') return
      if (!payment?.intentId) throw new Error(`Order ${orderId} has no payment that could be captured.`)

      const answer = await stripe.capture({
        intentId: payment.intentId,
        idempotencyKey: `capture:${orderId}`,
      })
      if (answer.outcome === 'refused') {
        throw new Refusal('payment.capture_refused', 'The card’s authorization is gone.', {
          code: answer.code,
        })
      }
      await bookCapture(db, { payment, cause, ...answer })
    },

    /** The undo of paying: whatever became of the payment, nothing of it is left. Looks first, then voids or refunds. */
    async returnPayment({ orderId, cause }: { orderId: OrderId; cause: string }): Promise<void> {
      const payment = await shutPayment(db, orderId)
      if (payment.intentId === null || payment.status === 'refunded') return
      if (payment.status === 'captured') return refundWhole({ db, stripe }, { payment, cause })

      const intentId = payment.intentId
      const answer = await stripe.cancel({ intentId, idempotencyKey: `void:${orderId}` })
      if (answer.outcome === 'captured') {
        // The capture went through but its answer was lost: our books learn of it first, then it is given back.
        await bookLostCapture({ db, stripe }, { payment, cause })
        return refundWhole({ db, stripe }, { payment, cause })
      }
      if (payment.authorizedMinor === 0) return
      const at = new Date().toISOString()
      const amountMinor = payment.authorizedMinor
      await writeJournal(db, { orderId, kind: 'voided', amountMinor, reference: intentId, at, cause })
    },
  }
}

const letGoAlready = (orderId: OrderId): Refusal =>
  new Refusal('hold.expired', 'This order was let go before it was paid.', { orderId })

async function createIntent(
  { db, stripe }: PaymentServices,
  { orderId, total }: AuthorizePayment,
): Promise<string> {
  const { intentId } = await stripe.createIntent({ orderId, total, idempotencyKey: `intent:${orderId}` })
  await rememberIntent(db, { orderId, intentId })
  return intentId
}

/** Books what the bank said. False: it said yes, but the payment was shut meanwhile. */
async function bookAuthorization(
  db: Db,
  booking: AuthorizePayment & { intentId: string; answer: Authorization },
): Promise<boolean> {
  const { orderId, attempt, total, cause, intentId, answer } = booking
  const code = answer.outcome === 'declined' ? (answer.declineCode ?? answer.code) : null
  if (answer.outcome !== 'authorized') {
    await noteOutcome(db, { orderId, attempt, outcome: answer.outcome, code })
    return true
  }
  return db.transaction(async (trx) => {
    const { captureBefore } = answer
    const amountMinor = total.amount
    await noteOutcome(trx, { orderId, attempt, outcome: 'authorized', code })
    if (!(await markAuthorized(trx, { orderId, amountMinor, captureBefore }))) {
      const payment = await readPayment(trx, orderId)
      return payment?.status === 'authorized' || payment?.status === 'captured'
    }
    const at = new Date().toISOString()
    await writeJournal(trx, { orderId, kind: 'authorized', amountMinor, reference: intentId, at, cause })
    return true
  })
}

async function bookLostCapture(
  { db, stripe }: PaymentServices,
  { payment, cause }: { payment: Payment; cause: string },
): Promise<void> {
  const { intentId } = payment
  if (intentId === null) return
  const { receivedMinor: amountMinor, chargeId } = await stripe.retrieveIntent(intentId)
  await bookCapture(db, { payment, cause, amountMinor, chargeId: chargeId ?? intentId })
}

async function bookCapture(
  db: Db,
  capture: { payment: Payment; cause: string; amountMinor: number; chargeId: string },
): Promise<void> {
  const { payment, cause, amountMinor, chargeId } = capture
  const { orderId, currency } = payment
  await db.transaction(async (trx) => {
    if (!(await markCaptured(trx, { orderId, amountMinor }))) return
    const at = new Date().toISOString()
    await writeJournal(trx, { orderId, kind: 'captured', amountMinor, reference: chargeId, at, cause })
    const data = { orderId, amountMinor, currency }
    await announce(trx, {
      schema: 'payments',
      events: [{ type: 'Payment Processed', subject: orderId, at, cause, data }],
    })
  })
}

async function refundWhole(
  { db, stripe }: PaymentServices,
  { payment, cause }: { payment: Payment; cause: string },
): Promise<void> {
  const { orderId, intentId } = payment
  if (intentId === null) return
  const { receivedMinor, refundedMinor } = await stripe.retrieveIntent(intentId)
  const refundId = `refund_of_${orderId}`
  const reason = 'the order could not be completed'
  const amountMinor = receivedMinor - refundedMinor
  if (amountMinor > 0) await insertRefund(db, { refundId, orderId, amountMinor, reason, cause })
  const answer = await stripe.refund({
    intentId,
    amountMinor: receivedMinor,
    refundId,
    idempotencyKey: `refund:${orderId}`,
  })
  if (answer.outcome === 'refused') throw new Error(`The refund of ${orderId} was refused: ${answer.code}`)
  await db.transaction(async (trx) => {
    const status = answer.outcome
    if (!(await bookRefund(trx, { refundId, status, providerId: answer.providerRefundId }))) return
    const at = new Date().toISOString()
    await writeJournal(trx, {
      orderId,
      kind: 'refunded',
      amountMinor: receivedMinor,
      reference: refundId,
      at,
      cause,
    })
  })
}
