import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow'
import type { Ending } from '../domain/orders.ts'
import { searchAttributes as attributes } from './contract.ts'

/**
 * What an operator reads in the Web UI about an order: where the story is, what it waits for, and what he can do. Details cost
 * nothing; each upsert is an event in the history, so there are at most two in an order's life, and one more when
 * it needs attention. No personal data.
 */
export const tell = {
  opening({ cartId }: { cartId: string }): void {
    setCurrentDetails(
      `Opening the order of cart \`${cartId}\`: freezing its lines, holding the stock, asking for a rate.`,
    )
  },

  waiting({
    attempt,
    until,
    totalMinor,
    challenged,
  }: {
    attempt: number
    until: string
    totalMinor: number
    challenged: boolean
  }): void {
    const tried = attempt === 0 ? 'No card was tried yet.' : `Cards tried: ${attempt}.`
    const bank = challenged ? ' The bank of the last one wants to see its customer (3-D Secure).' : ''
    setCurrentDetails(
      `**Waiting for payment** of ${totalMinor} (minor units) until ${until}. ${tried}${bank}\n\n` +
        `Then the stock is let go. *Request Cancellation* ends the order now and lets everything go.`,
    )
    if (attempt > 0) return
    upsertSearchAttributes([
      { key: attributes.sagaStep, value: 'waiting_for_payment' },
      { key: attributes.orderTotalMinor, value: totalMinor },
    ])
  },

  confirmed({ totalMinor, parcels }: { totalMinor: number; parcels: number }): void {
    setCurrentDetails(
      `**Paid and confirmed.** Promising the stock, buying ${parcels === 1 ? 'the label' : `${parcels} labels`}, ` +
        `writing to the customer. These only go forward: pending activities below say why they wait.`,
    )
    upsertSearchAttributes([
      { key: attributes.orderStatus, value: 'confirmed' },
      { key: attributes.sagaStep, value: 'fulfilment' },
      { key: attributes.orderTotalMinor, value: totalMinor },
    ])
  },

  attention(reason: string): void {
    setCurrentDetails(`**Needs attention:** ${reason}`)
    upsertSearchAttributes([{ key: attributes.needsAttention, value: true }])
  },

  ended({ ending, reason }: { ending: Ending; reason: string }): void {
    setCurrentDetails(`**Ended: ${ending}.** ${reason} Stock and card are let go.`)
    upsertSearchAttributes([
      { key: attributes.orderStatus, value: ending },
      { key: attributes.sagaStep, value: 'ended' },
    ])
  },
}
