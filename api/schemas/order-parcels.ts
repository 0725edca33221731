import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { Reship, ReshipStatus } from '../../store/reships.ts'
import type { SentMail } from '../../store/sent-mails.ts'
import { instant, named, plainText, strict, word } from './common.ts'
import { LineQuantities } from './orders.ts'
import { condition } from './stock.ts'

/** What an admin does about parcels that did not arrive, goods that come back, and mails. */

export const NewReship = named(
  'NewReship',
  Type.Object(
    {
      shipment_id: Type.String({ maxLength: 100, description: 'The parcel that was lost or came back' }),
      lines: Type.Optional(LineQuantities),
      reason: plainText(500),
    },
    {
      ...strict,
      description: 'Without `lines` all that is left of the parcel goes again',
      examples: [
        { shipment_id: 'shp_01h2xcejqtf2nbrexx3vqjhp41_1', reason: 'lost on its way, says the carrier' },
      ],
    },
  ),
)

export const ReshipAccepted = named(
  'ReshipAccepted',
  Type.Object(
    {
      id: Type.String(),
      order_id: Type.String(),
      shipments: Type.Optional(Type.Array(Type.String(), { description: 'The parcels that go instead' })),
    },
    { description: 'Without `shipments` it is not decided yet; repeat it with the same key' },
  ),
)

const reshipStatuses = ['asked', 'sent', 'refused'] as const satisfies readonly ReshipStatus[]

export const ReshipView = named(
  'Reship',
  Type.Object({
    id: Type.String(),
    shipment_id: Type.String({ description: 'The parcel that did not arrive' }),
    status: word(reshipStatuses),
    lines: Type.Array(Type.Object({ line_id: Type.String(), quantity: Type.Integer() })),
    shipments: Type.Array(Type.String(), { description: 'The parcels that go instead' }),
    reason: Type.String(),
    refusal: Type.Optional(Type.String({ description: 'The code of the refusal' })),
    asked_by: Type.Optional(Type.String()),
    asked_at: instant('When it was asked for'),
  }),
)

export function reshipView(reship: Reship): Static<typeof ReshipView.schema> {
  const { reshipId, shipmentId, status, lines, shipments, reason, refusal, askedBy, askedAt } = reship
  return {
    ...{ id: reshipId, shipment_id: shipmentId, status, reason, shipments: [...shipments] },
    lines: lines.map(({ lineId, quantity }) => ({ line_id: lineId, quantity })),
    ...(refusal !== null && { refusal: refusal.code }),
    ...(askedBy !== null && { asked_by: askedBy }),
    asked_at: askedAt,
  }
}

export const NewRestock = named(
  'NewRestock',
  Type.Object(
    {
      line_id: Type.String({ maxLength: 100 }),
      quantity: Type.Integer({ minimum: 1, maximum: 9999 }),
      condition: Type.Optional(condition),
      warehouse_id: Type.Optional(
        Type.String({ maxLength: 100, description: 'The one from which it was sent, unless told' }),
      ),
      reason: plainText(500),
    },
    strict,
  ),
)

export const Restocked = named(
  'Restocked',
  Type.Object({
    id: Type.String(),
    order_id: Type.String(),
    line_id: Type.String(),
    sku: Type.String(),
    quantity: Type.Integer(),
    condition,
    warehouse_id: Type.String(),
  }),
)

export const OrderMailView = named(
  'OrderMail',
  Type.Object({
    id: Type.String({ description: 'Its kind and what it is about: `refund.rfd_…`' }),
    kind: Type.String({
      description: '`confirmation`, `shipped`, `refund`, `too-late`, `sent-again`',
    }),
    status: word(['sending', 'sent', 'refused']),
    code: Type.Optional(Type.String({ description: 'With what its recipient’s server refused it' })),
    created_at: instant('When it was written'),
    sent_at: Type.Optional(instant('When it was taken, or refused for good')),
  }),
)

export const OrderMails = named('OrderMails', Type.Object({ data: Type.Array(OrderMailView.ref) }))

export const MailAccepted = named(
  'MailAccepted',
  Type.Object({ id: Type.String({ description: 'Of the mail that is sent now' }), order_id: Type.String() }),
)

/** How a mail is named over HTTP. */
export const mailName = ({ kind, reference }: Pick<SentMail, 'kind' | 'reference'>): string =>
  `${kind}.${reference}`

export function mailView(mail: SentMail): Static<typeof OrderMailView.schema> {
  const { kind, status, code, createdAt, sentAt } = mail
  return {
    ...{ id: mailName(mail), kind, status, created_at: createdAt },
    ...(code !== null && { code }),
    ...(sentAt !== null && { sent_at: sentAt }),
  }
}

export const orderParcelSchemas: readonly TSchema[] = [
  ...[NewReship, ReshipAccepted, ReshipView, NewRestock, Restocked, OrderMailView, OrderMails, MailAccepted],
].map(({ schema }) => schema)
