import { isChargeable } from '../../domain/money.ts'
import type { ChosenRate, FrozenLine, Order } from '../../domain/orders.ts'
import { priceOrder, totalsOf } from '../../domain/pricing.ts'
import type { PricedOrder } from '../../domain/pricing.ts'
import { Refusal } from '../../domain/refusals.ts'

export interface ToPrice extends Pick<Order, 'currency' | 'shipTo'> {
  readonly lines: readonly FrozenLine[]
  readonly rate: ChosenRate
}

/** What the lines cost, sent at this rate. */
export function pricedWith({ currency, lines, shipTo: { country, region }, rate }: ToPrice): PricedOrder {
  return priceOrder({
    currency,
    lines,
    discounts: [],
    destination: { country, region },
    shipping: { amountMinor: rate.amountMinor, taxClass: 'standard' },
  })
}

/** Why an order cannot cost what it would; null when it can. */
export function totalRefused(priced: PricedOrder, expectedTotalMinor: number | null): Refusal | null {
  const { totalMinor, currency } = priced
  if (expectedTotalMinor !== null && expectedTotalMinor !== totalMinor) {
    const detail = 'The total is not the one that you were shown; look at it again.'
    return new Refusal('order.total_changed', detail, { totals: totalsOf(priced), currency })
  }
  if (isChargeable({ amount: totalMinor, currency })) return null
  const detail = 'Cards cannot be charged so little; add something to the cart.'
  return new Refusal('order.total_too_small', detail, { totalMinor, currency })
}
