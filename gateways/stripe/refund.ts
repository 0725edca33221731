import type Stripe from 'stripe'
import { refundAnswerOf } from './answers.ts'
import { lookUpTimeoutMs } from './look-up.ts'
import { expectObject, mayHaveBegun, sendOnce } from './transport.ts'
import type { Trouble } from './transport.ts'
import type { Input, RefundAnswer } from './words.ts'

export async function refund(
  stripe: Stripe,
  { intentId, amountMinor, reason, refundId, idempotencyKey }: Input<'refund'>,
): Promise<RefundAnswer> {
  const params: Stripe.RefundCreateParams = {
    payment_intent: intentId,
    amount: amountMinor,
    // Stripe's own `reason` is a short closed list; ours goes where an operator finds it in Stripe's dashboard.
    metadata: { refund_id: refundId, ...(reason === undefined ? {} : { reason: reason.slice(0, 500) }) },
  }
  return sendOnce<RefundAnswer>({
    stripe,
    operation: 'refunds.create',
    idempotencyKey,
    async send(key) {
      const made = await stripe.refunds.create(params, { idempotencyKey: key })
      return refundAnswerOf(expectObject(made, 'refund'))
    },
    async find(trouble) {
      if (!mayHaveBegun(trouble)) return 'unclear'
      const made = await findRefund(stripe, { intentId, refundId })
      if (made) return { answer: refundAnswerOf(made) }
      // A no from the memory of a key may be out of date: what was not captured then may be captured now.
      const code = trouble.replayed ? undefined : refusalIn(trouble)
      return code === undefined ? 'nothing_done' : { answer: { outcome: 'refused', code } }
    },
  })
}

/** A refund of ours by the id that we gave it; an intent has few refunds. */
async function findRefund(
  stripe: Stripe,
  { intentId, refundId }: { intentId: string; refundId: string },
): Promise<Stripe.Refund | undefined> {
  const params = { payment_intent: intentId, limit: 100 }
  const { data } = expectObject(await stripe.refunds.list(params, { timeout: lookUpTimeoutMs }), 'list')
  return data.find(({ metadata }) => metadata?.refund_id === refundId)
}

const refusals = new Set([
  'charge_already_refunded',
  'charge_disputed',
  'charge_not_refundable',
  'refund_disputed_payment',
])

/** "More than is left" and "nothing was charged" have no code of their own at Stripe; the parameter tells. */
function refusalIn({ kind, code, param }: Trouble): string | undefined {
  if (kind !== 'invalid') return undefined
  if (code !== undefined && refusals.has(code)) return code
  if (code !== undefined && code !== 'invalid_request_error') return undefined
  if (param === 'amount') return 'amount_too_large'
  return param === 'payment_intent' ? 'nothing_captured' : undefined
}
