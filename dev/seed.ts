/** Fills an empty shop with sample products, prices and stock. */
import type { Databases } from '../store/db.ts'
import { newId } from '../store/ids.ts'
import { garden } from './seed-data/garden.ts'
import { home } from './seed-data/home.ts'
import { outdoor } from './seed-data/outdoor.ts'
import { categories, warehouses } from './seed-data/places.ts'
import { pricesFor } from './seed-data/prices.ts'
import { trail } from './seed-data/trail.ts'

const products = [...outdoor, ...trail, ...home, ...garden]

/**
 * Puts the sample products into the catalog and their stock into the warehouses, unless there are products already. Stock goes
 * first: a start that is cut short between the two leaves stock that nobody can see, and the next start finishes it.
 */
export async function seedCatalog(
  databases: Pick<Databases, 'catalog' | 'inventory'>,
): Promise<{ products: number }> {
  const known = await databases.catalog('catalog.products').first<{ id: string } | undefined>('id')
  if (known !== undefined) return { products: 0 }
  await seedStock(databases.inventory)
  await seedProducts(databases.catalog)
  return { products: products.length }
}

async function seedProducts(catalog: Databases['catalog']): Promise<void> {
  const minted = products.map((product) => ({ ...product, id: newId('prod') }))
  await catalog.transaction(async (trx) => {
    await trx('catalog.categories').insert(
      categories.map(({ slug, name, parent }, position) => ({ slug, name, parent_slug: parent, position })),
    )
    await trx('catalog.products').insert(
      minted.map(({ id, slug, title, description, brand, category }) => ({
        ...{ id, slug, title, description, brand },
        status: 'published',
        category_slug: category,
      })),
    )
    const variants = minted.flatMap(({ id, taxClass = 'standard', variants: several }) =>
      several.map(([sku, title, grams, eurMinor, stock], position) => ({
        row: {
          ...{ sku, product_id: id, title, position, grams, tax_class: taxClass },
          available: stock.some((units) => units > 0),
        },
        prices: pricesFor(eurMinor).map(({ currency, amount }) => ({ sku, currency, amount_minor: amount })),
      })),
    )
    await trx('catalog.variants').insert(variants.map(({ row }) => row))
    await trx('catalog.prices').insert(variants.flatMap(({ prices }) => prices))
  })
}

/** Each level comes with the movement that explains it: what is on hand is always the sum of the journal. */
async function seedStock(inventory: Databases['inventory']): Promise<void> {
  const levels = products.flatMap(({ variants }) =>
    variants.flatMap(([sku, , , , stock]) =>
      warehouses.map(({ id }, index) => ({ sku, warehouse_id: id, on_hand: stock[index] ?? 0 })),
    ),
  )
  const at = new Date().toISOString()
  const movements = levels
    .filter(({ on_hand }) => on_hand > 0)
    .map(({ sku, warehouse_id, on_hand }) => ({
      ...{ sku, warehouse_id, quantity: on_hand, at },
      ...{ kind: 'received', reason: 'sample stock', actor: 'seed', source: 'seed' },
    }))
  await inventory.transaction(async (trx) => {
    await trx('inventory.warehouses')
      .insert(
        warehouses.map(({ id, name, rank, address }) => ({
          id,
          name,
          rank,
          address: JSON.stringify(address),
        })),
      )
      .onConflict('id')
      .ignore()
    const made = await trx('inventory.stock_levels')
      .insert(levels)
      .onConflict(['sku', 'warehouse_id'])
      .ignore()
      .returning<{ sku: string; warehouse_id: string }[]>(['sku', 'warehouse_id'])
    const fresh = new Set(made.map(({ sku, warehouse_id }) => `${sku} ${warehouse_id}`))
    const explained = movements.filter(({ sku, warehouse_id }) => fresh.has(`${sku} ${warehouse_id}`))
    if (explained.length > 0) await trx('inventory.stock_movements').insert(explained)
  })
}
