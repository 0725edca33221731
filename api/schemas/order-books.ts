import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { CancellationStatus } from '../../domain/cancellations.ts'
import type { Currency, Money as ShopMoney } from '../../domain/money.ts'
import type { JournalEntry, PaymentPicture, PaymentState } from '../../domain/payment-books.ts'
import type { RefundStatus } from '../../domain/payments.ts'
import type { LineQuantity } from '../../domain/proration.ts'
import type { Cancellation } from '../../store/cancellations.ts'
import type { RefundRecord } from '../../store/refunds.ts'
import { instant, Money, named, plainText, strict, word } from './common.ts'
import { ReshipView } from './order-parcels.ts'
import { AdminOrder, LineQuantities, Timeline } from './orders.ts'

/** What an admin sees of an order besides the order: its money, its story, its workflows. */

const refundStatuses = ['asked', 'pending', 'succeeded', 'failed'] as const satisfies readonly RefundStatus[]
const cancellationStatuses = [
  'recalling',
  'settling',
  'done',
  'lost',
] as const satisfies readonly CancellationStatus[]
const paymentStates = [
  ...(['unpaid', 'authorized', 'voided', 'captured', 'partly_refunded', 'refunded'] as const),
] satisfies readonly PaymentState[]

const Units = Type.Array(Type.Object({ line_id: Type.String(), quantity: Type.Integer() }))

export const Refund = named(
  'Refund',
  Type.Object(
    {
      id: Type.String(),
      amount: Money.ref,
      status: word(refundStatuses),
      reason: Type.String(),
      lines: Type.Optional(Units),
      cancellation_id: Type.Optional(Type.String()),
      asked_by: Type.Optional(Type.String()),
      failure: Type.Optional(Type.String({ description: 'Why it failed, in the words of the provider' })),
      created_at: instant('When it was promised in our books'),
    },
    {
      description:
        '`asked`: it stands in our books, the provider has not taken it on yet. `pending`: on its way. `failed`: the money came back to us',
    },
  ),
)

const OrderCancellation = named(
  'OrderCancellation',
  Type.Object(
    {
      id: Type.String(),
      whole: Type.Boolean(),
      lines: Units,
      amount: Money.ref,
      status: word(cancellationStatuses),
      reason: Type.String(),
      actor: Type.String(),
      begun_at: instant('When it was decided'),
      ended_at: Type.Optional(instant('When all of it was done, or lost to the carrier')),
    },
    { description: '`recalling`: the carrier can still win. `settling`: it only moves forward' },
  ),
)

const PaymentBooks = named(
  'PaymentBooks',
  Type.Object(
    {
      state: word(paymentStates),
      authorized: Money.ref,
      captured: Money.ref,
      refunded: Money.ref,
      disputed: Money.ref,
      journal: Type.Array(
        Type.Object({
          kind: word(['authorized', 'captured', 'voided', 'refunded', 'refund_failed', 'disputed']),
          amount: Money.ref,
          reference: Type.String(),
          at: instant('When we booked it'),
        }),
      ),
    },
    { description: 'The money of an order. All of it is derived from the journal, which is only added to' },
  ),
)

const Story = Type.Object({
  workflow_id: Type.String(),
  status: Type.String({ description: '`running`, `completed`, …; `forgotten`: it ended a while ago' }),
  url: Type.Optional(Type.String({ description: 'Its page in the Web UI of Temporal' })),
})

export const AdminOrderDetail = named(
  'AdminOrderDetail',
  Type.Object({
    order: AdminOrder.ref,
    payment: PaymentBooks.ref,
    refunds: Type.Array(Refund.ref),
    cancellations: Type.Array(OrderCancellation.ref),
    reships: Type.Array(ReshipView.ref),
    timeline: Timeline.ref,
    workflows: Type.Array(Story, { description: 'Empty while Temporal cannot be reached' }),
  }),
)

export const NewRefund = named(
  'NewRefund',
  Type.Object(
    {
      amount: Type.Optional(Money.ref),
      lines: Type.Optional(LineQuantities),
      reason: plainText(500),
    },
    {
      ...strict,
      description: 'Either an amount, or lines and quantities, whose share of the total is worked out by us',
      examples: [{ amount: { amount: 500, currency: 'EUR' }, reason: 'a scratch' }],
    },
  ),
)

export const RefundAccepted = named(
  'RefundAccepted',
  Type.Object({ id: Type.String(), order_id: Type.String(), amount: Type.Optional(Money.ref) }),
)

export const Reason = named('Reason', Type.Object({ reason: plainText(500) }, strict))

const moneyIn =
  (currency: Currency) =>
  (amount: number): ShopMoney => ({ amount, currency })

const unitsView = (lines: readonly LineQuantity[]) =>
  lines.map(({ lineId, quantity }) => ({ line_id: lineId, quantity }))

export function refundView(refund: RefundRecord, currency: Currency): Static<typeof Refund.schema> {
  const { refundId, amountMinor, status, reason, lines, cancellationId, askedBy, code, createdAt } = refund
  return {
    ...{ id: refundId, amount: moneyIn(currency)(amountMinor), status, reason },
    ...(lines !== null && { lines: unitsView(lines) }),
    ...(cancellationId !== null && { cancellation_id: cancellationId }),
    ...(askedBy !== null && { asked_by: askedBy }),
    ...(code !== null && { failure: code }),
    created_at: createdAt,
  }
}

export function cancellationView(
  cancellation: Cancellation,
  currency: Currency,
): Static<typeof OrderCancellation.schema> {
  const { cancellationId, whole, lines, amountMinor, status, reason, actor, begunAt, endedAt } = cancellation
  return {
    ...{ id: cancellationId, whole, lines: unitsView(lines), amount: moneyIn(currency)(amountMinor) },
    ...{ status, reason, actor, begun_at: begunAt },
    ...(endedAt !== null && { ended_at: endedAt }),
  }
}

export function booksView(
  { picture, journal }: { picture: PaymentPicture; journal: readonly JournalEntry[] },
  currency: Currency,
): Static<typeof PaymentBooks.schema> {
  const money = moneyIn(currency)
  return {
    state: picture.state,
    authorized: money(picture.authorizedMinor),
    captured: money(picture.capturedMinor),
    refunded: money(picture.refundedMinor),
    disputed: money(picture.disputedMinor),
    journal: journal.map(({ kind, amountMinor, reference, at }) => ({
      ...{ kind, amount: money(amountMinor), reference, at },
    })),
  }
}

export const orderBookSchemas: readonly TSchema[] = [
  ...[Refund, OrderCancellation, PaymentBooks, AdminOrderDetail, NewRefund, RefundAccepted, Reason],
].map(({ schema }) => schema)
