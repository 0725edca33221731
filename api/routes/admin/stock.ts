import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { StockLevel } from '../../../domain/inventory.ts'
import { listStockLevels } from '../../../store/stock-listing.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { pageQuery } from '../../schemas/common.ts'
import { stockLevelView, StockLevelList } from '../../schemas/stock.ts'
import type { Services } from '../../services.ts'

/** Neither SKUs nor the names of warehouses hold a line break. */
const separator = '\n'

type LevelKey = Pick<StockLevel, 'sku' | 'warehouseId'>

export const adminStockRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  app.get(
    '/stock',
    {
      config: { permission: 'stock:read' },
      schema: {
        operationId: 'adminListStock',
        tags: ['admin: stock'],
        summary: 'Stock levels by SKU and warehouse',
        querystring: Type.Object(pageQuery),
        response: { 200: StockLevelList.ref },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const after = levelAfter(cursor)
      const found = await listStockLevels(services.databases.inventory, { after, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: cursorKey, view: stockLevelView })
    },
  )
}

const cursorKey = ({ sku, warehouseId }: LevelKey): string => `${sku}${separator}${warehouseId}`

function levelAfter(cursor: string | undefined): { sku: string; warehouseId: string } | undefined {
  const key = readCursor(cursor, (text): text is string => text.split(separator).length === 2)
  const [sku, warehouseId] = key?.split(separator) ?? []
  return sku === undefined || warehouseId === undefined ? undefined : { sku, warehouseId }
}
