import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { OrderId } from '../../../domain/ids.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { settleAttention } from '../../../store/attention.ts'
import { newId } from '../../../store/ids.ts'
import { etagOf } from '../../carts.ts'
import { cancelOrder, cancelProblems } from '../../cancelling.ts'
import { knownOrder, orderIdIn } from '../../known-orders.ts'
import { emptyBodies } from '../../plugins/empty-bodies.ts'
import { mintedId, once } from '../../plugins/idempotency.ts'
import type { Claimed, Outcome } from '../../plugins/idempotency.ts'
import { invalid, refusalProblem, retryAfter } from '../../problems.ts'
import { idempotencyHeaders, idParams, ifMatchHeaders } from '../../schemas/common.ts'
import { NewRefund, Reason, RefundAccepted } from '../../schemas/order-books.ts'
import { adminOrderView } from '../../schemas/order-views.ts'
import { AdminOrder, CancelBody, wantedLines } from '../../schemas/orders.ts'
import type { Services } from '../../services.ts'
import { requireVersion, versionProblems } from '../../versions.ts'

const tags = ['admin: orders']
const headers = Type.Object({ ...idempotencyHeaders.properties, ...ifMatchHeaders.properties })

/** What an admin does about the money of an order. */
export const adminOrderMoneyRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { databases } = services
  const keyed = { db: databases.accounts }

  app.post(
    '/orders/:id/cancel',
    {
      config: {
        permission: 'orders:cancel',
        problems: ['order.not_found', ...cancelProblems, ...versionProblems],
      },
      preValidation: emptyBodies,
      schema: {
        operationId: 'adminCancelOrder',
        tags,
        summary: 'Cancels an order, or lines and quantities of it',
        params: idParams('Of the order'),
        headers,
        body: CancelBody.ref,
        response: { 202: AdminOrder.ref },
      },
    },
    async (request, reply) => {
      const orderId = orderIdIn(request.params)
      const { reason = 'cancelled by the shop', lines } = request.body
      const wish = {
        ...{ orderId, reason, actor: 'admin' as const, askedBy: request.caller, cause: request.id },
        wanted: wantedLines(lines),
        ifMatch: request.headers['if-match'],
      }
      return once({ ...keyed, request, reply, mint: () => newId('can') }, (claimed) =>
        cancelOrder(services, { wish, claimed, view: adminOrderView }),
      )
    },
  )

  app.post(
    '/orders/:id/refunds',
    {
      config: { permission: 'orders:refund', problems: refundProblems },
      schema: {
        operationId: 'adminRefundOrder',
        tags,
        summary: 'Gives money back without cancelling anything',
        description:
          'An amount, or the share of lines and quantities; several, up to what was paid. It is promised in our books at once, and ' +
          'reaches the customer when the provider can be reached.',
        params: idParams('Of the order'),
        headers,
        body: NewRefund.ref,
        response: { 202: RefundAccepted.ref },
      },
    },
    async (request, reply) => {
      const asked = {
        orderId: orderIdIn(request.params),
        ifMatch: request.headers['if-match'],
        ...{ body: request.body, askedBy: request.caller, cause: request.id },
      }
      return once({ ...keyed, request, reply, mint: () => newId('rfd') }, (claimed) =>
        refundOrder(services, { asked, claimed }),
      )
    },
  )

  app.post(
    '/orders/:id/resolve',
    {
      config: {
        permission: 'orders:resolve',
        problems: ['order.not_found', 'order.attention_settled', ...versionProblems],
      },
      schema: {
        operationId: 'adminResolveOrder',
        tags,
        summary: 'Says that somebody has looked after what needed attention, and what came of it',
        params: idParams('Of the order'),
        headers,
        body: Reason.ref,
        response: { 200: AdminOrder.ref },
      },
    },
    async (request, reply) => {
      const orderId = orderIdIn(request.params)
      const { reason } = request.body
      return once({ ...keyed, request, reply, mint: () => orderId }, async () => {
        const order = await knownOrder(services, orderId)
        requireVersion(request.headers['if-match'], order.version)
        const at = new Date().toISOString()
        const { version } = order
        const settled = await settleAttention(databases.order, {
          orderId,
          version,
          reason,
          at,
          cause: request.id,
        })
        if (!settled)
          throw new Refusal('order.attention_settled', 'This order needs no attention.', { orderId })
        const now = await knownOrder(services, orderId)
        return { status: 200, body: adminOrderView(now), headers: { etag: etagOf(now.version) }, keep: true }
      })
    },
  )
}

const refundProblems = [
  ...(['order.not_found', 'order.changed', 'order.line_unknown', 'order.quantity_too_large'] as const),
  ...(['refund.not_paid', 'refund.nothing', 'refund.too_large', 'refund.other_currency'] as const),
  ...(['refund.not_chargeable', ...versionProblems] as const),
]

interface AskedRefund {
  readonly orderId: OrderId
  readonly ifMatch: string | undefined
  readonly body: Static<typeof NewRefund.schema>
  readonly askedBy: string | null
  readonly cause: string
}

async function refundOrder(
  services: Services,
  { asked, claimed }: { asked: AskedRefund; claimed: Claimed },
): Promise<Outcome> {
  const { orderId, body, askedBy, cause } = asked
  const order = await knownOrder(services, orderId)
  // A repeat comes after the version has risen by what it did itself.
  if (claimed.first) requireVersion(asked.ifMatch, order.version)
  const refundId = mintedId('rfd', claimed)
  const version = claimed.first && asked.ifMatch?.trim() !== '*' ? order.version : null
  const answer = await services.flows.refundOrder({
    refundId,
    request: { orderId, what: whatOf(body), version, reason: body.reason, askedBy, cause },
    budgetMs: services.shop.requestBudgetMs,
  })
  if (answer.outcome === 'refused') throw refusalProblem(answer.refusal, { currency: order.currency })
  const decided = answer.outcome !== 'undecided'
  const amount =
    answer.outcome === 'accepted' ? { amount: answer.amountMinor, currency: order.currency } : null
  return {
    status: 202,
    body: { id: refundId, order_id: orderId, ...(amount && { amount }) },
    headers: { location: `/v1/admin/orders/${orderId}`, ...(!decided && retryAfter(1_000)) },
    keep: decided,
  }
}

function whatOf({ amount, lines }: Static<typeof NewRefund.schema>) {
  const units = wantedLines(lines)
  if (amount && !units) return { amount }
  if (units && !amount) return { lines: units }
  throw invalid({ in: 'body', pointer: '#', detail: 'must name either an amount or lines.' })
}
