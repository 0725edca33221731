import { productColumns } from '../domain/catalog/csv/columns.ts'
import { rowsOf } from '../domain/catalog/csv/write.ts'
import { pathTo } from '../domain/catalog/tree.ts'
import type { ProductId, Sku } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import { listBrands } from '../store/catalog/brands.ts'
import { listCategories } from '../store/catalog/categories.ts'
import { listCatalogProducts } from '../store/catalog/products.ts'
import type { CatalogPage } from '../store/catalog/products.ts'
import type { Databases, Db } from '../store/db.ts'
import { onHandOf } from '../store/stock-journal.ts'

const page = 200

/** The catalog as rows of a product file, read page by page; every status, unless one is asked for. */
export function exportProducts(
  { catalog, inventory }: Pick<Databases, 'catalog' | 'inventory'>,
  { own, filter }: { own: Currency; filter: Pick<CatalogPage, 'status' | 'brand' | 'category'> },
): { columns: string[]; rows: AsyncIterable<string[]> } {
  return { columns: productColumns(own), rows: productRows({ catalog, inventory }, { own, filter }) }
}

async function* productRows(
  { catalog, inventory }: Pick<Databases, 'catalog' | 'inventory'>,
  { own, filter }: { own: Currency; filter: Pick<CatalogPage, 'status' | 'brand' | 'category'> },
): AsyncGenerator<string[]> {
  const brands = await brandNames(catalog)
  const categories = new Map((await listCategories(catalog)).map((category) => [category.slug, category]))
  let after: ProductId | undefined
  for (;;) {
    const products = await listCatalogProducts(catalog, { ...filter, after, limit: page })
    const skus = products.flatMap(({ variants }) => variants.map(({ sku }) => sku))
    const units: ReadonlyMap<Sku, number> = await onHandOf(inventory, skus)
    for (const product of products) {
      const path = pathTo(categories, product.category).map(({ name }) => name)
      const vendor = product.brand === null ? '' : (brands.get(product.brand) ?? '')
      yield* rowsOf(product, { vendor, path, units }, { own })
    }
    after = products.at(-1)?.id
    if (products.length < page) return
  }
}

async function brandNames(catalog: Db): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  const limit = 1_000
  for (let after = ''; ;) {
    const brands = await listBrands(catalog, { after, limit })
    for (const { slug, name } of brands) names.set(slug, name)
    after = brands.at(-1)?.slug ?? ''
    if (brands.length < limit) return names
  }
}
