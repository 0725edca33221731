import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow'
import { formatMoney } from '../domain/money.ts'
import type { Currency } from '../domain/money.ts'
import { searchAttributes as attributes } from './contract.ts'

/** What an operator reads in the Web UI about a cancellation. No personal data; one upsert at its end. */
export const tellCancel = {
  recalling({ orderId, whole }: { orderId: string; whole: boolean }): void {
    setCurrentDetails(
      `**Cancelling ${whole ? 'the whole' : 'a part'} of \`${orderId}\`.** Taking its parcels back: until their labels are void ` +
        'the carrier can still win.',
    )
  },

  refunding({ amountMinor, currency }: { amountMinor: number; currency: Currency }): void {
    const money = formatMoney({ amount: amountMinor, currency })
    setCurrentDetails(
      `**Cancelled.** ${money} go back; then the goods can be sold again. This only goes forward: the pending activity says why it ` +
        'waits. *Request Cancellation* does nothing here.',
    )
  },

  done({ whole }: { whole: boolean }): void {
    setCurrentDetails(
      '**Done.** The money is given back, the goods are in stock again; the customer is written to.',
    )
    ended(whole ? 'cancelled' : 'partly_cancelled')
  },

  givingBack({ orderId, amountMinor }: { orderId: string; amountMinor: number }): void {
    setCurrentDetails(
      `**Giving back ${amountMinor}** (minor units) of \`${orderId}\`. It is promised in our books; the pending activity says why it waits.`,
    )
  },

  givenBack(): void {
    setCurrentDetails('**Given back.** The customer is written to.')
    ended('refunded')
  },

  lost(): void {
    setCurrentDetails('**Too late.** The carrier had the parcel already; the order goes on.')
    ended('lost')
  },
}

const ended = (step: string): void => upsertSearchAttributes([{ key: attributes.sagaStep, value: step }])
