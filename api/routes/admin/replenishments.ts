import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isId } from '../../../domain/ids.ts'
import type { ReplenishmentId, SupplierId } from '../../../domain/ids.ts'
import { replenishmentStatuses } from '../../../domain/purchase-orders.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { newId } from '../../../store/ids.ts'
import { listReplenishments, readReplenishment } from '../../../store/replenishments.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { emptyBodies } from '../../plugins/empty-bodies.ts'
import { once } from '../../plugins/idempotency.ts'
import { approveAll, dealOf, notFound, rejectOne } from '../../replenishments.ts'
import { idempotencyHeaders as headers, idParams, pageQuery, strict, word } from '../../schemas/common.ts'
import {
  Approval,
  Approvals,
  Approved,
  Rejection,
  Replenishment,
  ReplenishmentList,
} from '../../schemas/purchasing.ts'
import { replenishmentView } from '../../schemas/purchasing-views.ts'
import { skuText, warehouseText } from '../../schemas/stock.ts'
import type { Services } from '../../services.ts'

const tags = ['admin: purchasing']
const params = idParams('Of the replenishment')
const isReplenishmentId = (text: string): text is ReplenishmentId => isId('rpl', text)
const response = { 201: Approved.ref, 202: Approved.ref }
const rejected = { 200: Replenishment.ref, 202: Replenishment.ref }
const approving = {
  permission: 'purchasing:write',
  problems: [
    ...(['replenishment.not_found', 'replenishment.decided', 'replenishment.quantity'] as const),
    ...(['supplier.unknown', 'supplier.does_not_sell', 'service.unavailable'] as const),
  ],
} as const

export const adminReplenishmentRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { accounts, inventory: db } = services.databases
  const mint = (): string => newId('chg')

  app.get(
    '/replenishments',
    {
      config: { permission: 'purchasing:read' },
      schema: {
        operationId: 'adminListReplenishments',
        tags,
        summary: 'Shortages, newest first',
        querystring: Type.Object(
          {
            ...pageQuery,
            status: Type.Optional(word(replenishmentStatuses)),
            sku: Type.Optional(skuText),
            warehouse_id: Type.Optional(warehouseText),
          },
          strict,
        ),
        response: { 200: ReplenishmentList.ref },
      },
    },
    async ({ query: { cursor, limit, status, sku, warehouse_id: warehouseId } }) => {
      const before = readCursor(cursor, isReplenishmentId)
      const found = await listReplenishments(db, { status, sku, warehouseId, before, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: ({ id }) => id, view: replenishmentView })
    },
  )

  app.get(
    '/replenishments/:id',
    {
      config: { permission: 'purchasing:read', problems: ['replenishment.not_found'] },
      schema: {
        operationId: 'adminReadReplenishment',
        tags,
        summary: 'One shortage, and why it is one',
        params,
        response: { 200: Replenishment.ref },
      },
    },
    async ({ params: { id } }) => {
      const found = isReplenishmentId(id) ? await readReplenishment(db, id) : null
      if (!found) throw notFound(id)
      return replenishmentView(found)
    },
  )

  app.post(
    '/replenishments/:id/approve',
    {
      config: approving,
      preValidation: emptyBodies,
      schema: {
        ...{ operationId: 'adminApproveReplenishment', tags, params, headers, body: Approval.ref, response },
        summary: 'Orders what was suggested, or something else',
      },
    },
    async (request, reply) =>
      once({ db: accounts, request, reply, mint }, (claimed) => {
        const { quantity, supplier_id, expected_on: expectedOn } = request.body
        const items = [{ id: request.params.id, quantity }]
        return approveAll(dealOf(services, request, claimed), {
          items,
          supplierId: supplierOf(supplier_id),
          expectedOn,
        })
      }),
  )

  app.post(
    '/replenishments/approve',
    {
      config: approving,
      schema: {
        ...{ operationId: 'adminApproveReplenishments', tags, headers, body: Approvals.ref, response },
        summary: 'Orders several together: one purchase order for each supplier',
      },
    },
    async (request, reply) =>
      once({ db: accounts, request, reply, mint }, (claimed) => {
        const { items, supplier_id, expected_on: expectedOn } = request.body
        return approveAll(dealOf(services, request, claimed), {
          items,
          supplierId: supplierOf(supplier_id),
          expectedOn,
        })
      }),
  )

  app.post(
    '/replenishments/:id/reject',
    {
      config: approving,
      schema: {
        ...{ operationId: 'adminRejectReplenishment', tags, params, headers, body: Rejection.ref },
        response: rejected,
        summary: 'Turns it down, with a reason',
      },
    },
    async (request, reply) =>
      once({ db: accounts, request, reply, mint }, (claimed) =>
        rejectOne(dealOf(services, request, claimed), { id: request.params.id, reason: request.body.reason }),
      ),
  )
}

function supplierOf(given: string | undefined): SupplierId | null {
  if (given === undefined) return null
  if (isId('sup', given)) return given
  throw new Refusal('supplier.unknown', 'There is no such supplier.', { supplierId: given })
}
