import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { OrderId } from '../../domain/ids.ts'
import { Refusal } from '../../domain/refusals.ts'
import { readOrder } from '../../store/orders.ts'
import { returnUrlOf } from '../checkout.ts'
import { ownOrder } from '../plugins/guard.ts'
import { once } from '../plugins/idempotency.ts'
import { idempotencyHeaders, idParams } from '../schemas/common.ts'
import { Order, OrderAccepted, PaymentBody } from '../schemas/orders.ts'
import type { Services } from '../services.ts'
import { answered } from '../standings.ts'

/** Pays an order that waits for its payment. */
export const paymentRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (app, { services }) => {
  const { databases, flows, shop } = services

  app.post(
    '/orders/:id/payment',
    {
      config: { permission: 'order', problems: paymentProblems },
      schema: {
        operationId: 'payOrder',
        tags: ['orders'],
        summary: 'Pays an order',
        description:
          'A card that was declined can be followed by another one, a few times, until the hold ends.',
        params: idParams('Of the order'),
        headers: idempotencyHeaders,
        body: PaymentBody.ref,
        response: { 200: Order.ref, 201: Order.ref, 202: OrderAccepted.ref },
      },
    },
    async (request, reply) => {
      const orderId = ownOrder(request)
      const { payment_method: paymentMethod } = request.body
      const card = { paymentMethod, returnUrl: returnUrlOf(services, orderId), cause: request.id }
      const key = { db: databases.accounts, request, reply, mint: () => orderId }
      return once(key, async ({ updateId }) => {
        const answer = await flows.submitPayment({ orderId, card, updateId, budgetMs: shop.requestBudgetMs })
        if (answer.outcome === 'closed') await refuseUnknown(services, orderId)
        return answered(services, { orderId, orderToken: null }, answer)
      })
    },
  )
}

const paymentProblems = [
  ...(['payment.declined', 'payment.too_many_attempts', 'payment.action_abandoned'] as const),
  ...(['payment.capture_refused', 'hold.expired', 'order.closed'] as const),
]

async function refuseUnknown({ databases }: Pick<Services, 'databases'>, orderId: OrderId) {
  const order = await readOrder(databases.order, orderId)
  if (!order) throw new Refusal('order.not_found', 'This order is not there (yet).', { orderId })
  return order
}
