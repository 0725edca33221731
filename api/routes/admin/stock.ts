import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Refusal } from '../../../domain/refusals.ts'
import { movementKinds } from '../../../domain/stock-changes.ts'
import { listMovements } from '../../../store/stock-journal.ts'
import type { LevelKey } from '../../../store/stock-journal.ts'
import { ensureLevels } from '../../../store/stock-journal.ts'
import { updateSettings } from '../../../store/stock-levels.ts'
import { warehousesThatAreMissing } from '../../../store/warehouses.ts'
import { cursorAfter, pageOf, readCursor } from '../../cursors.ts'
import { ifMatchHeaders, pageQuery, strict, word } from '../../schemas/common.ts'
import {
  LevelSettings,
  movementView,
  MovementList,
  skuText,
  StockLevel,
  StockLevelList,
  stockLevelView,
  warehouseText,
} from '../../schemas/stock.ts'
import type { Services } from '../../services.ts'
import { keyOf, levelNow, levelPage, unknownSkus } from '../../stock.ts'
import { requireVersion, versionProblems, versionTag } from '../../versions.ts'

/** Neither SKUs nor the names of warehouses hold a line break. */
const separator = '\n'
const tags = ['admin: stock']
const levelParams = Type.Object({ warehouse_id: Type.String(), sku: Type.String() })

export const adminStockRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const db = services.databases.inventory
  const { policy } = services.stock

  app.get(
    '/stock',
    {
      config: { permission: 'stock:read' },
      schema: {
        operationId: 'adminListStock',
        tags,
        summary: 'Stock levels by SKU and warehouse',
        description:
          'With `low=true` only those that run low: a page of them may hold fewer than asked for and not be the last.',
        querystring: Type.Object(
          {
            ...pageQuery,
            sku: Type.Optional(skuText),
            warehouse_id: Type.Optional(warehouseText),
            low: Type.Optional(word(['true', 'false'])),
          },
          strict,
        ),
        response: { 200: StockLevelList.ref },
      },
    },
    async ({ query: { cursor, limit, sku, warehouse_id: warehouseId, low } }) => {
      const { levels, next } = await levelPage(services, {
        ...{ after: levelAfter(cursor) ?? null, limit, low: low === 'true', sku, warehouseId },
      })
      return {
        data: levels.map((level) => stockLevelView(level, policy)),
        page: { has_more: next !== null, ...(next && { next_cursor: cursorAfter(cursorKey(next)) }) },
      }
    },
  )

  app.get(
    '/stock/:warehouse_id/:sku',
    {
      config: { permission: 'stock:read', problems: ['stock.level_not_found'] },
      schema: {
        operationId: 'adminReadStock',
        tags,
        summary: 'One stock level, and what the daily check would say about it now',
        params: levelParams,
        response: { 200: StockLevel.ref },
      },
    },
    async ({ params }, reply) => {
      const level = await levelNow(services, keyOf(params))
      reply.header('etag', versionTag(level.settingsVersion))
      return stockLevelView(level, policy)
    },
  )

  app.put(
    '/stock/:warehouse_id/:sku/settings',
    {
      config: {
        permission: 'stock:write',
        problems: [
          'stock.level_not_found',
          'sku.unknown',
          'warehouse.unknown',
          'replenishment.quantity',
          ...versionProblems,
        ],
      },
      schema: {
        operationId: 'adminSetStock',
        tags,
        summary: 'When a SKU is ordered anew in a warehouse, and up to how many',
        description: 'A level that is not there yet is made, empty, with `If-Match: "0"`.',
        params: levelParams,
        headers: ifMatchHeaders,
        body: LevelSettings.ref,
        response: { 200: StockLevel.ref },
      },
    },
    async ({ params, headers, body }, reply) => {
      const key = keyOf(params)
      if (headers['if-match']?.trim() === versionTag(0)) await makeLevel(key)
      const { settingsVersion } = await levelNow(services, key)
      if (headers['if-match']?.trim() !== versionTag(0)) requireVersion(headers['if-match'], settingsVersion)
      const settings = {
        safetyStock: body.safety_stock,
        reorderPoint: body.reorder_point ?? null,
        orderUpTo: body.order_up_to ?? null,
        replenished: body.replenished,
      }
      refuseBackwards(settings)
      const version = await updateSettings(db, { ...key, settings, version: settingsVersion })
      if (version === null) requireVersion('', (await levelNow(services, key)).settingsVersion)
      const level = await levelNow(services, key)
      reply.header('etag', versionTag(level.settingsVersion))
      return stockLevelView(level, policy)
    },
  )

  app.get(
    '/stock/movements',
    {
      config: { permission: 'stock:read' },
      schema: {
        operationId: 'adminListStockMovements',
        tags,
        summary: 'The journal of stock, newest first',
        querystring: Type.Object(
          {
            ...pageQuery,
            sku: Type.Optional(skuText),
            warehouse_id: Type.Optional(warehouseText),
            kind: Type.Optional(word(movementKinds)),
          },
          strict,
        ),
        response: { 200: MovementList.ref },
      },
    },
    async ({ query: { cursor, limit, sku, warehouse_id: warehouseId, kind } }) => {
      const before = readCursor(cursor, (text): text is string => /^\d{1,15}$/.test(text))
      const found = await listMovements(db, {
        ...{ sku, warehouseId, kind, before: before === undefined ? undefined : Number(before) },
        limit: limit + 1,
      })
      return pageOf(found, { limit, keyOf: ({ position }) => String(position), view: movementView })
    },
  )

  /** Makes an empty level; refuses what the catalog or the map of warehouses does not know. */
  async function makeLevel(key: LevelKey): Promise<void> {
    if ((await unknownSkus(services, [key.sku])).size > 0) {
      throw new Refusal('sku.unknown', `The catalog has no ${key.sku}.`, { sku: key.sku })
    }
    const [missing] = await warehousesThatAreMissing(db, [key.warehouseId])
    if (missing !== undefined) {
      throw new Refusal('warehouse.unknown', `There is no warehouse ${missing}.`, { warehouseId: missing })
    }
    await ensureLevels(db, { keys: [key], at: new Date().toISOString() })
  }
}

/** What is ordered up to must lie above where it is ordered. */
function refuseBackwards({
  reorderPoint,
  orderUpTo,
}: {
  reorderPoint: number | null
  orderUpTo: number | null
}): void {
  if (reorderPoint === null || orderUpTo === null || orderUpTo > reorderPoint) return
  throw new Refusal(
    'replenishment.quantity',
    `order_up_to must be more than the reorder point, ${reorderPoint}.`,
    {
      ...{ reorderPoint, orderUpTo },
    },
  )
}

const cursorKey = ({ sku, warehouseId }: LevelKey): string => `${sku}${separator}${warehouseId}`

function levelAfter(cursor: string | undefined): { sku: string; warehouseId: string } | undefined {
  const key = readCursor(cursor, (text): text is string => text.split(separator).length === 2)
  const [sku, warehouseId] = key?.split(separator) ?? []
  return sku === undefined || warehouseId === undefined ? undefined : { sku, warehouseId }
}
