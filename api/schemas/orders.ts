import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { orderStatuses } from '../../domain/orders.ts'
import { Address, currency, instant, Money, named, Page, plainText, strict, word } from './common.ts'

const OrderLine = named(
  'OrderLine',
  Type.Object({
    id: Type.String(),
    sku: Type.String(),
    name: Type.String(),
    quantity: Type.Integer(),
    cancelled_quantity: Type.Integer({ description: 'Of these; the others are what is left' }),
    unit_price: Money.ref,
    subtotal: Money.ref,
    discount: Money.ref,
    tax: Money.ref,
    tax_included: Money.ref,
    total: Money.ref,
  }),
)

const Totals = named(
  'Totals',
  Type.Object(
    {
      subtotal: Money.ref,
      discount: Money.ref,
      shipping: Money.ref,
      tax: Money.ref,
      tax_included: Money.ref,
      rounding: Money.ref,
      total: Money.ref,
    },
    {
      description:
        'total = subtotal − discount + shipping + tax + rounding. `tax` comes on top; `tax_included` is shown, not added',
    },
  ),
)

const OrderRate = named(
  'OrderShippingRate',
  Type.Object({
    carrier: Type.String(),
    service: Type.String(),
    amount: Money.ref,
    delivery_days: Type.Optional(Type.Integer()),
    source: word(
      ['carrier', 'table'],
      '`table`: a price of our own, because the carrier did not answer in time',
    ),
  }),
)

const Shipment = named(
  'Shipment',
  Type.Object({
    id: Type.String(),
    status: word(
      ['ready', 'handed_over', 'delivered', 'lost', 'returned', 'voided'],
      '`voided`: cancelled, and its label given back',
    ),
    carrier: Type.String(),
    service: Type.String(),
    tracking_code: Type.String(),
    tracking_url: Type.Optional(Type.String()),
  }),
)

export const NextAction = named(
  'NextAction',
  Type.Object(
    {
      kind: word(['redirect', 'client']),
      url: Type.Optional(Type.String({ description: 'Send the customer there (`redirect`)' })),
      client_secret: Type.Optional(Type.String({ description: 'For Stripe.js (`client`)' })),
    },
    { description: 'What the bank of the customer wants (3-D Secure)' },
  ),
)

export const OrderPayment = named(
  'OrderPayment',
  Type.Object(
    {
      next_action: Type.Optional(NextAction.ref),
      declined: Type.Optional(
        Type.String({ description: 'Why the bank said no to the last card; another one may be tried' }),
      ),
    },
    { description: 'What became of the card that was tried last, of an order that waits for its payment' },
  ),
)

const orderMembers = {
  id: Type.String(),
  number: Type.String({ description: 'Short, for people' }),
  status: word(orderStatuses),
  version: Type.Integer(),
  cart_id: Type.String(),
  email: Type.String(),
  currency,
  lines: Type.Array(OrderLine.ref),
  total: Type.Optional(Money.ref),
  totals: Type.Optional(Totals.ref),
  shipping_address: Address.ref,
  billing_address: Type.Optional(Address.ref),
  shipping_rate: Type.Optional(OrderRate.ref),
  shipments: Type.Array(Shipment.ref),
  placed_at: instant('When the goods were held and the total was frozen'),
  expires_at: Type.Optional(instant('An order that is not paid by then lets its goods go')),
  end_reason: Type.Optional(Type.String({ description: 'Why an unpaid order ended' })),
}

const orderToken = Type.Optional(
  Type.String({ description: 'In the first answer only. Send it as `X-Order-Token` from then on' }),
)

export const Order = named(
  'Order',
  Type.Object({
    ...orderMembers,
    payment: Type.Optional(OrderPayment.ref),
    order_token: orderToken,
  }),
)

export const AdminOrder = named(
  'AdminOrder',
  Type.Object({
    ...orderMembers,
    customer_ref: Type.String(),
    needs_attention: Type.Boolean(),
    attention_reason: Type.Optional(Type.String()),
  }),
)

export const AdminOrderList = named(
  'AdminOrderList',
  Type.Object({ data: Type.Array(AdminOrder.ref), page: Page.ref }),
)

export const OrderAccepted = named(
  'OrderAccepted',
  Type.Object(
    { id: Type.String(), status: word(orderStatuses), order_token: orderToken },
    { description: 'The work goes on; read the order at `Location`' },
  ),
)

const TimelineEntry = named(
  'TimelineEntry',
  Type.Object({
    version: Type.Integer(),
    type: Type.String(),
    status: word(orderStatuses),
    at: instant('When it happened'),
    actor: word(['customer', 'admin', 'operator', 'system']),
    reason: Type.Optional(Type.String()),
  }),
)

export const Timeline = named('Timeline', Type.Object({ data: Type.Array(TimelineEntry.ref) }))

const Payment = named(
  'Payment',
  Type.Object(
    {
      payment_method: Type.String({
        pattern: '^pm_[A-Za-z0-9_]{1,250}$',
        description: "Stripe's id of a payment method; never a card number",
        examples: ['pm_card_visa'],
      }),
    },
    strict,
  ),
)

export const PaymentBody = Payment

export const NewOrder = named(
  'NewOrder',
  Type.Object(
    {
      cart_id: Type.String({ maxLength: 100 }),
      email: Type.String({ format: 'email', maxLength: 254 }),
      shipping_address: Address.ref,
      billing_address: Type.Optional(Address.ref),
      shipping_rate_id: Type.Optional(
        Type.String({
          maxLength: 100,
          description: 'One of `GET …/shipping-rates`; without it the carrier is asked',
        }),
      ),
      expected_total: Type.Optional(Money.ref),
      payment: Type.Optional(Payment.ref),
    },
    strict,
  ),
)

export const LineQuantities = Type.Array(
  Type.Object(
    { line_id: Type.String({ maxLength: 100 }), quantity: Type.Integer({ minimum: 1, maximum: 9999 }) },
    strict,
  ),
  { minItems: 1, maxItems: 100, description: 'So many units of these lines' },
)

/** Lines as they were written over HTTP; null where none were named. */
export const wantedLines = (lines: Static<typeof LineQuantities> | undefined) =>
  lines?.map(({ line_id: lineId, quantity }) => ({ lineId, quantity })) ?? null

export const CancelBody = named(
  'Cancellation',
  Type.Object(
    {
      reason: Type.Optional(plainText(500)),
      lines: Type.Optional(LineQuantities),
    },
    strict,
  ),
)

export const orderSchemas: readonly TSchema[] = [
  OrderLine,
  Totals,
  OrderRate,
  Shipment,
  NextAction,
  OrderPayment,
  Order,
  AdminOrder,
  AdminOrderList,
  OrderAccepted,
  TimelineEntry,
  Timeline,
  Payment,
  NewOrder,
  CancelBody,
].map(({ schema }) => schema)
