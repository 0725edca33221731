import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { OrderId } from '../../domain/ids.ts'
import { isOver } from '../../domain/orders.ts'
import { readStatus } from '../../store/order-status.ts'
import { readTimeline } from '../../store/orders.ts'
import { ownOrder } from '../plugins/guard.ts'
import { idParams } from '../schemas/common.ts'
import { timelineView } from '../schemas/order-views.ts'
import type { Services } from '../services.ts'
import { leaving } from './leaving.ts'

const lookEveryMs = 1_000
/** Proxies cut connections on which nothing comes. */
const heartbeatMs = 15_000

/** What happens to an order, as it happens (server-sent events, WHATWG HTML 9.2). */
export const orderEventRoutes: FastifyPluginAsyncTypebox<{
  services: Services
  closing: AbortSignal
}> = async (app, { services, closing }) => {
  app.get(
    '/orders/:id/events',
    {
      config: { permission: 'order' },
      schema: {
        operationId: 'watchOrder',
        tags: ['orders'],
        summary: 'What happens to an order, as it happens',
        description:
          'Server-sent events: an entry of the timeline each, with its version as `id`. Ends when nothing more can happen; asked again then, it answers 204.',
        params: idParams('Of the order'),
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({ pattern: '^[0-9]{1,9}$', description: 'The last version that you have seen' }),
          ),
        }),
        produces: ['text/event-stream'],
        response: { 200: Type.Unsafe<Readable>({ type: 'string' }), 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const orderId = ownOrder(request)
      const seen = Number(request.headers['last-event-id'] ?? 0)
      const now = await readStatus(services.databases.order, orderId)
      if (now && now.version <= seen && isOver(now.status)) return reply.code(204).send(null)
      const events = eventsOf(services, { orderId, seen, gone: leaving(reply, closing) })
      reply.header('content-type', 'text/event-stream').header('x-accel-buffering', 'no')
      return reply.send(Readable.from(events))
    },
  )
}

async function* eventsOf(
  { databases }: Services,
  { orderId, seen, gone }: { orderId: OrderId; seen: number; gone: AbortSignal },
): AsyncGenerator<string> {
  yield 'retry: 2000\n\n'
  let quietSince = Date.now()
  while (!gone.aborted) {
    const now = await readStatus(databases.order, orderId)
    if (now && now.version > seen) {
      const { data } = timelineView(await readTimeline(databases.order, orderId))
      for (const entry of data.filter(({ version }) => version > seen)) {
        yield `id: ${entry.version}\ndata: ${JSON.stringify(entry)}\n\n`
        seen = entry.version
      }
      quietSince = Date.now()
    }
    if (now && isOver(now.status)) return
    if (Date.now() - quietSince >= heartbeatMs) {
      yield ': still here\n\n'
      quietSince = Date.now()
    }
    await sleep(lookEveryMs, undefined, { signal: gone }).catch(() => {})
  }
}
