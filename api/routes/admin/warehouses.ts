import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { warehouseId } from '../../../domain/ids.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { insertWarehouse, listWarehouses, readWarehouse, updateWarehouse } from '../../../store/warehouses.ts'
import type { Warehouse as StoredWarehouse } from '../../../store/warehouses.ts'
import { addressOf } from '../../schemas/addresses.ts'
import { idParams, ifMatchHeaders } from '../../schemas/common.ts'
import {
  NewWarehouse,
  Warehouse,
  WarehouseChange,
  WarehouseList,
  warehouseView,
} from '../../schemas/stock.ts'
import type { Services } from '../../services.ts'
import { requireVersion, versionProblems, versionTag } from '../../versions.ts'

const tags = ['admin: stock']

export const adminWarehouseRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const db = services.databases.inventory

  app.get(
    '/warehouses',
    {
      config: { permission: 'stock:read' },
      schema: {
        operationId: 'adminListWarehouses',
        tags,
        summary: 'Warehouses, in the order in which parcels are sent from them',
        response: { 200: WarehouseList.ref },
      },
    },
    async () => ({ data: (await listWarehouses(db)).map(warehouseView) }),
  )

  app.get(
    '/warehouses/:id',
    {
      config: { permission: 'stock:read', problems: ['warehouse.not_found'] },
      schema: {
        operationId: 'adminReadWarehouse',
        tags,
        summary: 'One warehouse',
        params: idParams('Of the warehouse'),
        response: { 200: Warehouse.ref },
      },
    },
    async ({ params: { id } }, reply) => {
      const warehouse = await known(id)
      reply.header('etag', versionTag(warehouse.version))
      return warehouseView(warehouse)
    },
  )

  app.post(
    '/warehouses',
    {
      config: { permission: 'stock:write', problems: ['warehouse.exists'] },
      schema: {
        operationId: 'adminCreateWarehouse',
        tags,
        summary: 'A new warehouse',
        body: NewWarehouse.ref,
        response: { 201: Warehouse.ref },
      },
    },
    async ({ body }, reply) => {
      const { id, name, rank, address } = body
      const warehouse = { id: warehouseId(id), name, rank, address: addressOf(address) }
      if (!(await insertWarehouse(db, warehouse))) {
        throw new Refusal('warehouse.exists', `There is a warehouse ${id} already.`, { warehouseId: id })
      }
      reply.code(201).headers({ location: `/v1/admin/warehouses/${id}`, etag: versionTag(1) })
      return warehouseView({ ...warehouse, version: 1 })
    },
  )

  app.put(
    '/warehouses/:id',
    {
      config: { permission: 'stock:write', problems: ['warehouse.not_found', ...versionProblems] },
      schema: {
        operationId: 'adminChangeWarehouse',
        tags,
        summary: 'Changes a warehouse',
        params: idParams('Of the warehouse'),
        headers: ifMatchHeaders,
        body: WarehouseChange.ref,
        response: { 200: Warehouse.ref },
      },
    },
    async ({ params: { id }, headers, body }, reply) => {
      const before = await known(id)
      requireVersion(headers['if-match'], before.version)
      const { name, rank, address } = body
      const after = { ...before, name, rank, address: addressOf(address) }
      const version = await updateWarehouse(db, after)
      if (version === null) requireVersion('', (await known(id)).version)
      const now = await known(id)
      reply.header('etag', versionTag(now.version))
      return warehouseView(now)
    },
  )

  async function known(id: string): Promise<StoredWarehouse> {
    const warehouse = await readWarehouse(db, id)
    if (!warehouse)
      throw new Refusal('warehouse.not_found', 'There is no such warehouse.', { warehouseId: id })
    return warehouse
  }
}
