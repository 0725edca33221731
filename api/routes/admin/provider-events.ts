import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { eventStates, providers } from '../../../domain/provider-events.ts'
import type { EventPlace } from '../../../store/provider-events.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { once } from '../../plugins/idempotency.ts'
import { Problem } from '../../problems.ts'
import { listProviderEvents, replayProviderEvent } from '../../provider-events.ts'
import { idempotencyHeaders, idParams, pageQuery, word } from '../../schemas/common.ts'
import { ProviderEvent, ProviderEventList, providerEventView } from '../../schemas/provider-events.ts'
import type { Services } from '../../services.ts'

/** What other companies told us, and what became of it. */
export const adminProviderEventRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services: { databases } },
) => {
  app.get(
    '/provider-events',
    {
      config: { permission: 'provider-events:read' },
      schema: {
        operationId: 'adminListProviderEvents',
        tags: ['admin: provider events'],
        summary: 'What payment provider and carriers told us, newest first',
        querystring: Type.Object({
          ...pageQuery,
          state: Type.Optional(word(eventStates)),
          provider: Type.Optional(word(providers)),
        }),
        response: { 200: ProviderEventList.ref },
      },
    },
    async ({ query: { cursor, limit, state, provider } }) => {
      const before = placeAfter(cursor)
      const found = await listProviderEvents(databases, { provider, state, before, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: cursorKey, view: providerEventView })
    },
  )

  app.post(
    '/provider-events/:id/replay',
    {
      config: { permission: 'provider-events:replay', problems: ['provider_event.not_found'] },
      schema: {
        operationId: 'adminReplayProviderEvent',
        tags: ['admin: provider events'],
        summary: 'Has an event looked at again, from the beginning',
        description: 'Harmless for one that was handled: what it led to is there already.',
        params: idParams('Of the event, by the provider'),
        headers: idempotencyHeaders,
        response: { 202: ProviderEvent.ref },
      },
    },
    async (request, reply) => {
      const { id: eventId } = request.params
      const key = { db: databases.accounts, request, reply, mint: () => eventId }
      return once(key, async () => {
        const now = new Date().toISOString()
        const event = await replayProviderEvent(databases, { eventId, now, cause: request.id })
        if (!event) throw new Problem('provider_event.not_found', 'Nobody told us of such an event.')
        return { status: 202, body: providerEventView(event), keep: true }
      })
    },
  )
}

/** Neither times nor ids hold a line break. */
const separator = '\n'

const cursorKey = ({ receivedAt, eventId }: EventPlace): string => `${receivedAt}${separator}${eventId}`

function placeAfter(cursor: string | undefined): EventPlace | undefined {
  const isPlace = (text: string): text is string => /^[0-9T:.-]{23}Z\n[A-Za-z0-9_-]{1,100}$/.test(text)
  const [receivedAt, eventId] = readCursor(cursor, isPlace)?.split(separator) ?? []
  return receivedAt === undefined || eventId === undefined ? undefined : { receivedAt, eventId }
}
