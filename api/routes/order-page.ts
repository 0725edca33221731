import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { readOrder, readTimeline } from '../../store/orders.ts'
import { problemOf } from '../faults.ts'
import { backFromBankPage, noOrderPage, orderPage, pagePolicy } from '../pages/order-page.ts'
import { ownOrder } from '../plugins/guard.ts'
import { sendProblem } from '../plugins/problem-details.ts'
import { idParams } from '../schemas/common.ts'
import type { Services } from '../services.ts'

/** Where the links in mails lead. It is for people, so its noes are pages too. */
export const orderPageRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { databases, shop } = services
  const html = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': pagePolicy }
  const unknown = noOrderPage({ shopName: shop.name })

  app.setErrorHandler((error, request, reply) => {
    if (problemOf(error).code !== 'order.not_found') return sendProblem(request, reply, error)
    const said = saidByBank(request.query)
    if (said === null) return reply.code(404).headers(html).send(unknown)
    const passed = said === 'succeeded'
    return reply
      .code(200)
      .headers(html)
      .send(backFromBankPage({ shopName: shop.name, passed }))
  })

  app.get(
    '/orders/:id',
    {
      config: { permission: 'order', tokenInQuery: true },
      schema: {
        operationId: 'showOrder',
        tags: ['orders'],
        summary: 'An order as a page, for the link in mails',
        params: idParams('Of the order'),
        querystring: Type.Object({
          token: Type.Optional(Type.String({ maxLength: 200 })),
          redirect_status: Type.Optional(
            Type.String({ maxLength: 50, description: 'From the payment provider, after a challenge' }),
          ),
        }),
        produces: ['text/html'],
        response: { 200: Type.String(), 404: Type.String() },
      },
    },
    async (request, reply) => {
      const orderId = ownOrder(request)
      const [order, timeline] = await Promise.all([
        readOrder(databases.order, orderId),
        readTimeline(databases.order, orderId),
      ])
      if (!order) return reply.code(404).headers(html).send(unknown)
      return reply.headers(html).send(orderPage({ shopName: shop.name, order, timeline }))
    },
  )
}

/** What the payment provider adds to the address to which a bank sends its customer back. Nothing but the words depend on it. */
function saidByBank(query: unknown): string | null {
  if (typeof query !== 'object' || query === null || !('redirect_status' in query)) return null
  return typeof query.redirect_status === 'string' ? query.redirect_status : null
}
