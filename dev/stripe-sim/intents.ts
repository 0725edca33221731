import { checkAmount, checkCurrency } from './amounts.ts'
import { intentDetail, intentIn, latestCharge, secondsOf } from './change.ts'
import type { Call, Change } from './change.ts'
import { attempt, methodNamed } from './confirm.ts'
import { invalidRequest, unexpectedState } from './errors.ts'
import { announce, put } from './memory.ts'
import type { Fact } from './memory.ts'
import { mergeMetadata, required } from './params.ts'
import type { Params } from './params.ts'
import { mintId, randomText } from './records.ts'
import type { Intent, IntentStatus } from './records.ts'

/** `POST /v1/payment_intents` */
export function createIntent(call: Call): Change {
  const { params, nowMs, memory } = call
  const amount = required(params.integer('amount'), 'amount')
  const currency = checkCurrency(required(params.text('currency'), 'currency'))
  const given = params.text('payment_method')
  const confirm = params.flag('confirm') ?? false
  const returnUrl = params.text('return_url')
  const kinds = acceptedKinds(params)
  const fresh: Intent = {
    object: 'payment_intent',
    id: mintId('pi'),
    secret: '',
    created: secondsOf(nowMs),
    amount: checkAmount(amount, currency),
    currency,
    captureMethod:
      params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual'] as const) ??
      'automatic_async',
    confirmationMethod: params.oneOf('confirmation_method', ['automatic', 'manual'] as const) ?? 'automatic',
    ...kinds,
    status: 'requires_payment_method',
    capturable: 0,
    received: 0,
    methodId: null,
    chargeIds: [],
    action: null,
    failure: null,
    canceledAt: null,
    cancellationReason: null,
    description: params.text('description') ?? null,
    metadata: mergeMetadata({}, params.metadata()),
  }
  params.end()
  if (returnUrl !== undefined && !confirm) {
    throw invalidRequest(
      'The parameter `return_url` cannot be passed when creating a PaymentIntent unless `confirm` is set to true.',
      {
        param: 'return_url',
      },
    )
  }
  const method = given === undefined ? undefined : methodNamed({ memory, name: given, nowMs })
  const intent: Intent = {
    ...fresh,
    secret: `${fresh.id}_secret_${randomText(25)}`,
    ...(method ? { status: 'requires_confirmation', methodId: method.id } : {}),
  }
  const facts: Fact[] = [
    ...(method ? [put(method)] : []),
    put(intent),
    announce('payment_intent.created', intent),
  ]
  if (!confirm) return { facts, thing: intent, detail: intentDetail(intent) }
  if (!method)
    throw invalidRequest('You must provide a payment method to confirm a PaymentIntent.', {
      param: 'payment_method',
    })
  const confirmed = attempt({ ...call, intent, method, returnUrl })
  return { ...confirmed, facts: [...facts, ...confirmed.facts] }
}

/** Since `2026-09-30.endive` the kinds are an allow-list, or the dashboard's choice. */
function acceptedKinds(params: Params): Pick<Intent, 'allowedTypes' | 'automatic'> {
  const allowedTypes = params.texts('allowed_payment_method_types') ?? null
  const dashboard = params.nested('automatic_payment_methods')
  const enabled = dashboard?.flag('enabled')
  const allowRedirects = dashboard?.oneOf('allow_redirects', ['always', 'never'] as const) ?? 'always'
  if (allowedTypes && !allowedTypes.includes('card')) {
    throw invalidRequest('This double only takes cards: put `card` among the allowed payment method types.', {
      param: 'allowed_payment_method_types',
    })
  }
  return { allowedTypes, automatic: allowedTypes || enabled === false ? null : { allowRedirects } }
}

const beforePayment: readonly IntentStatus[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
]

/** `POST /v1/payment_intents/:id`: what is paid may change before it is paid, what is said about it always. */
export function updateIntent(call: Call): Change {
  const { params, memory, nowMs } = call
  const amount = params.integer('amount')
  const currency = params.text('currency')
  const given = params.text('payment_method')
  const description = params.clearable('description')
  const changes = params.metadata()
  params.end()
  const intent = intentIn(call)
  for (const [name, value] of Object.entries({ amount, currency, payment_method: given })) {
    if (value !== undefined && !beforePayment.includes(intent.status)) {
      throw unexpectedState(
        `This PaymentIntent's ${name} could not be updated because it has a status of ${intent.status}. You may only update the ${name} ` +
          `of a PaymentIntent with one of the following statuses: ${beforePayment.join(', ')}.`,
        intent.id,
      )
    }
  }
  const newCurrency = currency === undefined ? intent.currency : checkCurrency(currency)
  const method = given === undefined ? undefined : methodNamed({ memory, name: given, nowMs })
  const updated: Intent = {
    ...intent,
    amount: checkAmount(amount ?? intent.amount, newCurrency),
    currency: newCurrency,
    description: description === undefined ? intent.description : description,
    metadata: mergeMetadata(intent.metadata, changes),
    ...(method ? { status: 'requires_confirmation', methodId: method.id, action: null } : {}),
  }
  return {
    facts: [...(method ? [put(method)] : []), put(updated)],
    thing: updated,
    detail: intentDetail(updated),
  }
}

const reasons = ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'] as const

/** `POST /v1/payment_intents/:id/cancel`: lets go of what is held. */
export function cancelIntent(call: Call): Change {
  const { params, nowMs } = call
  const reason = params.oneOf('cancellation_reason', reasons) ?? null
  params.end()
  const intent = intentIn(call)
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw unexpectedState(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following ` +
        'statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.',
      intent.id,
    )
  }
  return letGo({ call, intent, reason, event: 'charge.refunded', nowMs })
}

/** Ends an unpaid intent; a held amount goes back to the card, which Stripe shows as refunded. */
export function letGo({
  call: { memory },
  intent,
  reason,
  event,
  nowMs,
}: {
  call: Pick<Call, 'memory'>
  intent: Intent
  reason: string | null
  event: 'charge.refunded' | 'charge.expired'
  nowMs: number
}): Change {
  const canceled: Intent = {
    ...intent,
    status: 'canceled',
    capturable: 0,
    action: null,
    canceledAt: secondsOf(nowMs),
    cancellationReason: reason,
  }
  const held = intent.status === 'requires_capture' ? latestCharge(memory, intent) : undefined
  const released = held && { ...held, amountRefunded: held.amount, captureBefore: null }
  return {
    facts: [
      ...(released ? [put(released), announce(event, released)] : []),
      put(canceled),
      announce('payment_intent.canceled', canceled),
    ],
    thing: canceled,
    detail: { released: released?.amount ?? 0, ...intentDetail(canceled) },
  }
}
