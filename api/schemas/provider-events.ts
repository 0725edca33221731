import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { eventStates, providers } from '../../domain/provider-events.ts'
import type { Provider } from '../../domain/provider-events.ts'
import type { StoredEvent } from '../../store/provider-events.ts'
import { instant, named, Page, word } from './common.ts'

export const ProviderEvent = named(
  'ProviderEvent',
  Type.Object(
    {
      id: Type.String({ description: "The provider's own id" }),
      provider: word(providers),
      type: Type.String({ description: "The provider's own name for what happened" }),
      state: word(eventStates),
      object_id: Type.String({ description: 'What it is about, by the id of the provider' }),
      order_id: Type.Optional(Type.String()),
      occurred_at: instant('By the clock of the provider'),
      received_at: instant('When we kept it'),
      attempts: Type.Integer({ description: 'How often it was looked at since it came or was replayed' }),
      next_try_at: Type.Optional(instant('When it is looked at next')),
      last_error: Type.Optional(Type.String({ description: 'Why it waits or was given up' })),
      routed_to: Type.Optional(Type.String({ description: 'What it was handed to' })),
      replays: Type.Integer(),
    },
    {
      description:
        'What another company told us by webhook. `stored`: not looked at yet. `filed`: it told us nothing new. `routed`: handed on, or ' +
        'applied. `waiting`: what it is about is not known yet, or somebody could not be reached. `failed`: given up until it is replayed.',
    },
  ),
)

export const ProviderEventList = named(
  'ProviderEventList',
  Type.Object({ data: Type.Array(ProviderEvent.ref), page: Page.ref }),
)

export const Received = named('Received', Type.Object({ received: Type.Boolean() }))

export interface ShownEvent extends StoredEvent {
  readonly provider: Provider
}

export function providerEventView(event: ShownEvent): Static<typeof ProviderEvent.schema> {
  return {
    id: event.eventId,
    provider: event.provider,
    type: event.type,
    state: event.state,
    object_id: event.objectId,
    ...(event.orderId !== null && { order_id: event.orderId }),
    occurred_at: event.occurredAt,
    received_at: event.receivedAt,
    attempts: event.attempts,
    ...(event.nextAt !== null && { next_try_at: event.nextAt }),
    ...(event.lastError !== null && { last_error: event.lastError }),
    ...(event.routedTo !== null && { routed_to: event.routedTo }),
    replays: event.replays,
  }
}

export const providerEventSchemas: readonly TSchema[] = [ProviderEvent, ProviderEventList, Received].map(
  ({ schema }) => schema,
)
