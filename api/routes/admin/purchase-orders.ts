import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isId, sku, warehouseId } from '../../../domain/ids.ts'
import type { PurchaseOrderId, ReceiptId } from '../../../domain/ids.ts'
import { purchaseOrderStatuses } from '../../../domain/purchase-orders.ts'
import type { PurchaseOrder as Ordered } from '../../../domain/purchase-orders.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { newId } from '../../../store/ids.ts'
import { listPurchaseOrders, readPurchaseOrder } from '../../../store/purchase-orders.ts'
import { listReceipts } from '../../../store/receipts.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { once } from '../../plugins/idempotency.ts'
import type { Claimed, Outcome } from '../../plugins/idempotency.ts'
import { invalid, Problem, refusalProblem, retryAfter } from '../../problems.ts'
import { idempotencyHeaders as headers, idParams, pageQuery, strict, word } from '../../schemas/common.ts'
import {
  NewReceipt,
  OrderEnd,
  PurchaseOrder,
  PurchaseOrderList,
  ReceiptList,
} from '../../schemas/purchasing.ts'
import { purchaseOrderView, receiptView } from '../../schemas/purchasing-views.ts'
import type { Services } from '../../services.ts'

const tags = ['admin: purchasing']
const params = idParams('Of the purchase order')
const isOrderId = (text: string): text is PurchaseOrderId => isId('po', text)
const reading = { permission: 'purchasing:read', problems: ['purchase_order.not_found'] } as const
const ending = {
  permission: 'purchasing:write',
  problems: [
    ...(['purchase_order.not_found', 'purchase_order.ended', 'purchase_order.partly_received'] as const),
    'service.unavailable',
  ],
} as const
const receiving = {
  permission: 'stock:write',
  problems: [
    ...(['purchase_order.not_found', 'receipt.line_unknown', 'receipt.absurd', 'receipt.in_future'] as const),
    ...(['receipt.exists', 'receipt.other_order', 'service.unavailable'] as const),
  ],
} as const
const booked = { 201: PurchaseOrder.ref, 202: PurchaseOrder.ref }
const ended = { 200: PurchaseOrder.ref, 202: PurchaseOrder.ref }

