import type { DomainEvent } from '../../domain/events.ts'
import type { Sku, WarehouseId } from '../../domain/ids.ts'
import type { Db } from '../../store/db.ts'
import { announceStock, book, ensureLevels, keysWithoutLevel } from '../../store/stock-journal.ts'
import { listWarehouses } from '../../store/warehouses.ts'

/**
 * A SKU is new in the catalog: the warehouse that is preferred keeps it from now on, so that it can be counted and received, and
 * what it comes with is booked. Then the catalog is told what can be promised of it. A SKU that is kept already is only told of.
 */
export async function keepNewSkus(trx: Db, event: DomainEvent): Promise<void> {
  const { newSkus, opening = [], productId } = event.data as unknown as NewSkus
  if (newSkus.length === 0) return
  const { id: source, at, cause } = event
  const warehouses = await listWarehouses(trx)
  const [preferred] = warehouses
  if (!preferred) return
  const known = new Set(warehouses.map(({ id }) => id))
  const homes = new Map(opening.map(({ sku, warehouse }) => [sku, warehouse ?? preferred.id]))
  const unknown = [...homes.values()].find((id) => !known.has(id))
  if (unknown !== undefined)
    throw new Error(`There is no warehouse ${unknown} for the new SKUs of ${productId}.`)

  const keys = newSkus.map((sku) => ({ sku, warehouseId: homes.get(sku) ?? preferred.id }))
  const fresh = new Set((await keysWithoutLevel(trx, keys)).map(({ sku }) => sku))
  await ensureLevels(trx, { keys: keys.filter(({ sku }) => fresh.has(sku)), at })
  await book(
    trx,
    opening
      .filter(({ sku, units }) => fresh.has(sku) && units > 0)
      .map(({ sku, units }) => ({
        ...{ sku, warehouseId: homes.get(sku) ?? preferred.id, condition: 'sellable', quantity: units },
        ...{ kind: 'received', reason: 'opening stock', actor: 'catalog', source, at },
      })),
  )
  const about = { change: 'opened' }
  await announceStock(trx, { type: 'Inventory Updated', subject: productId, skus: newSkus, cause, about })
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
