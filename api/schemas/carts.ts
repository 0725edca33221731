import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { availabilityOfLine, availabilityWords, maxLineQuantity } from '../../domain/carts.ts'
import type { Cart as ShopCart, Shelf } from '../../domain/carts.ts'
import type { Money as MoneyValue } from '../../domain/money.ts'
import { subtotalOf } from '../../domain/pricing.ts'
import type { Quote } from '../../store/quotes.ts'
import { addressView } from './addresses.ts'
import { Address, currency, instant, Money, named, strict, word } from './common.ts'

const CartLine = named(
  'CartLine',
  Type.Object({
    id: Type.String(),
    sku: Type.String(),
    name: Type.String(),
    quantity: Type.Integer(),
    unit_price: Money.ref,
    total: Money.ref,
    availability: word(availabilityWords, '`insufficient`: there is less than the line wants'),
    available: Type.Integer({ description: 'Units that could be ordered now' }),
  }),
)

const Discount = named('Discount', Type.Object({ code: Type.String(), amount: Money.ref }))

export const Cart = named(
  'Cart',
  Type.Object({
    id: Type.String(),
    status: word(['open', 'ordered'], '`ordered`: it was paid for, and takes no more changes'),
    currency,
    version: Type.Integer({ description: 'Raised by every change, by a changed price too' }),
    lines: Type.Array(CartLine.ref),
    subtotal: Money.ref,
    discounts: Type.Array(Discount.ref),
    shipping_address: Type.Optional(Address.ref),
    cart_token: Type.Optional(
      Type.String({ description: 'In the first answer only. Send it as `X-Cart-Token` from then on' }),
    ),
  }),
)

export const ShippingRate = named(
  'ShippingRate',
  Type.Object({
    id: Type.String({ description: 'Send it as `shipping_rate_id` with the order' }),
    carrier: Type.String(),
    service: Type.String(),
    amount: Money.ref,
    delivery_days: Type.Optional(Type.Integer()),
    expires_at: instant('After this the rate is asked for anew'),
  }),
)

export const ShippingRates = named('ShippingRateList', Type.Object({ data: Type.Array(ShippingRate.ref) }))

const quantity = Type.Integer({ minimum: 1, maximum: maxLineQuantity })

export const NewCart = named('NewCart', Type.Object({ currency: Type.Optional(currency) }, strict))
export const NewLine = named(
  'NewCartLine',
  Type.Object({ sku: Type.String({ minLength: 1, maxLength: 100 }), quantity }, strict),
)
export const LineChange = named('CartLineChange', Type.Object({ quantity }, strict))
export const Coupon = named(
  'Coupon',
  Type.Object({ code: Type.String({ minLength: 1, maxLength: 64 }) }, strict),
)

export const cartSchemas: readonly TSchema[] = [
  CartLine,
  Discount,
  Cart,
  ShippingRate,
  ShippingRates,
  NewCart,
  NewLine,
  LineChange,
  Coupon,
].map(({ schema }) => schema)

export function cartView(cart: ShopCart, shelf: Shelf): Static<typeof Cart.schema> {
  const money = (amount: number): MoneyValue => ({ amount, currency: cart.currency })
  return {
    id: cart.id,
    status: cart.status,
    currency: cart.currency,
    version: cart.version,
    lines: cart.lines.map((line) => {
      const { word: availability, units: available } = availabilityOfLine(line, shelf)
      return {
        id: line.lineId,
        sku: line.sku,
        name: line.name,
        quantity: line.quantity,
        unit_price: money(line.unitPriceMinor),
        total: money(subtotalOf([line])),
        availability,
        available,
      }
    }),
    subtotal: money(subtotalOf(cart.lines)),
    discounts: [],
    ...(cart.shipTo && { shipping_address: addressView(cart.shipTo) }),
  }
}

export function rateView(
  { id, rate, expiresAt }: Quote,
  inCurrency: ShopCart['currency'],
): Static<typeof ShippingRate.schema> {
  return {
    id,
    carrier: rate.carrier,
    service: rate.service,
    amount: { amount: rate.amountMinor, currency: inCurrency },
    ...(rate.deliveryDays !== null && { delivery_days: rate.deliveryDays }),
    expires_at: expiresAt,
  }
}
