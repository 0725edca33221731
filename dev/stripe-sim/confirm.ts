import { cardNamed } from './cards.ts'
import { intentDetail, intentIn, secondsOf } from './change.ts'
import type { Call, Change } from './change.ts'
import { chargeCard, refused } from './charge.ts'
import { StripeError, invalidRequest, noSuch, unexpectedState } from './errors.ts'
import { announce, put } from './memory.ts'
import type { Memory } from './memory.ts'
import { mintId } from './records.ts'
import type { Intent, Method } from './records.ts'

/** `POST /v1/payment_intents/:id/confirm` */
export function confirmIntent(call: Call): Change {
  const { params, memory, nowMs } = call
  const given = params.text('payment_method')
  const returnUrl = params.text('return_url')
  params.flag('use_stripe_sdk')
  params.end()
  const intent = intentIn(call)
  checkConfirmable(intent)
  if (intent.status === 'requires_action' && given === undefined) return unchanged(intent)
  return attempt({ ...call, intent, method: methodFor({ memory, intent, given, nowMs }), returnUrl })
}

const unchanged = (intent: Intent): Change => ({
  facts: [put(intent)],
  thing: intent,
  detail: { outcome: 'unchanged', ...intentDetail(intent) },
})

function checkConfirmable({ id, status }: Intent): void {
  if (status === 'succeeded') {
    throw unexpectedState(
      'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.',
      id,
    )
  }
  if (status === 'canceled' || status === 'requires_capture') {
    throw unexpectedState(
      `You cannot confirm this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following ` +
        'statuses may be confirmed: requires_confirmation, requires_action, requires_payment_method.',
      id,
    )
  }
}

/** The payment method that a confirm uses; a test id becomes a payment method of its own each time. */
function methodFor({
  memory,
  intent,
  given = intent.methodId ?? undefined,
  nowMs,
}: {
  memory: Memory
  intent: Intent
  given: string | undefined
  nowMs: number
}): Method {
  if (given === undefined) {
    throw new StripeError(
      400,
      {
        type: 'invalid_request_error',
        code: 'payment_intent_unexpected_state',
        message:
          "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a " +
          'payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.',
      },
      { intentId: intent.id },
    )
  }
  return methodNamed({ memory, name: given, nowMs })
}

export function methodNamed({
  memory,
  name,
  nowMs,
}: {
  memory: Memory
  name: string
  nowMs: number
}): Method {
  const known = memory.find(name)
  if (known?.object === 'payment_method') return known
  if (!cardNamed(name)) throw noSuch('PaymentMethod', name, { param: 'payment_method', inAddress: false })
  return { object: 'payment_method', id: mintId('pm'), created: secondsOf(nowMs), card: name }
}

/** One try to be paid: a challenge first where the card wants one, else a charge. */
export function attempt({
  intent,
  method,
  returnUrl,
  origin,
  nowMs,
}: {
  intent: Intent
  method: Method
  returnUrl: string | undefined
  origin: string
  nowMs: number
}): Change {
  if (intent.automatic?.allowRedirects === 'always' && returnUrl === undefined) {
    throw invalidRequest(
      'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might ' +
        'redirect your customer off of your page, you must provide a `return_url`. If you do not want that, create the PaymentIntent with ' +
        '`automatic_payment_methods[allow_redirects]` set to `never`.',
      { param: 'return_url' },
    )
  }
  if (!cardNamed(method.card)?.challenge) return chargeCard({ intent, method, nowMs, authenticated: false })
  const waiting: Intent = {
    ...intent,
    status: 'requires_action',
    methodId: method.id,
    failure: null,
    action: {
      url: `${origin}/redirect/authenticate/${intent.id}?client_secret=${intent.secret}`,
      returnUrl: returnUrl ?? null,
    },
  }
  return {
    facts: [put(method), put(waiting), announce('payment_intent.requires_action', waiting)],
    thing: waiting,
    detail: { outcome: 'requires_action', ...intentDetail(waiting) },
  }
}

/** The customer came back from the challenge. */
export function answerChallenge({
  intent,
  memory,
  passed,
  nowMs,
}: {
  intent: Intent
  memory: Memory
  passed: boolean
  nowMs: number
}): Change {
  const method = intent.methodId === null ? undefined : memory.find(intent.methodId)
  if (intent.status !== 'requires_action' || method?.object !== 'payment_method') {
    throw unexpectedState(
      `This PaymentIntent has a status of ${intent.status}: nothing is to be authenticated.`,
      intent.id,
    )
  }
  if (passed) return chargeCard({ intent, method, nowMs, authenticated: true })
  const failed = refused(intent, {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    declineCode: null,
    message:
      'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to ' +
      'fulfill this PaymentIntent again.',
    chargeId: null,
    methodId: method.id,
  })
  return {
    facts: [put(failed), announce('payment_intent.payment_failed', failed)],
    thing: failed,
    detail: { outcome: 'authentication_failed', ...intentDetail(failed) },
  }
}
