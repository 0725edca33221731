import type { Offer } from '../domain/carts.ts'
import type { ProductId, Sku } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import type { Db } from './db.ts'
import { prepared } from './prepared.ts'

/** A product as customers see it. Prices in minor units, one per currency that it is sold in. */
export interface Product {
  readonly id: ProductId
  readonly slug: string
  readonly title: string
  readonly description: string
  readonly brand: string
  readonly category: string | null
  readonly version: number
  readonly variants: readonly Variant[]
}

export interface Variant {
  readonly sku: Sku
  readonly title: string
  readonly grams: number
  readonly available: boolean
  readonly prices: readonly { readonly amount: number; readonly currency: Currency }[]
}

// Variants and prices come with their product as JSON: one statement however many products.
const selectProduct = `
  select p.id, p.slug, p.title, p.description, p.brand, p.category_slug as category, p.version,
    (select coalesce(json_agg(json_build_object(
       'sku', v.sku, 'title', v.title, 'grams', v.grams, 'available', v.available,
       'prices', (select coalesce(json_agg(json_build_object('amount', r.amount_minor, 'currency', r.currency)
                                           order by r.currency), '[]')
                  from catalog.prices as r where r.sku = v.sku)) order by v.position, v.sku), '[]')
     from catalog.variants as v where v.product_id = p.id) as variants
  from catalog.products as p
  where p.status = 'published'`

export interface ProductPage {
  /** The last product of the page before. */
  readonly after?: ProductId | undefined
  /** A category by its slug; what lies in its subcategories is in it too. */
  readonly category?: string | undefined
  readonly limit: number
}

/** Published products in the order of their ids. */
export async function listProducts(db: Db, { after, category, limit }: ProductPage): Promise<Product[]> {
  if (category === undefined) {
    return prepared<Product>(db, {
      name: 'list-products',
      sql: `${selectProduct} and p.id > ? order by p.id limit ?`,
      values: [after ?? '', limit],
    })
  }
  return prepared<Product>(db, {
    name: 'list-products-of-category',
    sql: `${selectProduct} and p.id > ? and p.category_slug in (
        with recursive below as (
          select slug from catalog.categories where slug = ?
          union select c.slug from catalog.categories as c join below on c.parent_slug = below.slug
        ) select slug from below)
      order by p.id limit ?`,
    values: [after ?? '', category, limit],
  })
}

/** A published product by its id or its slug. */
export async function readProduct(db: Db, idOrSlug: string): Promise<Product | null> {
  const [product] = await prepared<Product>(db, {
    name: 'read-product',
    sql: `${selectProduct} and (p.id = ? or p.slug = ?)`,
    values: [idOrSlug, idOrSlug],
  })
  return product ?? null
}

/** What these SKUs are sold for in a currency. A SKU that is not published, or has no price in it, is not in the answer. */
export async function offersOf(
  db: Db,
  { skus, currency }: { skus: readonly Sku[]; currency: Currency },
): Promise<Map<Sku, Offer>> {
  if (skus.length === 0) return new Map()
  const offers = await prepared<Offer>(db, {
    name: 'offers-of',
    sql: `
      select v.sku, case when v.title = '' then p.title else p.title || ' – ' || v.title end as name,
        r.amount_minor as "unitPriceMinor", v.tax_class as "taxClass", v.grams
      from catalog.variants as v
      join catalog.products as p on p.id = v.product_id and p.status = 'published'
      join catalog.prices as r on r.sku = v.sku and r.currency = ?
      where v.sku = any(cast(? as text[]))`,
    values: [currency, [...skus]],
  })
  return new Map(offers.map((offer) => [offer.sku, offer]))
}
