import type Stripe from 'stripe'
import { intentStateOf } from './answers.ts'
import { lookUpTimeoutMs, retrieveIntent } from './look-up.ts'
import { expectObject, mayHaveBegun, sendOnce, Unfinished } from './transport.ts'
import type { Finding, Trouble } from './transport.ts'
import type { Capture, Input, IntentState } from './words.ts'

export async function capture(
  stripe: Stripe,
  { intentId, idempotencyKey }: Input<'capture'>,
): Promise<Capture> {
  const params = { expand: ['latest_charge'] }
  return sendOnce<Capture>({
    stripe,
    operation: 'payment_intents.capture',
    idempotencyKey,
    async send(key) {
      const intent = await stripe.paymentIntents.capture(intentId, params, { idempotencyKey: key })
      const state = intentStateOf(expectObject(intent, 'payment_intent'))
      return capturedOf(state) ?? Promise.reject(new Unfinished())
    },
    find: (trouble) => find(stripe, { intentId, trouble }),
  })
}

function capturedOf({ status, receivedMinor, chargeId, intentId }: IntentState): Capture | undefined {
  if (status !== 'captured') return undefined
  return { outcome: 'captured', amountMinor: receivedMinor, chargeId: chargeId ?? intentId }
}

const expired = new Set(['charge_expired_for_capture', 'capture_charge_authorization_expired'])

async function find(
  stripe: Stripe,
  { intentId, trouble }: { intentId: string; trouble: Trouble },
): Promise<Finding<Capture>> {
  if (!mayHaveBegun(trouble)) return 'unclear'
  const state = await retrieveIntent(stripe, { intentId, timeoutMs: lookUpTimeoutMs })
  const captured = capturedOf(state)
  if (captured) return { answer: captured }
  const { kind, code = '' } = trouble
  if (state.status === 'cancelled') {
    return { answer: { outcome: 'refused', code: expired.has(code) ? code : 'payment_intent_canceled' } }
  }
  const saidNo = kind === 'invalid' || kind === 'card'
  if (saidNo && (expired.has(code) || state.status === 'open')) {
    return { answer: { outcome: 'refused', code: code || 'payment_intent_unexpected_state' } }
  }
  return state.status === 'processing' ? 'unclear' : 'nothing_done'
}

type Cancelled = { outcome: 'cancelled' } | { outcome: 'captured' }

export async function cancel(
  stripe: Stripe,
  { intentId, idempotencyKey }: Input<'cancel'>,
): Promise<Cancelled> {
  return sendOnce<Cancelled>({
    stripe,
    operation: 'payment_intents.cancel',
    idempotencyKey,
    async send(key) {
      const intent = await stripe.paymentIntents.cancel(intentId, {}, { idempotencyKey: key })
      const { status } = intentStateOf(expectObject(intent, 'payment_intent'))
      return status === 'cancelled' ? { outcome: status } : Promise.reject(new Unfinished())
    },
    async find(trouble) {
      if (!mayHaveBegun(trouble)) return 'unclear'
      const { status } = await retrieveIntent(stripe, { intentId, timeoutMs: lookUpTimeoutMs })
      if (status === 'cancelled' || status === 'captured') return { answer: { outcome: status } }
      return status === 'processing' ? 'unclear' : 'nothing_done'
    },
  })
}
