import type Stripe from 'stripe'
import type { OrderId } from '../../domain/ids.ts'
import { expectObject, sendOnce } from './transport.ts'
import type { Finding } from './transport.ts'
import { lookUpTimeoutMs } from './look-up.ts'
import type { Input } from './words.ts'

type Created = { intentId: string; clientSecret: string }

export async function createIntent(
  stripe: Stripe,
  { orderId, total, idempotencyKey }: Input<'createIntent'>,
): Promise<Created> {
  const params: Stripe.PaymentIntentCreateParams = {
    amount: total.amount,
    currency: total.currency.toLowerCase(),
    capture_method: 'manual',
    allowed_payment_method_types: ['card'],
    metadata: { order_id: orderId },
  }
  return sendOnce({
    stripe,
    operation: 'payment_intents.create',
    idempotencyKey,
    async send(key) {
      const intent = await stripe.paymentIntents.create(params, { idempotencyKey: key })
      return createdOf(expectObject(intent, 'payment_intent'))
    },
    find: async ({ kind }) => (kind === 'server' ? findIntentOf(stripe, orderId) : 'unclear'),
  })
}

const createdOf = ({ id, client_secret: secret }: Stripe.PaymentIntent): Created => ({
  intentId: id,
  clientSecret: secret ?? '',
})

/** How many pages of a day's intents are looked through for one that was created although its answer was an error. */
const pagesSearched = 10

/**
 * Looks for the order's intent in the list, never by search, which lags. One that is too far back is taken for not made: a second
 * unconfirmed intent charges nobody, and the key's memory ends after a day anyway.
 */
async function findIntentOf(stripe: Stripe, orderId: OrderId): Promise<Finding<Created>> {
  const dayAgo = Math.floor(Date.now() / 1000) - 24 * 60 * 60
  const params: Stripe.PaymentIntentListParams = { created: { gte: dayAgo }, limit: 100 }
  for (let page = 0; page < pagesSearched; page += 1) {
    const answer = await stripe.paymentIntents.list(params, { timeout: lookUpTimeoutMs })
    const { data, has_more: hasMore } = expectObject(answer, 'list')
    const found = data.find(({ metadata }) => metadata.order_id === orderId)
    if (found) return { answer: createdOf(found) }
    const last = data.at(-1)
    if (!hasMore || !last) break
    params.starting_after = last.id
  }
  return 'nothing_done'
}
