import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { deliveryStates } from '../../../store/deliveries.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import {
  deliveryKey,
  deliveryPlace,
  isDeliveryKey,
  listAllDeliveries,
  replayAnyDelivery,
} from '../../deliveries.ts'
import { once } from '../../plugins/idempotency.ts'
import { Problem } from '../../problems.ts'
import { idempotencyHeaders, pageQuery, word } from '../../schemas/common.ts'
import { Delivery, DeliveryList, deliveryView } from '../../schemas/deliveries.ts'
import type { Services } from '../../services.ts'

/** What was announced inside the shop and could not be taken by somebody who listens. */
export const adminDeliveryRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services: { databases } },
) => {
  app.get(
    '/deliveries',
    {
      config: { permission: 'deliveries:read' },
      schema: {
        operationId: 'adminListDeliveries',
        tags: ['admin: deliveries'],
        summary: 'Events that a listener could not take, newest first',
        querystring: Type.Object({ ...pageQuery, state: Type.Optional(word(deliveryStates)) }),
        response: { 200: DeliveryList.ref },
      },
    },
    async ({ query: { cursor, limit, state } }) => {
      const before = deliveryPlace(readCursor(cursor, isDeliveryKey))
      const found = await listAllDeliveries(databases, { state, before, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: deliveryKey, view: deliveryView })
    },
  )

  app.post(
    '/deliveries/:id/:listener/replay',
    {
      config: { permission: 'deliveries:replay', problems: ['delivery.not_found'] },
      schema: {
        operationId: 'adminReplayDelivery',
        tags: ['admin: deliveries'],
        summary: 'Has an event delivered again to the listener that could not take it',
        description:
          'Tried at once, then as often as an event that was just announced. It has its effect once.',
        params: Type.Object({
          id: Type.String({ description: 'Of the event' }),
          listener: Type.String({ description: 'Who could not take it' }),
        }),
        headers: idempotencyHeaders,
        response: { 202: Delivery.ref },
      },
    },
    async (request, reply) => {
      const { id: eventId, listener } = request.params
      const key = { db: databases.accounts, request, reply, mint: () => eventId }
      return once(key, async () => {
        const now = new Date().toISOString()
        const delivery = await replayAnyDelivery(databases, { eventId, listener, now })
        if (!delivery) {
          throw new Problem(
            'delivery.not_found',
            'No listener of this name has failed to take such an event.',
          )
        }
        request.log.info({ eventId, listener }, 'an admin has an event delivered again')
        return { status: 202, body: deliveryView(delivery), keep: true }
      })
    },
  )
}
