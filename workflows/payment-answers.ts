import type { OrderId } from '../domain/ids.ts'
import { Refusal, refusalData } from '../domain/refusals.ts'
import type { Standing } from './contract.ts'

/** How many cards a customer may try for one order before it is let go. */
export const mostAttempts = 5

/** A no of the bank, as a value: the order waits for another card while there are tries left. */
export function declined({
  orderId,
  attempt,
  code,
}: {
  orderId: OrderId
  attempt: number
  code: string
}): Standing {
  const triesLeft = mostAttempts - attempt
  const detail = triesLeft > 0 ? 'The card was declined; try another one.' : 'The card was declined.'
  return {
    outcome: 'refused',
    refusal: { code: 'payment.declined', detail, facts: { orderId, reason: code, triesLeft } },
    open: triesLeft > 0,
  }
}

export const tooManyCards = (orderId: OrderId): Refusal =>
  new Refusal('payment.too_many_attempts', 'Too many cards were tried for this order.', { orderId })

/** The last card's challenge is still open: no other is taken, and that one may still pass. */
export const noOtherCard = (orderId: OrderId): Standing => ({
  outcome: 'refused',
  refusal: refusalData(tooManyCards(orderId)),
  open: true,
})

/** Nobody paid in time; `challenged`: a bank waited for its customer to the end. */
export function unpaid({ orderId, challenged }: { orderId: OrderId; challenged: boolean }): Refusal {
  return challenged
    ? new Refusal('payment.action_abandoned', 'The bank’s check was not finished in time.', { orderId })
    : new Refusal('hold.expired', 'The order was not paid in time, and its goods were let go.', { orderId })
}
