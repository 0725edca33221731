import { serviceInWords } from '../../domain/notifications/letter.ts'
import type { OrderLetter } from '../../domain/notifications/letter.ts'
import type { Order } from '../../domain/orders.ts'

/** What the customer of a confirmed order is written. */
export function letterOf(order: Order, orderUrl: string): OrderLetter {
  const { id: orderId, number, currency, placedAt, totals, rate, email, shipTo } = order
  if (!totals) throw new Error(`Order ${orderId} has no total to write about.`)
  const days =
    rate.deliveryDays === null ? '' : `, ${rate.deliveryDays} ${rate.deliveryDays === 1 ? 'day' : 'days'}`
  return {
    orderId,
    number,
    currency,
    placedAt,
    lines: order.lines.map(({ name, sku, quantity, unitPriceMinor, subtotalMinor }) => ({
      name,
      sku,
      quantity,
      unitPriceMinor,
      totalMinor: subtotalMinor,
    })),
    totals,
    shippingLabel: `${serviceInWords(rate)}${days}`,
    orderUrl,
    personal: { email, shipTo },
  }
}
