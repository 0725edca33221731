import { checkStep, written } from './amounts.ts'
import { cardNamed } from './cards.ts'
import { latestCharge, refundIn, secondsOf } from './change.ts'
import type { Call, Change } from './change.ts'
import { StripeError, invalidRequest, missingParam, noSuch } from './errors.ts'
import { announce, put } from './memory.ts'
import type { Memory } from './memory.ts'
import { mergeMetadata } from './params.ts'
import { mintId } from './records.ts'
import type { Charge, Refund } from './records.ts'

const reasons = ['duplicate', 'fraudulent', 'requested_by_customer'] as const

/** `POST /v1/refunds`: gives back a captured charge, or a part of what is left of it. */
export function createRefund(call: Call & { settleMs: number }): Change {
  const { params, nowMs, settleMs } = call
  const chargeId = params.text('charge')
  const intentId = params.text('payment_intent')
  const asked = params.integer('amount')
  const reason = params.oneOf('reason', reasons) ?? null
  const metadata = mergeMetadata({}, params.metadata())
  params.end()
  const charge = chargeToRefund({ memory: call.memory, chargeId, intentId })
  const left = leftToRefund(charge)
  if (left === 0) {
    throw new StripeError(
      400,
      {
        type: 'invalid_request_error',
        code: 'charge_already_refunded',
        message: `Charge ${charge.id} has already been refunded.`,
      },
      { remembered: true },
    )
  }
  const amount = asked ?? left
  if (amount > left) {
    const message = `Refund amount (${written(amount, charge.currency)}) is greater than unrefunded amount on charge (${written(left, charge.currency)})`
    throw new StripeError(
      400,
      { type: 'invalid_request_error', message, param: 'amount' },
      { remembered: true },
    )
  }
  checkStep(amount, charge.currency)
  const behaviour = cardNamed(charge.card)?.refund
  const refund: Refund = {
    object: 'refund',
    id: mintId('re'),
    created: secondsOf(nowMs),
    chargeId: charge.id,
    intentId: charge.intentId,
    amount,
    currency: charge.currency,
    status: behaviour === 'pending_then_succeeds' ? 'pending' : 'succeeded',
    reason,
    failureReason: null,
    due: behaviour
      ? { atMs: nowMs + settleMs, status: behaviour === 'pending_then_succeeds' ? 'succeeded' : 'failed' }
      : null,
    metadata,
  }
  const given: Charge = {
    ...charge,
    amountRefunded: charge.amountRefunded + amount,
    refundIds: [...charge.refundIds, refund.id],
  }
  return {
    facts: [put(refund), put(given), announce('refund.created', refund), announce('charge.refunded', given)],
    thing: refund,
    detail: refundDetail(refund),
  }
}

/** What of a captured charge can still be given back; a released part was never captured. */
function leftToRefund({ amount, amountRefunded }: Charge): number {
  return amount - amountRefunded
}

function chargeToRefund({
  memory,
  chargeId,
  intentId,
}: {
  memory: Memory
  chargeId: string | undefined
  intentId: string | undefined
}): Charge {
  if (chargeId !== undefined) {
    const charge = memory.charges.get(chargeId)
    if (!charge) throw noSuch('charge', chargeId, { param: 'charge', inAddress: false })
    if (charge.captured) return charge
    throw unpaid(charge.intentId)
  }
  if (intentId === undefined) throw missingParam('charge')
  const intent = memory.intents.get(intentId)
  if (!intent) throw noSuch('payment_intent', intentId, { param: 'payment_intent', inAddress: false })
  const charge = latestCharge(memory, intent)
  if (charge?.captured) return charge
  throw unpaid(intentId)
}

function unpaid(intentId: string): StripeError {
  const message = `This PaymentIntent (${intentId}) does not have a successful charge to refund.`
  return new StripeError(
    400,
    { type: 'invalid_request_error', message, param: 'payment_intent' },
    { remembered: true },
  )
}

/** `POST /v1/refunds/:id/cancel`: only refunds that wait for the customer can be canceled, and a card's never do. */
export function cancelRefund(call: Call): Change {
  call.params.end()
  const { status } = refundIn(call)
  throw invalidRequest(
    `You cannot cancel a refund with a status of ${status}. Only a refund with a status of requires_action may be canceled.`,
  )
}

/** What the card's bank made of a refund in the end. A failed one puts the money back on our side. */
export function settleRefund({
  memory,
  refund,
  status,
}: {
  memory: Memory
  refund: Refund
  status: 'succeeded' | 'failed'
}): Change {
  const failed = status === 'failed'
  const settled: Refund = {
    ...refund,
    status,
    due: null,
    failureReason: failed ? 'expired_or_canceled_card' : null,
  }
  const charge = memory.charges.get(refund.chargeId)
  const back =
    failed && charge ? { ...charge, amountRefunded: charge.amountRefunded - refund.amount } : undefined
  return {
    facts: [
      put(settled),
      ...(back ? [put(back)] : []),
      announce('refund.updated', settled),
      announce('charge.refund.updated', settled),
      ...(failed ? [announce('refund.failed', settled)] : []),
    ],
    thing: settled,
    detail: refundDetail(settled),
  }
}

function refundDetail({
  status,
  amount,
  currency,
  intentId,
  chargeId,
  metadata,
}: Refund): Record<string, unknown> {
  return { status, amount, currency, paymentIntent: intentId, charge: chargeId, metadata }
}
