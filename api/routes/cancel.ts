import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { newId } from '../../store/ids.ts'
import { cancelOrder, cancelProblems } from '../cancelling.ts'
import { emptyBodies } from '../plugins/empty-bodies.ts'
import { ownOrder } from '../plugins/guard.ts'
import { once } from '../plugins/idempotency.ts'
import { idempotencyHeaders, idParams, ifMatchHeaders } from '../schemas/common.ts'
import { orderView } from '../schemas/order-views.ts'
import { CancelBody, Order, wantedLines } from '../schemas/orders.ts'
import type { Services } from '../services.ts'

/** A customer takes his order back, or a part of it. */
export const cancelRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (app, { services }) => {
  app.post(
    '/orders/:id/cancel',
    {
      config: { permission: 'order', problems: cancelProblems },
      preValidation: emptyBodies,
      schema: {
        operationId: 'cancelOrder',
        tags: ['orders'],
        summary: 'Cancels an order, or lines and quantities of it',
        description:
          'Until a carrier has it. The answer comes as soon as it is decided; the money follows, then the refund mail. An order that is ' +
          'not paid is cancelled as a whole. Cancelling what is cancelled gets the same answer.',
        params: idParams('Of the order'),
        headers: Type.Object({ ...idempotencyHeaders.properties, ...ifMatchHeaders.properties }),
        body: CancelBody.ref,
        response: { 202: Order.ref },
      },
    },
    async (request, reply) => {
      const orderId = ownOrder(request)
      const { reason = 'cancelled by the customer', lines } = request.body
      const wish = {
        ...{ orderId, reason, actor: 'customer' as const, askedBy: null, cause: request.id },
        wanted: wantedLines(lines),
        ifMatch: request.headers['if-match'] ?? null,
      }
      const key = { db: services.databases.accounts, request, reply, mint: () => newId('can') }
      return once(key, (claimed) => cancelOrder(services, { wish, claimed, view: orderView }))
    },
  )
}
