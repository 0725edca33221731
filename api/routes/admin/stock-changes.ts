import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Static } from 'typebox'
import { sku as asSku, warehouseId } from '../../../domain/ids.ts'
import type { StockChangeId } from '../../../domain/ids.ts'
import type { LiveReservation } from '../../../domain/stock-changes.ts'
import { newId } from '../../../store/ids.ts'
import { adjustStock, countStock, regradeStock, transferStock } from '../../../store/stock-changes.ts'
import type { LevelKey } from '../../../store/stock-journal.ts'
import { mintedId, once } from '../../plugins/idempotency.ts'
import type { Outcome } from '../../plugins/idempotency.ts'
import { invalid } from '../../problems.ts'
import { idempotencyHeaders as headers } from '../../schemas/common.ts'
import { Adjustment, Count, Regrading, StockChanged, stockLevelView, Transfer } from '../../schemas/stock.ts'
import type { Services } from '../../services.ts'
import { keyOf, levelNow, signature } from '../../stock.ts'

const tags = ['admin: stock']
const config = {
  permission: 'stock:write',
  problems: ['stock.level_not_found', 'stock.changed', 'stock.insufficient', 'warehouse.unknown'],
} as const
const response = { 201: StockChanged.ref }

/** What people do to stock. Each is a line in the journal under the id that its `Idempotency-Key` minted, so a repeat changes nothing. */
export const adminStockChangeRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { accounts, inventory: db } = services.databases
  const mint = (): string => newId('chg')

  app.post(
    '/stock/adjustments',
    {
      config,
      schema: {
        ...{ operationId: 'adjustStock', tags, headers, body: Adjustment.ref, response },
        summary: 'So many units more or fewer, with a reason',
        description:
          '`expected` is how many there were when this was decided; if that is stale it is refused.',
      },
    },
    async (request, reply) =>
      once({ db: accounts, request, reply, mint }, async (claimed) => {
        const { quantity, condition = 'sellable', expected: seen, reason } = request.body
        if (quantity === 0) throw invalid({ in: 'body', pointer: '#/quantity', detail: 'must not be 0.' })
        const key = keyOf(request.body)
        const id = mintedId('chg', claimed)
        await adjustStock(db, { ...signature(request), ...key, id, condition, quantity, seen, reason })
        return changed(id, [key])
      }),
  )

  app.post(
    '/stock/counts',
    {
      config,
      schema: {
        ...{ operationId: 'countStock', tags, headers, body: Count.ref, response },
        summary: 'What somebody counted on the shelf',
        description:
          'Fewer than were promised take the goods of the newest orders away: these orders are flagged, and named in the answer.',
      },
    },
    async (request, reply) =>
      once({ db: accounts, request, reply, mint }, async (claimed) => {
        const { counted, expected: seen, reason = null } = request.body
        const key = keyOf(request.body)
        const id = mintedId('chg', claimed)
        const { taken } = await countStock(db, { ...signature(request), ...key, id, counted, seen, reason })
        return changed(id, [key], taken)
      }),
  )

  app.post(
    '/stock/transfers',
    {
      config,
      schema: {
        ...{ operationId: 'transferStock', tags, headers, body: Transfer.ref, response },
        summary: 'Units that move to another warehouse',
      },
    },
    async (request, reply) =>
      once({ db: accounts, request, reply, mint }, async (claimed) => {
        const { sku: name, from_warehouse_id, to_warehouse_id, quantity, reason = null } = request.body
        if (from_warehouse_id === to_warehouse_id) {
          throw invalid({ in: 'body', pointer: '#/to_warehouse_id', detail: 'must be another warehouse.' })
        }
        const [sku, from, to] = [asSku(name), warehouseId(from_warehouse_id), warehouseId(to_warehouse_id)]
        const id = mintedId('chg', claimed)
        await transferStock(db, { ...signature(request), id, sku, from, to, quantity, reason })
        return changed(
          id,
          [from, to].map((place) => ({ sku, warehouseId: place })),
        )
      }),
  )

  app.post(
    '/stock/regradings',
    {
      config,
      schema: {
        ...{ operationId: 'regradeStock', tags, headers, body: Regrading.ref, response },
        summary: 'Units that become damaged, go into quarantine, or come out of it',
      },
    },
    async (request, reply) =>
      once({ db: accounts, request, reply, mint }, async (claimed) => {
        const { from, to, quantity, expected: seen, reason } = request.body
        if (from === to) throw invalid({ in: 'body', pointer: '#/to', detail: 'must be another condition.' })
        const key = keyOf(request.body)
        const id = mintedId('chg', claimed)
        await regradeStock(db, { ...signature(request), ...key, id, from, to, quantity, seen, reason })
        return changed(id, [key])
      }),
  )

  /** The answer: the levels as they stand now, and whose goods are gone. */
  async function changed(
    id: StockChangeId,
    keys: readonly LevelKey[],
    taken: readonly LiveReservation[] = [],
  ): Promise<Outcome> {
    const levels = await Promise.all(keys.map((key) => levelNow(services, key)))
    const body: Static<typeof StockChanged.schema> = {
      id,
      levels: levels.map((level) => stockLevelView(level, services.stock.policy)),
      ...(taken.length > 0 && {
        orders_without_stock: taken.map(({ orderId, quantity }) => ({ order_id: orderId, quantity })),
      }),
    }
    return { status: 201, body, keep: true }
  }
}
