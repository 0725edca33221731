import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow'
import { unrefused } from './attention.ts'
import { refund } from './cancel-contract.ts'
import type { RefundOrder, RefundRequest, RefundStanding } from './cancel-contract.ts'
import { refusalBehind } from './failures.ts'
import { howeverLong } from './however-long.ts'
import { letterbox } from './letterbox.ts'
import type { First } from './letterbox.ts'
import { notifications, payments, refunds } from './proxies.ts'
import { tellCancel } from './cancel-operators.ts'
import { aRefundRequest } from './validators.ts'

/**
 * Gives money back because an admin says so: decided in our books at once, whether or not the provider can be reached, and then tried
 * until it is done.
 */
export async function refundOrder(
  { refundId }: RefundOrder,
  wish?: First<RefundRequest>,
): Promise<RefundStanding> {
  const letters = letterbox<RefundRequest, RefundStanding>(
    [{ update: refund, validate: aRefundRequest }],
    wish,
  )

  return CancellationScope.nonCancellable(async () => {
    const letter = await letters.next()
    const asked = { ...letter.content, refundId }
    const opened = await decided(asked)
    const verdict: RefundStanding =
      'refusal' in opened
        ? { outcome: 'refused', refusal: opened.refusal }
        : { outcome: 'accepted', amountMinor: opened.amountMinor }
    letter.answer(verdict)
    letters.close(verdict)
    if (!('refusal' in opened)) await unrefused(asked.orderId, () => givenBack(asked, opened))
    await condition(allHandlersFinished)
    return verdict
  })
}

type Opened = Awaited<ReturnType<typeof refunds.openRefund>>

/** It stands in our books: tried until the provider has made it, then the customer is written to. */
async function givenBack(
  { orderId, refundId, reason, askedBy, cause }: RefundRequest & RefundOrder,
  { amountMinor, note }: Opened,
): Promise<void> {
  tellCancel.givingBack({ orderId, amountMinor })
  const refunded = await howeverLong(payments.refundPayment, {
    ...{ orderId, late: 'a refund could not be made for a day' },
    input: {
      ...{ refundId, orderId, amountMinor, reason, askedBy, cause },
      cancellationId: null,
      lines: null,
    },
  })
  tellCancel.givenBack()
  if (refunded.amountMinor === 0) return
  const refund = { ...note, amountMinor: refunded.amountMinor }
  await notifications.sendRefund({ orderId, reference: refundId, refund, cause })
}

async function decided(asked: RefundRequest & RefundOrder) {
  try {
    return await refunds.openRefund(asked)
  } catch (error) {
    const refusal = refusalBehind(error)
    if (!refusal) throw error
    return { refusal }
  }
}
