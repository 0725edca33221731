import type { Address } from '../domain/addresses.ts'
import { sameAddress } from '../domain/carts.ts'
import type { Cart } from '../domain/carts.ts'
import type { Money } from '../domain/money.ts'
import type { ChosenRate, Order } from '../domain/orders.ts'
import { Refusal } from '../domain/refusals.ts'
import { invalid } from './problems.ts'

/** What a customer wishes when he orders; it is compared with what is there. */
export interface OrderWishes {
  readonly email: string
  readonly shipTo: Address
  readonly billTo: Address | null
  readonly expectedTotal: Money | null
}

/** Whether an open order is the one that is asked for: the cart alone does not say where it goes, how, and who gets the mail. */
export function asksFor(
  order: Order,
  { request, rate }: { request: OrderWishes; rate: ChosenRate | null },
): boolean {
  const { email, shipTo, billTo } = request
  const sameWay = rate === null || order.rate === null || sameRate(order.rate, rate)
  return (
    sameWay && order.email === email && sameAddress(order.shipTo, shipTo) && sameAddress(order.billTo, billTo)
  )
}

function sameRate(one: ChosenRate, other: ChosenRate): boolean {
  return (
    one.carrier === other.carrier && one.service === other.service && one.amountMinor === other.amountMinor
  )
}

export function refuseOtherCurrency({ expectedTotal }: OrderWishes, { currency }: Cart): void {
  if (expectedTotal === null || expectedTotal.currency === currency) return
  throw invalid({
    in: 'body',
    pointer: '#/expected_total/currency',
    detail: `must be the cart's: ${currency}.`,
  })
}

export function refuseOtherTotal({ expectedTotal }: OrderWishes, { totals, currency }: Order): void {
  if (expectedTotal === null || totals === null || expectedTotal.amount === totals.totalMinor) return
  throw new Refusal(
    'order.total_changed',
    'The total is not the one that you were shown; look at it again.',
    {
      totals,
      currency,
    },
  )
}
