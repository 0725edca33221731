import type Stripe from 'stripe'
import { isId } from '../../domain/ids.ts'
import type { PaymentAction } from '../../domain/payments.ts'
import type { Authorization, DisputeState, IntentState, RefundAnswer, RefundState } from './words.ts'

const statusOf = {
  requires_payment_method: 'open',
  requires_confirmation: 'open',
  requires_action: 'action_required',
  processing: 'processing',
  requires_capture: 'authorized',
  succeeded: 'captured',
  canceled: 'cancelled',
} as const satisfies Record<string, IntentState['status']>

const isKnown = (status: string): status is keyof typeof statusOf => Object.hasOwn(statusOf, status)

/** Reads an intent whose latest charge was asked for as well. */
export function intentStateOf(intent: Stripe.PaymentIntent): IntentState {
  const charge = chargeOf(intent)
  const orderId = intent.metadata.order_id ?? ''
  const captureBefore = charge?.payment_method_details?.card?.capture_before
  const action = actionOf(intent)
  const declined = declineOf(intent)
  return {
    intentId: intent.id,
    orderId: isId('ord', orderId) ? orderId : null,
    // A status that is newer than this client is not an answer to anything: treat it as on its way.
    status: isKnown(intent.status) ? statusOf[intent.status] : 'processing',
    totalMinor: intent.amount,
    capturableMinor: intent.amount_capturable,
    receivedMinor: intent.amount_received,
    refundedMinor: charge?.captured ? charge.amount_refunded - (charge.amount - charge.amount_captured) : 0,
    currency: intent.currency.toUpperCase(),
    chargeId: chargeIdOf(intent),
    captureBefore: captureBefore === undefined ? null : isoOf(captureBefore),
    createdAt: isoOf(intent.created),
    ...(action ? { action } : {}),
    ...(declined ? { declined } : {}),
  }
}

function declineOf({ status, last_payment_error: error }: Stripe.PaymentIntent): IntentState['declined'] {
  if (status !== 'requires_payment_method' || !error) return undefined
  return { code: error.code ?? error.type, declineCode: error.decline_code ?? null }
}

/** What an intent says about being paid; undefined while it says nothing, or only of an earlier try. */
export function authorizationOf(state: IntentState): Authorization | undefined {
  switch (state.status) {
    case 'authorized':
    case 'captured':
      if (state.chargeId === null) return undefined
      return { outcome: 'authorized', chargeId: state.chargeId, captureBefore: state.captureBefore }
    case 'action_required':
      return state.action && { outcome: 'action_required', action: state.action }
    case 'cancelled':
      return { outcome: 'declined', code: 'payment_intent_canceled', declineCode: null }
    case 'open':
    case 'processing':
      return undefined
  }
}

export function refundAnswerOf({ id, status, amount, failure_reason: reason }: Stripe.Refund): RefundAnswer {
  if (status === 'succeeded' || status === 'pending')
    return { outcome: status, providerRefundId: id, amountMinor: amount }
  return { outcome: 'refused', code: reason ?? `refund_${status ?? 'unknown'}` }
}

/** A refund that waits for somebody is on its way; one that was called off has failed. */
export function refundStateOf(refund: Stripe.Refund): RefundState {
  const { id, status, amount, payment_intent: intent, failure_reason: reason, metadata } = refund
  const failed = status === 'failed' || status === 'canceled'
  return {
    providerRefundId: id,
    refundId: metadata?.refund_id ?? null,
    intentId: idOf(intent),
    amountMinor: amount,
    status: failed ? 'failed' : status === 'succeeded' ? 'succeeded' : 'pending',
    code: failed ? (reason ?? status) : null,
  }
}

export function disputeStateOf(dispute: Stripe.Dispute): DisputeState {
  const { id, amount, status, reason, payment_intent: intent } = dispute
  return { disputeId: id, intentId: idOf(intent), amountMinor: amount, status, reason }
}

function actionOf({
  status,
  next_action: next,
  client_secret: secret,
}: Stripe.PaymentIntent): PaymentAction | undefined {
  if (status !== 'requires_action') return undefined
  const url = next?.redirect_to_url?.url
  if (url) return { kind: 'redirect', url }
  return secret === null ? undefined : { kind: 'client', clientSecret: secret }
}

function chargeOf({ latest_charge: charge }: Stripe.PaymentIntent): Stripe.Charge | undefined {
  return charge === null || typeof charge === 'string' ? undefined : charge
}

const chargeIdOf = ({ latest_charge: charge }: Stripe.PaymentIntent): string | null => idOf(charge)

const idOf = (thing: string | { id: string } | null): string | null =>
  typeof thing === 'string' ? thing : (thing?.id ?? null)

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString()
