import type { DomainEvent } from '../../domain/events.ts'
import type { Sku, WarehouseId } from '../../domain/ids.ts'
import type { Db } from '../../store/db.ts'
import { announceStock, book, ensureLevels, keysWithoutLevel } from '../../store/stock-journal.ts'
import { listWarehouses } from '../../store/warehouses.ts'

/**
 * SKUs are new in the catalog: the warehouse that is preferred keeps them from now on, so that they can be counted and received, and
 * what they come with is booked. Then the catalog is told what can be promised of them. A SKU that is kept already is only told of.
 */
export async function keepNewSkus(trx: Db, events: readonly DomainEvent[]): Promise<void> {
  const news = events.flatMap((event): News[] => {
    const { newSkus, opening = [] } = event.data as unknown as NewSkus
    const stock = new Map(opening.map((each) => [each.sku, each]))
    return newSkus.map((sku) => ({ sku, event, units: 0, ...stock.get(sku) }))
  })
  const warehouses = await listWarehouses(trx)
  const [preferred] = warehouses
  if (news.length === 0 || !preferred) return
  const known = new Set(warehouses.map(({ id }) => id))
  const lost = news.find(({ warehouse }) => warehouse !== undefined && !known.has(warehouse))
  if (lost) throw new Error(`There is no warehouse ${lost.warehouse} for the new SKU ${lost.sku}.`)

  const homes = news.map((each) => ({ ...each, warehouseId: each.warehouse ?? preferred.id }))
  const fresh = await keysWithoutLevel(trx, homes)
  const at = events[0]?.at ?? new Date().toISOString()
  await ensureLevels(trx, { keys: fresh.map(({ sku, warehouseId }) => ({ sku, warehouseId })), at })
  await book(
    trx,
    fresh.map(({ sku, warehouseId, units, event }) => ({
      ...{ sku, warehouseId, condition: 'sellable', quantity: units, kind: 'received' },
      ...{ reason: 'opening stock', actor: 'catalog', source: event.id, at: event.at },
    })),
  )
  for (const [cause, its] of byCause(news)) {
    const skus = its.map(({ sku }) => sku)
    const subject = its[0]?.event.subject ?? cause
    await announceStock(trx, { type: 'Inventory Updated', subject, skus, cause, about: { change: 'opened' } })
  }
}

interface News {
  readonly sku: Sku
  readonly units: number
  readonly warehouse?: WarehouseId
  readonly event: DomainEvent
}

function byCause(news: readonly News[]): Map<string, News[]> {
  const groups = new Map<string, News[]>()
  for (const each of news) groups.set(each.event.cause, [...(groups.get(each.event.cause) ?? []), each])
  return groups
}

/** As `store/catalog/save-products.ts` announces it. */
interface NewSkus {
  readonly productId: string
  readonly newSkus: readonly Sku[]
  readonly opening?: readonly {
    readonly sku: Sku
    readonly units: number
    readonly warehouse?: WarehouseId
  }[]
}
