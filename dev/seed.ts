/** Fills an empty shop with sample products, prices, stock, and those who sell it to us. */
import type { CatalogProduct } from '../domain/catalog.ts'
import { slugOf } from '../domain/catalog/slugs.ts'
import { sku as asSku } from '../domain/ids.ts'
import type { ProductId } from '../domain/ids.ts'
import { saveProducts } from '../store/catalog/save-products.ts'
import type { Databases } from '../store/db.ts'
import { newId } from '../store/ids.ts'
import { garden } from './seed-data/garden.ts'
import { home } from './seed-data/home.ts'
import { outdoor } from './seed-data/outdoor.ts'
import { categories, warehouses } from './seed-data/places.ts'
import { pricesFor } from './seed-data/prices.ts'
import type { SampleProduct } from './seed-data/shapes.ts'
import { sampleSettings, seedSuppliers } from './seed-suppliers.ts'
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
    const brands = [...new Set(products.map(({ brand }) => brand))].sort()
    await trx('catalog.brands')
      .insert(brands.map((name) => ({ slug: slugOf(name), name })))
      .onConflict('slug')
      .ignore()
    await saveProducts(trx, {
      saves: minted.map((product) => ({ before: null, after: published(product), what: 'created' })),
      ...{ at: new Date().toISOString(), actor: 'seed', cause: 'seed' },
    })
    const inStock = minted.flatMap(({ variants }) =>
      variants.filter(([, , , , stock]) => stock.some((units) => units > 0)).map(([sku]) => sku),
    )
    await trx('catalog.variants').whereIn('sku', inStock).update({ available: true })
  })
}

function published({ id, option = 'Size', ...sample }: SampleProduct & { id: ProductId }): CatalogProduct {
  const { slug, title, description, brand, category, taxClass = 'standard', variants } = sample
  const options = variants.some(([, choice]) => choice !== '') ? [option] : []
  return {
    ...{ id, slug, title, description, descriptionHtml: null, brand: slugOf(brand), type: '', category },
    ...{ tags: [], status: 'published', options, images: [], version: 1 },
    variants: variants.map(([sku, choice, grams, eurMinor]) => ({
      ...{ sku: asSku(sku), choices: options.length > 0 ? [choice] : [], barcode: null, grams, size: null },
      ...{ taxClass, imageUrl: null },
      prices: pricesFor(eurMinor)
        .map(({ currency, amount }) => ({ currency, amountMinor: amount, compareAtMinor: null }))
        .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
    })),
  }
}

/** Each level comes with the movement that explains it: what is on hand is always the sum of the journal. */
async function seedStock(inventory: Databases['inventory']): Promise<void> {
  const levels = products.flatMap(({ variants }) =>
    variants.flatMap(([sku, , , , stock]) =>
      warehouses.map(({ id }, index) => {
        const units = stock[index] ?? 0
        return { sku, warehouse_id: id, on_hand: units, ...sampleSettings(units) }
      }),
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
    await seedSuppliers(trx, products)
  })
}
