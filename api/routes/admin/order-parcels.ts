import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { warehouseId } from '../../../domain/ids.ts'
import type { OrderLineId } from '../../../domain/ids.ts'
import type { Order } from '../../../domain/orders.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { resellableUnits } from '../../../domain/restocks.ts'
import { newId } from '../../../store/ids.ts'
import { readPayment } from '../../../store/payments.ts'
import { refundsOf } from '../../../store/refunds.ts'
import { reshipsOf } from '../../../store/reships.ts'
import { restock } from '../../../store/restocks.ts'
import { knownOrder, orderIdIn } from '../../known-orders.ts'
import { mintedId, once } from '../../plugins/idempotency.ts'
import { reshipOrder, reshipProblems } from '../../reshipping.ts'
import { idempotencyHeaders, idParams, ifMatchHeaders } from '../../schemas/common.ts'
import { NewReship, NewRestock, ReshipAccepted, Restocked } from '../../schemas/order-parcels.ts'
import type { Services } from '../../services.ts'
import { signature } from '../../stock.ts'

const tags = ['admin: orders']
const params = idParams('Of the order')

/** What an admin does about parcels that did not arrive, and about goods that come back. */
export const adminOrderParcelRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { databases } = services
  const keyed = { db: databases.accounts }

  app.post(
    '/orders/:id/reships',
    {
      config: { permission: 'orders:reship', problems: reshipProblems },
      schema: {
        operationId: 'adminReshipOrder',
        tags,
        summary: 'Sends again what was in a parcel that was lost or came back',
        description:
          'Other units are taken from stock, a new label is bought, and the customer is written to. Never more than was in the ' +
          'parcel, and nothing whose money went back.',
        params,
        headers: Type.Object({ ...idempotencyHeaders.properties, ...ifMatchHeaders.properties }),
        body: NewReship.ref,
        response: { 202: ReshipAccepted.ref },
      },
    },
    async (request, reply) => {
      const asked = {
        orderId: orderIdIn(request.params),
        ifMatch: request.headers['if-match'],
        ...{ body: request.body, askedBy: request.caller, cause: request.id },
      }
      return once({ ...keyed, request, reply, mint: () => newId('rsp') }, (claimed) =>
        reshipOrder(services, { asked, claimed }),
      )
    },
  )

  app.post(
    '/orders/:id/restocks',
    {
      config: {
        permission: 'orders:restock',
        problems: [
          ...(['order.not_found', 'order.line_unknown', 'restock.too_many'] as const),
          ...(['restock.money_first', 'warehouse.unknown'] as const),
        ],
      },
      schema: {
        operationId: 'adminRestockOrder',
        tags,
        summary: 'Takes units that had left back into stock',
        description:
          'Never more than left. Sellable only as many as had their money given back by lines, or were sent again; others wait as ' +
          '`quarantined`. A line in the journal of stock, and one in the timeline of the order.',
        params,
        headers: idempotencyHeaders,
        body: NewRestock.ref,
        response: { 201: Restocked.ref },
      },
    },
    async (request, reply) => {
      const orderId = orderIdIn(request.params)
      const { line_id: lineId, quantity, condition = 'sellable', warehouse_id, reason } = request.body
      return once({ ...keyed, request, reply, mint: () => newId('rst') }, async (claimed) => {
        const order = await knownOrder(services, orderId)
        const restockId = mintedId('rst', claimed)
        const back = await restock(databases.inventory, {
          ...{ restockId, orderId, lineId: lineIn(order, lineId), quantity, condition, reason },
          warehouseId: warehouse_id === undefined ? null : warehouseId(warehouse_id),
          resellable: await resellable(services, order, lineId),
          ...signature(request),
        })
        const body: Static<typeof Restocked.schema> = {
          ...{ id: restockId, order_id: orderId, line_id: lineId, sku: back.sku, quantity: back.quantity },
          ...{ condition: back.condition, warehouse_id: back.warehouseId },
        }
        return { status: 201, body, keep: true }
      })
    },
  )
}

function lineIn({ id: orderId, lines }: Order, lineId: string): OrderLineId {
  const line = lines.find((each) => each.lineId === lineId)
  if (line) return line.lineId
  throw new Refusal('order.line_unknown', 'This order has no such line.', { orderId, lineId })
}

/** How many shipped units of a line the money of the order lets be sold again. */
async function resellable({ databases }: Services, order: Order, lineId: string): Promise<number> {
  const db = databases.order
  const [payment, refunds, reships] = await Promise.all([
    readPayment(db, order.id),
    refundsOf(db, order.id),
    reshipsOf(db, order.id),
  ])
  const sentAgain = reships.flatMap(({ status, lines }) => (status === 'sent' ? lines : []))
  return resellableUnits(order, lineId, { capturedMinor: payment?.capturedMinor ?? 0, refunds, sentAgain })
}
