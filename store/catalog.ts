import type { Offer } from '../domain/carts.ts'
import type { ProductId, Sku } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** A product as customers see it. Prices in minor units, one per currency that it is sold in. */
export interface Product {
  readonly id: ProductId
  readonly slug: string
  readonly title: string
  readonly description: string
  readonly descriptionHtml: string | null
  /** Its slug and its name; null when it has none. */
  readonly brandSlug: string | null
  readonly brand: string | null
  readonly type: string
  readonly category: string | null
  readonly tags: readonly string[]
  /** What its variants differ by. */
  readonly options: readonly string[]
  readonly images: readonly { readonly url: string; readonly alt: string }[]
  readonly version: number
  readonly variants: readonly Variant[]
}

export interface Variant {
  readonly sku: Sku
  readonly title: string
  /** One for each of the product's options. */
  readonly choices: readonly string[]
  readonly barcode: string | null
  readonly grams: number
  readonly image: string | null
  readonly available: boolean
  readonly prices: readonly {
    readonly amount: number
    readonly currency: Currency
    readonly compareAt: number | null
  }[]
}

// Variants, prices and pictures come with their product as JSON: one statement however many products.
const selectProduct = `
  select p.id, p.slug, p.title, p.description, p.description_html as "descriptionHtml",
    p.brand_slug as "brandSlug", (select b.name from catalog.brands as b where b.slug = p.brand_slug) as brand,
    p.type, p.category_slug as category, p.tags, p.option_names as options, p.version,
    (select coalesce(json_agg(json_build_object('url', i.url, 'alt', i.alt) order by i.position), '[]')
     from catalog.images as i where i.product_id = p.id) as images,
    (select coalesce(json_agg(json_build_object(
       'sku', v.sku, 'title', v.title, 'choices', v.choices, 'barcode', v.barcode, 'grams', v.grams,
       'image', v.image_url, 'available', v.available,
       'prices', (select coalesce(json_agg(json_build_object(
                    'amount', r.amount_minor, 'currency', r.currency, 'compareAt', r.compare_at_minor)
                    order by r.currency), '[]')
                  from catalog.prices as r where r.sku = v.sku)) order by v.position, v.sku), '[]')
     from catalog.variants as v where v.product_id = p.id) as variants
  from catalog.products as p
  where p.status = 'published'`

const inCategory = `p.category_slug in (
  with recursive below as (
    select slug from catalog.categories where slug = :category
    union select c.slug from catalog.categories as c join below on c.parent_slug = below.slug
  ) select slug from below)`

export interface ProductPage {
  /** The last product of the page before. */
  readonly after?: ProductId | undefined
  /** A category by its slug; what lies in its subcategories is in it too. */
  readonly category?: string | undefined
  /** A brand by its slug. */
  readonly brand?: string | undefined
  readonly tag?: string | undefined
  readonly limit: number
}

/** Published products in the order of their ids. */
export async function listProducts(db: Db, page: ProductPage): Promise<Product[]> {
  const { category, brand, tag, after = '', limit } = page
  const filters = [
    ...(category === undefined ? [] : [inCategory]),
    ...(brand === undefined ? [] : ['p.brand_slug = :brand']),
    ...(tag === undefined ? [] : ['p.tags @> array[cast(:tag as text)]']),
    'p.id > :after',
  ]
  return rows<Product>(db, `${selectProduct} and ${filters.join(' and ')} order by p.id limit :limit`, {
    ...{ category, brand, tag, after, limit },
  })
}

/** A published product by its id or its slug. */
export async function readProduct(db: Db, idOrSlug: string): Promise<Product | null> {
  const [product] = await rows<Product>(db, `${selectProduct} and (p.id = :idOrSlug or p.slug = :idOrSlug)`, {
    idOrSlug,
  })
  return product ?? null
}

/** Published products by id, in the order that they were asked in. */
export async function readProducts(db: Db, ids: readonly string[]): Promise<Product[]> {
  if (ids.length === 0) return []
  const found = await rows<Product>(db, `${selectProduct} and p.id = any(cast(:ids as text[]))`, {
    ids: [...ids],
  })
  const byId = new Map<string, Product>(found.map((product) => [product.id, product]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** The slug of the published product that had this one before; null when there is none. */
export async function presentSlug(db: Db, slug: string): Promise<string | null> {
  const [found] = await rows<{ slug: string }>(
    db,
    `select p.slug from catalog.past_product_slugs as past
          join catalog.products as p on p.id = past.product_id
          where past.slug = :slug and p.status = 'published'`,
    { slug },
  )
  return found?.slug ?? null
}

/** What these SKUs are sold for in a currency. A SKU that is not published, or has no price in it, is not in the answer. */
export async function offersOf(
  db: Db,
  { skus, currency }: { skus: readonly Sku[]; currency: Currency },
): Promise<Map<Sku, Offer>> {
  if (skus.length === 0) return new Map()
  const offers = await rows<Offer>(
    db,
    `
      select v.sku, case when v.title = '' then p.title else p.title || ' – ' || v.title end as name,
        r.amount_minor as "unitPriceMinor", v.tax_class as "taxClass", v.grams
      from catalog.variants as v
      join catalog.products as p on p.id = v.product_id and p.status = 'published'
      join catalog.prices as r on r.sku = v.sku and r.currency = :currency
      where v.sku = any(cast(:skus as text[]))`,
    { currency, skus: [...skus] },
  )
  return new Map(offers.map((offer) => [offer.sku, offer]))
}
