import type { OrderId } from '../../domain/ids.ts'
import type { Authorization, PaymentGateway } from '../../gateways/stripe.ts'
import type { Db } from '../../store/db.ts'
import { flagOrder } from '../../store/order-steps.ts'
import { bookAuthorized, bookCaptured, noteOutcome, readPayment, writeJournal } from '../../store/payments.ts'
import type { Payment } from '../../store/payments.ts'
import { bookRefund, insertRefund } from '../../store/refunds.ts'

export interface PaymentServices {
  readonly db: Db
  readonly stripe: PaymentGateway
}

/** Books what the bank said of a try. False: it said yes, but the payment was shut meanwhile. */
export async function bookAuthorization(
  db: Db,
  booking: {
    orderId: OrderId
    attempt: number
    amountMinor: number
    cause: string
    intentId: string
    answer: Authorization
  },
): Promise<boolean> {
  const { orderId, attempt, amountMinor, cause, intentId, answer } = booking
  if (answer.outcome !== 'authorized') {
    const code = answer.outcome === 'declined' ? (answer.declineCode ?? answer.code) : null
    const action = answer.outcome === 'action_required' ? answer.action : null
    await noteOutcome(db, { orderId, attempt, outcome: answer.outcome, code, action })
    return true
  }
  const { captureBefore } = answer
  const at = new Date().toISOString()
  if (
    await bookAuthorized(db, { orderId, attempt, amountMinor, captureBefore, reference: intentId, at, cause })
  )
    return true
  const payment = await readPayment(db, orderId)
  return payment?.status === 'authorized' || payment?.status === 'captured'
}

/**
 * Books that the provider took the money. What an admin should know of it is flagged in the same transaction: that it is another
 * amount than the total, or that it was taken after the bank's promise had run out.
 */
export async function bookCapture(
  db: Db,
  capture: { payment: Payment; cause: string; amountMinor: number; chargeId: string },
): Promise<boolean> {
  const { payment, cause, amountMinor, chargeId } = capture
  const { orderId, currency } = payment
  const at = new Date().toISOString()
  const booking = { orderId, amountMinor, currency, reference: chargeId, at, cause }
  const reason = oddityOf({ payment, amountMinor, at })
  if (reason === null) return bookCaptured(db, booking)
  return db.transaction(async (trx) => {
    if (!(await bookCaptured(trx, booking))) return false
    await flagOrder(trx, { orderId, reason })
    return true
  })
}

function oddityOf({
  payment: { totalMinor, currency, captureBefore },
  amountMinor,
  at,
}: {
  payment: Payment
  amountMinor: number
  at: string
}): string | null {
  if (amountMinor !== totalMinor && totalMinor > 0) {
    return `The payment provider took ${amountMinor} of ${totalMinor} (minor units, ${currency}).`
  }
  if (captureBefore === null || captureBefore > at) return null
  return `The money was taken after its authorization had run out (${captureBefore}): the bank may take it back.`
}

/** Books a capture that the provider knows of and our books do not, with what it says of it now. */
export async function bookLostCapture(
  { db, stripe }: PaymentServices,
  { payment, cause }: { payment: Payment; cause: string },
): Promise<void> {
  const { intentId } = payment
  if (intentId === null) return
  const { receivedMinor: amountMinor, chargeId } = await stripe.retrieveIntent(intentId)
  await bookCapture(db, { payment, cause, amountMinor, chargeId: chargeId ?? intentId })
}

export async function refundWhole(
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
