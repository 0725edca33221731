import {
  allHandlersFinished,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  sleep,
} from '@temporalio/workflow'
import type { Begun } from '../activities/cancellations.ts'
import type { Recall } from '../activities/shipping/recall.ts'
import { refundIdOf } from '../domain/ids.ts'
import { kept, unrefused } from './attention.ts'
import { cancel } from './cancel-contract.ts'
import type { CancelOrder, CancelRequest, CancelStanding } from './cancel-contract.ts'
import { tellCancel } from './cancel-operators.ts'
import { letGo, placeOrderId } from './contract.ts'
import { refusalBehind } from './failures.ts'
import { howeverLong } from './however-long.ts'
import { letterbox } from './letterbox.ts'
import type { First, Letter } from './letterbox.ts'
import { cancellations, inventory, notifications, payments, shipping } from './proxies.ts'
import { ignoringTheGone } from './signals.ts'
import { aCancelRequest } from './validators.ts'

type Asked = Letter<CancelRequest, CancelStanding>
type Told = CancelRequest & CancelOrder

/**
 * Takes an order back, or a part of it, and makes its customer whole. Whether it may be is decided in the order's own row, so of a
 * cancellation, a payment, a parcel and another cancellation exactly one comes first. The parcels are called back before anything else:
 * until their labels are void the carrier can still win, from then on it only moves forward. The money goes back before the goods are
 * sold again.
 *
 * Specification: use case "Order Cancellation".
 */
export async function cancelOrder(
  { cancellationId }: CancelOrder,
  wish?: First<CancelRequest>,
): Promise<CancelStanding> {
  const letters = letterbox<CancelRequest, CancelStanding>(
    [{ update: cancel, validate: aCancelRequest }],
    wish,
  )

  // What was begun is brought to its end, whatever an operator does.
  return CancellationScope.nonCancellable(async () => {
    const letter = await letters.next()
    const verdict = await story({ cancellationId, letter })
    letters.close(verdict)
    await condition(allHandlersFinished)
    return verdict
  })
}

async function story({ cancellationId, letter }: CancelOrder & { letter: Asked }): Promise<CancelStanding> {
  const asked = { ...letter.content, cancellationId }
  const begun = await decided(asked)
  if (begun.outcome !== 'begun') return begun
  letter.answer({ outcome: 'accepted' })

  return unrefused(asked.orderId, () => takenBack(asked, begun))
}

/** What was begun goes on until it has ended, one way or the other. */
async function takenBack(asked: Told, begun: Begun): Promise<CancelStanding> {
  const { orderId, cancellationId, cause } = asked
  const wanted = begun.whole ? null : begun.lines
  tellCancel.recalling({ orderId, whole: begun.whole })
  const { parcels } = begun
  const recall = await howeverLong(shipping.recallParcels, {
    ...{ orderId, late: 'its parcels could not be taken back for a day' },
    input: { cancellationId, orderId, wanted, parcels, cause },
  })
  await Promise.all([
    recall.outcome === 'left' ? lost(asked, recall) : settled(asked, { begun, recall }),
    ...recall.replacements.map((shipmentId) => kept(orderId, () => shipping.labelParcel({ shipmentId }))),
  ])
  return recall.outcome === 'left'
    ? { outcome: 'refused', refusal: tooLate(asked) }
    : { outcome: 'cancelled' }
}

/**
 * Eligibility. An order that is not paid is let go by the workflow that places it; should its payment be faster, the cancellation goes
 * on with the paid one.
 */
async function decided(asked: Told): Promise<Begun | CancelStanding> {
  const { orderId, actor, reason } = asked
  try {
    let begun = await cancellations.beginCancellation(asked)
    if (begun.outcome === 'unpaid') {
      await ignoringTheGone(getExternalWorkflowHandle(placeOrderId(orderId)).signal(letGo, { actor, reason }))
    }
    for (let waitMs = 40; begun.outcome === 'unpaid'; waitMs = Math.min(waitMs * 2, 60_000)) {
      await sleep(waitMs, { summary: 'the order is let go, or paid' })
      begun = await cancellations.beginCancellation({ ...asked, version: null })
    }
    return begun.outcome === 'begun' ? begun : { outcome: 'already' }
  } catch (error) {
    const refusal = refusalBehind(error)
    if (!refusal) throw error
    return { outcome: 'refused', refusal }
  }
}

/** From here it only moves forward, however long the payment provider is down. */
async function settled(
  { cancellationId, orderId, reason, askedBy, cause }: Told,
  { begun, recall }: { begun: Begun; recall: Extract<Recall, { outcome: 'recalled' }> },
): Promise<void> {
  const { whole, lines, currency } = begun
  const replaced = recall.replacements.length
  await cancellations.announceCancellation({ ...recall, cancellationId, replaced, cause })

  const refundId = refundIdOf(cancellationId)
  const amountMinor = whole ? 'rest' : begun.amountMinor
  tellCancel.refunding({ amountMinor: begun.amountMinor, currency })
  const refunded = await howeverLong(payments.refundPayment, {
    ...{ orderId, late: 'its money could not be given back for a day' },
    input: {
      refundId,
      orderId,
      amountMinor,
      reason,
      cancellationId,
      lines: unweighed(lines),
      askedBy,
      cause,
    },
  })
  // Only now may somebody else buy the goods: a unit that is sold again never coexists with its first customer's charge.
  const units = whole ? null : recall.units
  await inventory.releaseCancelled({ cancellationId, orderId, units, cause })
  const { note } = await cancellations.finishCancellation({ cancellationId, cause })
  tellCancel.done({ whole })
  const refund = { ...note, amountMinor: refunded.amountMinor }
  await notifications.sendRefund({ orderId, reference: refundId, refund, cause })
}

const unweighed = (lines: Begun['lines']) => lines.map(({ lineId, quantity }) => ({ lineId, quantity }))

/** The carrier was faster: the order goes on, and its customer is told. */
async function lost(
  { cancellationId, orderId, cause }: Told,
  recall: Extract<Recall, { outcome: 'left' }>,
): Promise<void> {
  const replaced = recall.replacements.length
  await cancellations.loseCancellation({ ...recall, cancellationId, replaced, cause })
  tellCancel.lost()
  await notifications.sendTooLate({ orderId, reference: cancellationId, cause })
}

const tooLate = ({ orderId }: Told) => ({
  code: 'order.not_cancellable' as const,
  detail: 'The carrier has it already.',
  facts: { orderId },
})
