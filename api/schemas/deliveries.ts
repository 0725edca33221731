import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { deliveryStates } from '../../store/deliveries.ts'
import type { Delivery as FailedDelivery } from '../../store/deliveries.ts'
import { instant, named, Page, word } from './common.ts'

export const Delivery = named(
  'Delivery',
  Type.Object(
    {
      event_id: Type.String({ description: 'Of the event, as it was announced' }),
      listener: Type.String({ description: 'Who could not take it' }),
      type: Type.String({ description: 'What was announced' }),
      subject: Type.String({ description: 'What it is about, by our own id' }),
      announced_at: instant('When it was announced'),
      state: word(deliveryStates),
      attempts: Type.Integer({ description: 'How often it was tried since it was announced or replayed' }),
      next_try_at: Type.Optional(instant('When it is tried next')),
      parked_at: Type.Optional(instant('When it was tried for the last time')),
      last_error: Type.String({ description: 'Why the listener could not take it' }),
    },
    {
      description:
        'An event that one of its listeners could not take. `waiting`: it is tried again by itself, and later events of the same ' +
        'subject wait behind it. `parked`: it was tried for hours, and stays until it is replayed; others pass it meanwhile.',
    },
  ),
)

export const DeliveryList = named(
  'DeliveryList',
  Type.Object({ data: Type.Array(Delivery.ref), page: Page.ref }),
)

export function deliveryView(delivery: FailedDelivery): Static<typeof Delivery.schema> {
  const { eventId, nextAt, parkedAt } = delivery
  return {
    event_id: eventId,
    listener: delivery.listener,
    type: delivery.type,
    subject: delivery.subject,
    announced_at: delivery.announcedAt,
    state: delivery.state,
    attempts: delivery.attempts,
    ...(nextAt !== null && { next_try_at: nextAt }),
    ...(parkedAt !== null && { parked_at: parkedAt }),
    last_error: delivery.lastError,
  }
}

export const deliverySchemas: readonly TSchema[] = [Delivery.schema, DeliveryList.schema]
