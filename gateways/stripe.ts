import { cancel, capture } from './stripe/capture.ts'
import { confirm } from './stripe/confirm.ts'
import { createIntent } from './stripe/create.ts'
import { listIntents, retrieveDispute, retrieveIntent, retrieveRefund } from './stripe/look-up.ts'
import { refund } from './stripe/refund.ts'
import { ask, stripeClient } from './stripe/transport.ts'
import type { PaymentGateway } from './stripe/words.ts'

export type { Authorization, IntentState, PaymentGateway, RefundState } from './stripe/words.ts'

/** The payment gateway over Stripe's own client. `baseUrl` leads elsewhere than to Stripe, such as to a double or a proxy. */
export function createStripeGateway({
  apiKey,
  baseUrl,
  timeoutMs,
}: {
  apiKey: string
  baseUrl?: string | undefined
  timeoutMs: number
}): PaymentGateway {
  const stripe = stripeClient({ apiKey, baseUrl, timeoutMs })
  return {
    createIntent: (input) => createIntent(stripe, input),
    confirm: (input) => confirm(stripe, input),
    capture: (input) => capture(stripe, input),
    cancel: (input) => cancel(stripe, input),
    refund: (input) => refund(stripe, input),
    retrieveIntent: (intentId) => ask('payment_intents.retrieve', () => retrieveIntent(stripe, { intentId })),
    retrieveRefund: (id) => ask('refunds.retrieve', () => retrieveRefund(stripe, id)),
    retrieveDispute: (id) => ask('disputes.retrieve', () => retrieveDispute(stripe, id)),
    listIntents: (input) => ask('payment_intents.list', () => listIntents(stripe, input)),
  }
}
