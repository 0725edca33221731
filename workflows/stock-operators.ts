import { getCurrentDetails, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow'
import type { Decided } from './stock-contract.ts'
import { searchAttributes as attributes } from './contract.ts'

/**
 * What an operator reads in the Web UI about stock: what a story waits for, since when, what comes next, and what he can do himself.
 * No personal data.
 */
const aNote = '\n\n*The last signal '

/** Shows a story; a note that stands below the last one stays. */
function show(story: string): void {
  const [, note] = getCurrentDetails().split(aNote)
  setCurrentDetails(note === undefined ? story : `${story}${aNote}${note}`)
}

const step = (value: string): void => upsertSearchAttributes([{ key: attributes.sagaStep, value }])

interface Ordered {
  readonly number: string | null
  readonly purchaseOrderId: string
}

const orderName = ({ number, purchaseOrderId }: Ordered): string =>
  `${number ?? purchaseOrderId} (\`purchase-order:${purchaseOrderId}\`)`

/** A time as people read it, to the minute: `2026-11-30 08:15 UTC`. */
const inWords = (isoTime: string): string => `${isoTime.slice(0, 10)} ${isoTime.slice(11, 16)} UTC`

export const tellStock = {
  checking(progress: { levels: number; low: number; started: number; after: string | null }): void {
    const { levels, low, started, after } = progress
    const where = after === null ? '' : `, up to \`${after}\``
    show(
      `**Checking stock levels.** ${levels} looked at so far${where}: ${low} low, ${started} replenishments started.\n\n` +
        'It goes on where it is after any restart. Pausing the schedule stops the next run, not this one.',
    )
  },

  checked(found: { levels: number; low: number; started: number; waiting: number }): void {
    const { levels, low, started, waiting } = found
    show(
      `**Checked ${levels} stock levels:** ${low} low, ${started} of them newly; ${waiting} replenishments wait for a decision.`,
    )
  },

  waiting(shortage: {
    sku: string
    warehouseId: string
    quantity: number
    because: readonly string[]
    since: string
    next: string
    nextKind: string
    expiresAt: string
    replenishmentId: string
  }): void {
    const { sku, warehouseId, quantity, because, since, next, nextKind, expiresAt, replenishmentId } =
      shortage
    show(
      [
        `**Waits for somebody to decide:** order ${quantity} of \`${sku}\` for \`${warehouseId}\`?`,
        because.map((sentence) => `- ${sentence}`).join('\n'),
        `Waiting since ${inWords(since)}. Next: ${nextKind} at ${inWords(next)}. Without a decision it ends at ${inWords(expiresAt)}.`,
        `To decide here, send the signal \`approve\` (with \`{}\`, or \`{"quantity": ${quantity}}\`) or \`reject\` (with \`{"reason": "…"}\`); ` +
          `over HTTP it is \`${replenishmentId}\`. *Request Cancellation* rejects it.`,
      ].join('\n\n'),
    )
  },

  alerted(): void {
    step('waiting_for_approval')
  },

  ordered(order: Ordered): void {
    show(`**Ordered** with ${orderName(order)}. Waits until it has come.`)
    step('ordered')
  },

  decided({ outcome }: Decided): void {
    show(`**Ended: ${outcome.replace('_', ' ')}.**`)
    step(outcome)
  },

  /** What became of what was ordered; cancelled: an operator let go of it. */
  over(outcome: 'fulfilled' | 'closed_short' | 'cancelled', order: Ordered): void {
    show(`**Ended: ${outcome.replace('_', ' ')}.** It was ordered with ${orderName(order)}.`)
    step(outcome)
  },

  purchase(order: {
    number: string
    status: string
    told: string
    open: readonly string[]
    expectedOn: string
    /** The next reminder, and whether it is overdue already; null: it has ended. */
    next: { readonly at: string; readonly late: boolean } | null
  }): void {
    const { number, status, told, open, expectedOn, next } = order
    const standing = `**${number} is ${status.replace('_', ' ')}.** ${told}`
    if (next === null) {
      return show(
        `${standing}\n\nNothing more is expected. What comes all the same is booked over HTTP, and somebody is asked to look.`,
      )
    }
    show(
      [
        standing,
        `Still to come: ${open.join(', ')}. Expected on ${expectedOn}.`,
        `Next: ${next.late ? 'a reminder that it is overdue' : 'a reminder, if it is overdue then'}, at ${inWords(next.at)}.`,
        'Deliveries are booked with the update `receive`; the update `endPurchaseOrder` cancels it or closes it short. ' +
          '*Request Cancellation* cancels it if nothing has come.',
      ].join('\n\n'),
    )
  },

  unreadable({ signal, reason }: { signal: string; reason: string }): void {
    const [story] = getCurrentDetails().split(aNote)
    setCurrentDetails(`${story}${aNote}\`${signal}\` was not understood: ${reason}*`)
  },
}
