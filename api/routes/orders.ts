import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { isSettled } from '../../domain/orders.ts'
import { Refusal } from '../../domain/refusals.ts'
import { newId } from '../../store/ids.ts'
import { readOrder, readTimeline } from '../../store/orders.ts'
import { etagOf } from '../carts.ts'
import { checkOut } from '../checkout.ts'
import type { OrderRequest } from '../checkout.ts'
import { ownCart, ownOrder } from '../plugins/guard.ts'
import { once } from '../plugins/idempotency.ts'
import { shownOrder } from '../open-payment.ts'
import { refusalProblem, retryAfter } from '../problems.ts'
import { addressOf, destinationOf } from '../schemas/addresses.ts'
import { idempotencyHeaders, idParams } from '../schemas/common.ts'
import { timelineView } from '../schemas/order-views.ts'
import { NewOrder, Order, OrderAccepted, Timeline } from '../schemas/orders.ts'
import type { ApiServices } from '../services.ts'
import { statusWhen } from '../waiting.ts'
import { leaving } from './leaving.ts'

/** The longest that `?wait=settled` keeps a connection. */
const longestWaitMs = 20_000

export const orderRoutes: FastifyPluginAsyncTypebox<{ services: ApiServices; closing: AbortSignal }> = async (
  app,
  { services, closing },
) => {
  const { databases } = services

  app.post(
    '/orders',
    {
      config: { permission: 'cart', problems: orderProblems },
      schema: {
        operationId: 'placeOrder',
        tags: ['orders'],
        summary: 'Orders a cart',
        description:
          'Holds the goods and freezes the total; with `payment` it also pays. Keep the `order_token`: it is in this answer only.',
        headers: idempotencyHeaders,
        body: NewOrder.ref,
        response: { 200: Order.ref, 201: Order.ref, 202: OrderAccepted.ref },
      },
    },
    async (request, reply) => {
      const asked = { cause: request.id, startedAt: Date.now(), cartId: ownCart(request) }
      const orderRequest = { ...asked, ...orderRequestOf(request.body) }
      const key = { db: databases.accounts, request, reply, mint: () => newId('ord') }
      return once(key, (claimed) => checkOut({ services, claimed, request: orderRequest }))
    },
  )

  app.get(
    '/orders/:id',
    {
      // Whoever was told 202 hears here why his order was turned down before it was opened.
      config: { permission: 'order', problems: orderProblems },
      schema: {
        operationId: 'readOrder',
        tags: ['orders'],
        summary: 'One order',
        params: idParams('Of the order'),
        querystring: Type.Object({
          wait: Type.Optional(
            Type.Unsafe<'settled'>({
              type: 'string',
              enum: ['settled'],
              description: 'Waits, at most 20 seconds, until its payment or cancellation is decided',
            }),
          ),
        }),
        response: { 200: Order.ref },
      },
    },
    async (request, reply) => {
      const orderId = ownOrder(request)
      if (request.query.wait === 'settled') {
        const done = (status: Parameters<typeof isSettled>[0] | null) => status !== null && isSettled(status)
        await statusWhen(services, { orderId, waitMs: longestWaitMs, done, signal: leaving(reply, closing) })
      }
      const order = await readOrder(databases.order, orderId)
      if (!order) {
        // Whoever has its token was promised this order: it is on its way, or was turned down before it was opened.
        const verdict = await services.flows.readVerdict(orderId)
        if (verdict?.outcome === 'refused') throw refusalProblem(verdict.refusal)
        reply.headers(retryAfter(1_000))
        throw new Refusal('order.not_found', 'This order is not there (yet).', { orderId })
      }
      reply.header('etag', etagOf(order.version))
      return shownOrder(services, order)
    },
  )

  app.get(
    '/orders/:id/timeline',
    {
      config: { permission: 'order' },
      schema: {
        operationId: 'readTimeline',
        tags: ['orders'],
        summary: 'What happened to an order, oldest first',
        params: idParams('Of the order'),
        response: { 200: Timeline.ref },
      },
    },
    async (request) => timelineView(await readTimeline(databases.order, ownOrder(request))),
  )
}

const orderProblems = [
  ...(['cart.closed', 'cart.changed', 'cart.empty', 'sku.unknown', 'stock.insufficient'] as const),
  ...(['shipping.no_service', 'address.region_unknown', 'currency.not_sold'] as const),
  ...([
    'order.exists',
    'order.closed',
    'order.total_changed',
    'order.total_too_small',
    'hold.expired',
  ] as const),
  ...(['payment.declined', 'payment.too_many_attempts', 'payment.action_abandoned'] as const),
  'payment.capture_refused' as const,
]

function orderRequestOf(
  body: Static<typeof NewOrder.schema>,
): Omit<OrderRequest, 'cartId' | 'cause' | 'startedAt'> {
  return {
    email: body.email,
    shipTo: destinationOf(body.shipping_address),
    billTo: body.billing_address ? addressOf(body.billing_address) : null,
    rateId: body.shipping_rate_id ?? null,
    expectedTotal: body.expected_total ?? null,
    paymentMethod: body.payment?.payment_method ?? null,
  }
}
