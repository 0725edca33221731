import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { endedUnpaid } from '../../domain/orders.ts'
import type { OrderId } from '../../domain/ids.ts'
import { Refusal } from '../../domain/refusals.ts'
import { readOrder } from '../../store/orders.ts'
import { returnUrlOf } from '../checkout.ts'
import { emptyBodies } from '../plugins/empty-bodies.ts'
import { ownOrder } from '../plugins/guard.ts'
import { once } from '../plugins/idempotency.ts'
import type { Outcome } from '../plugins/idempotency.ts'
import { retryAfter } from '../problems.ts'
import { idempotencyHeaders, idParams } from '../schemas/common.ts'
import { orderView } from '../schemas/order-views.ts'
import { CancelBody, Order, OrderAccepted, PaymentBody } from '../schemas/orders.ts'
import type { Services } from '../services.ts'
import { answered, locationOf } from '../standings.ts'
import { statusWhen } from '../waiting.ts'

/** What happens to an order that waits for its payment: it is paid, or it is let go. */
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

  app.post(
    '/orders/:id/cancel',
    {
      config: { permission: 'order', problems: ['order.not_cancellable'] },
      preValidation: emptyBodies,
      schema: {
        operationId: 'cancelOrder',
        tags: ['orders'],
        summary: 'Cancels an order that is not paid',
        params: idParams('Of the order'),
        headers: idempotencyHeaders,
        body: CancelBody.ref,
        response: { 202: Order.ref },
      },
    },
    async (request, reply) => {
      const orderId = ownOrder(request)
      const { reason = 'cancelled by the customer', lines } = request.body
      const key = { db: databases.accounts, request, reply, mint: () => orderId }
      return once(key, () => cancelUnpaid(services, { orderId, reason, partly: lines !== undefined }))
    },
  )
}

const paymentProblems = [
  ...(['payment.declined', 'payment.too_many_attempts', 'payment.action_abandoned'] as const),
  ...(['payment.capture_refused', 'hold.expired', 'order.closed'] as const),
]

/** Lets an unpaid order go, and waits for its row to say so. One that is being paid this very moment may win the race. */
async function cancelUnpaid(
  services: Services,
  { orderId, reason, partly }: { orderId: OrderId; reason: string; partly: boolean },
): Promise<Outcome> {
  const before = await refuseUnknown(services, orderId)
  if (before.status === 'cancelled') return cancelled(services, orderId)
  if (before.status !== 'pending_payment' || partly)
    throw notCancellable({ orderId, status: before.status, partly })

  await services.flows.letGo({ orderId, actor: 'customer', reason })
  const now = await statusWhen(services, {
    orderId,
    waitMs: services.shop.requestBudgetMs,
    done: (status) => status !== 'pending_payment',
  })
  if (now !== null && now !== 'pending_payment' && now !== 'cancelled') {
    throw notCancellable({ orderId, status: now, partly })
  }
  return cancelled(services, orderId)
}

/** 202 with the order as it stands; kept once it is cancelled. */
async function cancelled(services: Services, orderId: OrderId): Promise<Outcome> {
  const order = await refuseUnknown(services, orderId)
  return {
    status: 202,
    body: orderView(order),
    headers: { location: locationOf(orderId), ...(order.status === 'pending_payment' && retryAfter(1_000)) },
    keep: order.status === 'cancelled',
  }
}

function notCancellable({
  orderId,
  status,
  partly,
}: {
  orderId: OrderId
  status: string
  partly: boolean
}): Refusal {
  const detail =
    status === 'pending_payment' && partly
      ? 'An order that is not paid is cancelled as a whole.'
      : (endedUnpaid as readonly string[]).includes(status)
        ? `This order has ended already: it is ${status}.`
        : `An order that is ${status.replace('_', ' ')} cannot be cancelled here; please write to us.`
  return new Refusal('order.not_cancellable', detail, { orderId, orderStatus: status })
}

async function refuseUnknown({ databases }: Pick<Services, 'databases'>, orderId: OrderId) {
  const order = await readOrder(databases.order, orderId)
  if (!order) throw new Refusal('order.not_found', 'This order is not there (yet).', { orderId })
  return order
}
