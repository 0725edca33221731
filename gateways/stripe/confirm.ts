import type Stripe from 'stripe'
import { authorizationOf, intentStateOf } from './answers.ts'
import { lookUpTimeoutMs, retrieveIntent } from './look-up.ts'
import { expectObject, isReplay, mayHaveBegun, sendOnce, Unfinished } from './transport.ts'
import type { Finding, Trouble } from './transport.ts'
import type { Authorization, Input, IntentState } from './words.ts'

export async function confirm(
  stripe: Stripe,
  { intentId, paymentMethod, returnUrl, idempotencyKey }: Input<'confirm'>,
): Promise<Authorization> {
  const params = { payment_method: paymentMethod, return_url: returnUrl, expand: ['latest_charge'] }
  return sendOnce<Authorization>({
    stripe,
    operation: 'payment_intents.confirm',
    idempotencyKey,
    async send(key) {
      const intent = await stripe.paymentIntents.confirm(intentId, params, { idempotencyKey: key })
      const then = intentStateOf(expectObject(intent, 'payment_intent'))
      // A repeated answer may be old: the customer can have passed the challenge, or failed it, since.
      const state = isReplay(intent) ? await retrieveIntent(stripe, { intentId }) : then
      return authorizationOf(state) ?? declinedOf(state) ?? Promise.reject(new Unfinished())
    },
    find: (trouble) => find(stripe, { intentId, trouble }),
  })
}

function declinedOf({ declined }: IntentState): Authorization | undefined {
  return declined && { outcome: 'declined', ...declined }
}

async function find(
  stripe: Stripe,
  { intentId, trouble }: { intentId: string; trouble: Trouble },
): Promise<Finding<Authorization>> {
  const { kind, code, param, declineCode } = trouble
  const aboutTheCard = param === 'payment_method' || code?.startsWith('payment_method_') === true
  if (kind === 'card' || (kind === 'invalid' && aboutTheCard)) {
    return {
      answer: { outcome: 'declined', code: code ?? 'card_declined', declineCode: declineCode ?? null },
    }
  }
  if (!mayHaveBegun(trouble)) return 'unclear'
  const state = await retrieveIntent(stripe, { intentId, timeoutMs: lookUpTimeoutMs })
  // A challenge that is open may belong to an earlier try, and a new one does no harm: after an accident only money counts as done.
  const counts =
    code === 'payment_intent_unexpected_state' || state.status === 'authorized' || state.status === 'captured'
  const answer = counts ? authorizationOf(state) : undefined
  if (answer) return { answer }
  return state.status === 'processing' ? 'unclear' : 'nothing_done'
}
