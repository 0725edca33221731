import type { Databases } from '../../store/db.ts'
import { newId } from '../../store/ids.ts'
import { stock } from './parts.ts'

/** Puts something on sale: a product of one variant, its price in euros, and so many units in Berlin with their line in the journal. */
export async function sell(
  { catalog, inventory }: Pick<Databases, 'catalog' | 'inventory'>,
  { sku, units, priceMinor = 1900 }: { sku: string; units: number; priceMinor?: number },
): Promise<string> {
  const productId = newId('prod')
  await catalog.transaction(async (trx) => {
    await trx('catalog.products').insert({
      id: productId,
      slug: sku.toLowerCase(),
      title: sku,
      description: `The ${sku}.`,
      status: 'published',
    })
    await trx('catalog.variants').insert({ sku, product_id: productId, title: '', grams: 300 })
    await trx('catalog.prices').insert({ sku, currency: 'EUR', amount_minor: priceMinor })
  })
  await stock(inventory, { sku, onHand: units })
  return sku
}

/** Takes all units of a SKU out of the warehouse, as a count does that finds the shelf empty. */
export async function emptyShelf(inventory: Databases['inventory'], sku: string): Promise<void> {
  await inventory.transaction(async (trx) => {
    const levels = await trx('inventory.stock_levels').where({ sku }).forUpdate()
    for (const { warehouse_id, on_hand } of levels as { warehouse_id: string; on_hand: number }[]) {
      await trx('inventory.stock_levels').where({ sku, warehouse_id }).update({ on_hand: 0 })
      await trx('inventory.stock_movements').insert({
        ...{ sku, warehouse_id, quantity: -on_hand, kind: 'adjusted', reason: 'counted' },
        ...{ actor: 'admin', source: `count of ${sku}`, at: new Date().toISOString() },
      })
    }
  })
}
