import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isId } from '../../../domain/ids.ts'
import type { OrderId } from '../../../domain/ids.ts'
import { orderStatuses } from '../../../domain/orders.ts'
import type { Order } from '../../../domain/orders.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { findOrders } from '../../../store/order-search.ts'
import { readOrder, readOrders, readTimeline } from '../../../store/orders.ts'
import { etagOf } from '../../carts.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { orderDetail } from '../../order-books.ts'
import { idParams, instant, pageQuery, word } from '../../schemas/common.ts'
import { AdminOrderDetail } from '../../schemas/order-books.ts'
import { adminOrderView, timelineView } from '../../schemas/order-views.ts'
import { AdminOrder, AdminOrderList, Timeline } from '../../schemas/orders.ts'
import type { Services } from '../../services.ts'

const isOrderId = (text: string): text is OrderId => isId('ord', text)

export const adminOrderRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const db = services.databases.order

  app.get(
    '/orders',
    {
      config: { permission: 'orders:read' },
      schema: {
        operationId: 'adminListOrders',
        tags: ['admin: orders'],
        summary: 'Orders, newest first',
        querystring: Type.Object({
          ...pageQuery,
          status: Type.Optional(word(orderStatuses)),
          needs_attention: Type.Optional(word(['true', 'false'])),
          q: Type.Optional(
            Type.String({
              ...{ minLength: 1, maxLength: 100 },
              description: 'A SKU, or the beginning of an order number, an id or a mail address',
            }),
          ),
          placed_from: Type.Optional(instant('Placed then or later')),
          placed_before: Type.Optional(instant('Placed earlier than that')),
        }),
        response: { 200: AdminOrderList.ref },
      },
    },
    async ({ query: { cursor, limit, ...query } }) => {
      const filter = {
        status: query.status,
        text: query.q,
        needsAttention: query.needs_attention === undefined ? undefined : query.needs_attention === 'true',
        placedFrom: query.placed_from,
        placedBefore: query.placed_before,
      }
      const before = readCursor(cursor, isOrderId)
      const ids = await findOrders(db, { filter, before, limit: limit + 1 })
      const found = await readOrders(db, ids)
      return pageOf(found, { limit, keyOf: (order) => order.id, view: adminOrderView })
    },
  )

  app.get(
    '/orders/:id',
    {
      config: { permission: 'orders:read', problems: ['order.not_found'] },
      schema: {
        operationId: 'adminReadOrder',
        tags: ['admin: orders'],
        summary: 'One order',
        params: idParams('Of the order'),
        response: { 200: AdminOrder.ref },
      },
    },
    async ({ params: { id } }, reply) => {
      const order = await knownOrder(id)
      reply.header('etag', etagOf(order.version))
      return adminOrderView(order)
    },
  )

  app.get(
    '/orders/:id/timeline',
    {
      config: { permission: 'orders:read', problems: ['order.not_found'] },
      schema: {
        operationId: 'adminReadTimeline',
        tags: ['admin: orders'],
        summary: 'What happened to an order, oldest first',
        params: idParams('Of the order'),
        response: { 200: Timeline.ref },
      },
    },
    async ({ params: { id } }) => timelineView(await readTimeline(db, (await knownOrder(id)).id)),
  )

  app.get(
    '/orders/:id/books',
    {
      config: { permission: 'orders:read', problems: ['order.not_found'] },
      schema: {
        operationId: 'adminReadOrderBooks',
        tags: ['admin: orders'],
        summary: 'One order with its money, refunds, cancellations, timeline and workflows',
        params: idParams('Of the order'),
        response: { 200: AdminOrderDetail.ref },
      },
    },
    async ({ params: { id } }, reply) => {
      const order = await knownOrder(id)
      reply.header('etag', etagOf(order.version))
      return orderDetail(services, order)
    },
  )

  async function knownOrder(id: string): Promise<Order> {
    const order = isOrderId(id) ? await readOrder(db, id) : null
    if (!order) throw new Refusal('order.not_found', 'There is no such order.')
    return order
  }
}
