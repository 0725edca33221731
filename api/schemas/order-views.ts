import type { Static } from 'typebox'
import type { Currency, Money } from '../../domain/money.ts'
import type {
  Order as ShopOrder,
  OrderLine,
  OrderShipment,
  TimelineEntry,
  Totals,
} from '../../domain/orders.ts'
import { addressView } from './addresses.ts'
import type { AdminOrder, Order, Timeline } from './orders.ts'

export type OrderView = Static<typeof Order.schema>

/** An order as it is written over HTTP. What is not there (yet) is left out. */
export function orderView(order: ShopOrder): OrderView {
  const { currency, totals, rate, billTo } = order
  const money = moneyIn(currency)
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    version: order.version,
    cart_id: order.cartId,
    email: order.email,
    currency,
    lines: order.lines.map((line) => lineView(line, money)),
    ...(totals && { total: money(totals.totalMinor), totals: totalsView(totals, money) }),
    shipping_address: addressView(order.shipTo),
    ...(billTo && { billing_address: addressView(billTo) }),
    ...(rate && {
      shipping_rate: {
        carrier: rate.carrier,
        service: rate.service,
        amount: money(rate.amountMinor),
        ...(rate.deliveryDays !== null && { delivery_days: rate.deliveryDays }),
        source: rate.source,
      },
    }),
    shipments: 'shipments' in order ? order.shipments.map(shipmentView) : [],
    placed_at: order.placedAt,
    ...('expiresAt' in order && { expires_at: order.expiresAt }),
    ...('endReason' in order && { end_reason: order.endReason }),
  }
}

export function adminOrderView(order: ShopOrder): Static<typeof AdminOrder.schema> {
  return {
    ...orderView(order),
    customer_ref: order.customerRef,
    needs_attention: order.needsAttention,
    ...(order.attentionReason !== null && { attention_reason: order.attentionReason }),
  }
}

export function timelineView(entries: readonly TimelineEntry[]): Static<typeof Timeline.schema> {
  return {
    data: entries.map(({ reason, ...entry }) => ({ ...entry, ...(reason !== null && { reason }) })),
  }
}

type InCurrency = (amount: number) => Money

const moneyIn =
  (currency: Currency): InCurrency =>
  (amount) => ({ amount, currency })

function lineView(line: OrderLine, money: InCurrency): OrderView['lines'][number] {
  return {
    id: line.lineId,
    sku: line.sku,
    name: line.name,
    quantity: line.quantity,
    cancelled_quantity: line.cancelledQuantity,
    unit_price: money(line.unitPriceMinor),
    subtotal: money(line.subtotalMinor),
    discount: money(line.discountMinor),
    tax: money(line.taxMinor),
    tax_included: money(line.taxIncludedMinor),
    total: money(line.totalMinor),
  }
}

function totalsView(totals: Totals, money: InCurrency): NonNullable<OrderView['totals']> {
  return {
    subtotal: money(totals.subtotalMinor),
    discount: money(totals.discountMinor),
    shipping: money(totals.shippingMinor),
    tax: money(totals.taxMinor),
    tax_included: money(totals.taxIncludedMinor),
    rounding: money(totals.roundingMinor),
    total: money(totals.totalMinor),
  }
}

function shipmentView(parcel: OrderShipment): OrderView['shipments'][number] {
  return {
    id: parcel.shipmentId,
    status: parcel.status,
    carrier: parcel.carrier,
    service: parcel.service,
    tracking_code: parcel.trackingCode,
    ...(parcel.trackingUrl !== null && { tracking_url: parcel.trackingUrl }),
  }
}
