import type Stripe from 'stripe'
import { disputeStateOf, intentStateOf, refundStateOf } from './answers.ts'
import { expectObject } from './transport.ts'
import type { DisputeState, Input, IntentState, RefundState } from './words.ts'

/** A look-up after trouble answers soon or not at all: the caller has waited once already. */
export const lookUpTimeoutMs = 3000

export async function retrieveIntent(
  stripe: Stripe,
  { intentId, timeoutMs }: { intentId: string; timeoutMs?: number },
): Promise<IntentState> {
  const options = timeoutMs === undefined ? {} : { timeout: timeoutMs }
  const intent = await stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] }, options)
  return intentStateOf(expectObject(intent, 'payment_intent'))
}

export async function retrieveRefund(stripe: Stripe, providerRefundId: string): Promise<RefundState> {
  return refundStateOf(expectObject(await stripe.refunds.retrieve(providerRefundId), 'refund'))
}

export async function retrieveDispute(stripe: Stripe, disputeId: string): Promise<DisputeState> {
  return disputeStateOf(expectObject(await stripe.disputes.retrieve(disputeId), 'dispute'))
}

export async function listIntents(
  stripe: Stripe,
  { createdAfter, startingAfter }: Input<'listIntents'>,
): Promise<{ intents: IntentState[]; hasMore: boolean }> {
  const page = await stripe.paymentIntents.list({
    created: { gte: Math.floor(Date.parse(createdAfter) / 1000) },
    limit: 100,
    expand: ['data.latest_charge'],
    ...(startingAfter === undefined ? {} : { starting_after: startingAfter }),
  })
  const { data, has_more: hasMore } = expectObject(page, 'list')
  return { intents: data.map(intentStateOf), hasMore }
}
