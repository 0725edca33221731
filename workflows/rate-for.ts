import type { OrderId } from '../domain/ids.ts'
import type { ChosenRate, FrozenLine } from '../domain/orders.ts'
import { subtotalOf } from '../domain/pricing.ts'
import { gramsOf } from '../domain/shipments.ts'
import type { Checkout } from './contract.ts'
import { shipping } from './proxies.ts'

/** The rate that the customer chose; where none was chosen, or it has expired, the shipping service is asked. */
export async function rateFor({
  orderId,
  request,
  lines,
}: {
  orderId: OrderId
  request: Checkout
  lines: readonly FrozenLine[]
}): Promise<ChosenRate> {
  if (request.rate) return request.rate
  const { rate } = await shipping.quoteShipping({
    orderId,
    currency: request.currency,
    grams: gramsOf(lines),
    subtotalMinor: subtotalOf(lines),
    personal: { shipTo: request.personal.shipTo },
  })
  return rate
}
