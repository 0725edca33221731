import { writeCharge, writeMethod } from './card-shapes.ts'
import type { Json } from './card-shapes.ts'
import { writeDispute } from './dispute-shapes.ts'
import { errorJson } from './errors.ts'
import type { Failure, Intent, Refund, Thing } from './records.ts'

/** A thing at one moment, with what is to be shown inside it instead of an id. */
export interface View {
  readonly thing: Thing
  readonly inside: Readonly<Record<string, Thing>>
}

/** Writes a thing as Stripe's API does. The fields and enums are those of Stripe's OpenAPI description. */
export function writeView({ thing, inside }: View): Json {
  const json = writeThing(thing)
  for (const [field, other] of Object.entries(inside)) json[field] = writeThing(other)
  return json
}

function writeThing(thing: Thing): Json {
  switch (thing.object) {
    case 'payment_method':
      return writeMethod(thing)
    case 'payment_intent':
      return writeIntent(thing)
    case 'charge':
      return writeCharge(thing)
    case 'refund':
      return writeRefund(thing)
    case 'dispute':
      return writeDispute(thing)
  }
}

function writeIntent(intent: Intent): Json {
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: intent.allowedTypes,
    amount: intent.amount,
    amount_capturable: intent.capturable,
    amount_details: { tip: {} },
    amount_received: intent.received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: intent.automatic && {
      allow_redirects: intent.automatic.allowRedirects,
      enabled: true,
    },
    canceled_at: intent.canceledAt,
    cancellation_reason: intent.cancellationReason,
    capture_method: intent.captureMethod,
    client_secret: intent.secret,
    confirmation_method: intent.confirmationMethod,
    created: intent.created,
    currency: intent.currency,
    customer: null,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: null,
    last_payment_error: intent.failure && writeFailure(intent.failure),
    latest_charge: intent.chargeIds.at(-1) ?? null,
    livemode: false,
    metadata: intent.metadata,
    next_action: writeAction(intent),
    on_behalf_of: null,
    payment_method: intent.methodId,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: intent.status,
    transfer_data: null,
    transfer_group: null,
  }
}

/** Without an address to return to, Stripe leaves the challenge to its script in the browser. */
function writeAction({ action }: Intent): Json | null {
  if (!action) return null
  if (action.returnUrl === null) {
    return {
      type: 'use_stripe_sdk',
      use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: action.url },
    }
  }
  return { type: 'redirect_to_url', redirect_to_url: { return_url: action.returnUrl, url: action.url } }
}

function writeFailure(failure: Failure): Json {
  return errorJson({
    type: failure.type,
    code: failure.code,
    message: failure.message,
    ...(failure.declineCode === null ? {} : { decline_code: failure.declineCode }),
    ...(failure.chargeId === null ? {} : { charge: failure.chargeId }),
  })
}

function writeRefund(refund: Refund): Json {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: refund.id.replace('re_', 'txn_'),
    charge: refund.chargeId,
    created: refund.created,
    currency: refund.currency,
    customer: null,
    customer_account: null,
    destination_details: {
      card: {
        reference_status: refund.status === 'pending' ? 'pending' : 'available',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
      type: 'card',
    },
    ...(refund.failureReason === null ? {} : { failure_reason: refund.failureReason }),
    metadata: refund.metadata,
    payment_intent: refund.intentId,
    payment_method: null,
    ...(refund.status === 'pending' ? { pending_reason: 'processing' } : {}),
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  }
}