export const adminPurchaseOrderRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { databases, flows, shop } = services
  const { accounts, inventory: db } = databases
  const budgetMs = shop.requestBudgetMs

  app.get(
    '/purchase-orders',
    {
      config: { permission: 'purchasing:read' },
      schema: {
        operationId: 'adminListPurchaseOrders',
        tags,
        summary: 'Orders to suppliers, newest first',
        querystring: Type.Object(
          {
            ...pageQuery,
            status: Type.Optional(word(purchaseOrderStatuses)),
            supplier_id: Type.Optional(Type.String({ maxLength: 60 })),
          },
          strict,
        ),
        response: { 200: PurchaseOrderList.ref },
      },
    },
    async ({ query: { cursor, limit, status, supplier_id: given } }) => {
      const before = readCursor(cursor, isOrderId)
      if (given !== undefined && !isId('sup', given)) return { data: [], page: { has_more: false } }
      const found = await listPurchaseOrders(db, { status, supplierId: given, before, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: ({ id }) => id, view: purchaseOrderView })
    },
  )

  app.get(
    '/purchase-orders/:id',
    {
      config: reading,
      schema: {
        operationId: 'adminReadPurchaseOrder',
        tags,
        summary: 'One order to a supplier',
        params,
        response: { 200: PurchaseOrder.ref },
      },
    },
    async ({ params: { id } }) => purchaseOrderView(await known(id)),
  )

  app.get(
    '/purchase-orders/:id/receipts',
    {
      config: reading,
      schema: {
        operationId: 'adminListReceipts',
        tags,
        summary: 'What came of it, oldest first',
        params,
        response: { 200: ReceiptList.ref },
      },
    },
    async ({ params: { id } }) => ({ data: (await listReceipts(db, (await known(id)).id)).map(receiptView) }),
  )

  app.post(
    '/purchase-orders/:id/receipts',
    {
      config: receiving,
      schema: {
        ...{ operationId: 'adminReceive', tags, params, headers, body: NewReceipt.ref, response: booked },
        summary: 'Books what came: less, more, broken, in pieces, also after the order has ended',
        description: 'Booked once by its Idempotency-Key, and once by the number of its delivery note.',
      },
    },
    async (request, reply) =>
      once({ db: accounts, request, reply, mint: () => newId('rcp') }, async (claimed) => {
        const order = await known(request.params.id)
        const { reference, order_number, received_at, lines, final, note } = request.body
        const answer = await flows.stock.receive({
          purchaseOrderId: order.id,
          content: {
            receiptId: receiptId(claimed),
            ...{ actor: request.caller ?? 'unknown', cause: request.id },
            ...(reference !== undefined && { reference }),
            ...(order_number !== undefined && { orderNumber: order_number }),
            ...(received_at !== undefined && { receivedAt: received_at }),
            lines: lines.map((line, index) => {
              const { received, damaged = 0, quarantined = 0 } = line
              if (received + damaged + quarantined === 0) {
                throw invalid({
                  in: 'body',
                  pointer: `#/lines/${index}`,
                  detail: 'is a line of nothing: leave it out.',
                })
              }
              const place = line.warehouse_id
              return {
                ...{ sku: sku(line.sku), received, damaged, quarantined },
                ...(place !== undefined && { warehouseId: warehouseId(place) }),
              }
            }),
            ...(final !== undefined && { final }),
            ...(note !== undefined && { note }),
          },
          ...{ updateId: claimed.updateId, budgetMs },
        })
        return outcome(order.id, { answer, status: 201 })
      }),
  )

  for (const [verb, as, summary] of [
    ['cancel', 'cancelled', 'Takes an order back of which nothing has come; the supplier is told'],
    ['close', 'closed_short', 'Ends an order: what came is all that comes'],
  ] as const) {
    app.post(
      `/purchase-orders/:id/${verb}`,
      {
        config: ending,
        schema: {
          ...{ operationId: `admin${as === 'cancelled' ? 'Cancel' : 'Close'}PurchaseOrder`, summary },
          ...{ tags, params, headers, body: OrderEnd.ref, response: ended },
        },
      },
      async (request, reply) =>
        once({ db: accounts, request, reply, mint: () => newId('chg') }, async (claimed) => {
          const order = await known(request.params.id)
          const signed = { actor: request.caller ?? 'unknown', cause: `decision:${claimed.updateId}` }
          const answer = await flows.stock.endPurchaseOrder({
            purchaseOrderId: order.id,
            content: { as, reason: request.body.reason, ...signed },
            ...{ updateId: claimed.updateId, budgetMs },
          })
          return outcome(order.id, { answer, status: 200 })
        }),
    )
  }

  type Answer = Awaited<ReturnType<typeof flows.stock.receive>>

  /** The order as it stands after a letter about it. */
  async function outcome(
    id: PurchaseOrderId,
    { answer, status }: { answer: Answer; status: 200 | 201 },
  ): Promise<Outcome> {
    if (answer.outcome === 'refused') throw refusalProblem(answer.refusal)
    if (answer.outcome === 'closed') {
      throw new Problem(
        'service.unavailable',
        'The order is being closed at this moment; please try again.',
        {
          headers: retryAfter(1_000),
        },
      )
    }
    const body = purchaseOrderView(await known(id))
    return answer.outcome === 'undecided' ? { status: 202, body, keep: false } : { status, body, keep: true }
  }

  async function known(id: string): Promise<Ordered> {
    const order = isOrderId(id) ? await readPurchaseOrder(db, id) : null
    if (!order)
      throw new Refusal('purchase_order.not_found', 'There is no such purchase order.', {
        purchaseOrderId: id,
      })
    return order
  }
}

function receiptId({ resourceId }: Claimed): ReceiptId {
  if (isId('rcp', resourceId)) return resourceId
  throw new Error(`${resourceId} was minted for a receipt, but is not the id of one.`)
}
