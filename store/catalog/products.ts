import type { CatalogProduct, ProductStatus } from '../../domain/catalog.ts'
import type { ProductId, Sku } from '../../domain/ids.ts'
import { rows } from '../db.ts'
import type { Db } from '../db.ts'

/** Everything about a product, as its keepers see it: one statement however many products. */
const selectProduct = `
  select p.id, p.slug, p.title, p.description, p.description_html as "descriptionHtml", p.brand_slug as brand,
    p.type, p.category_slug as category, p.tags, p.status, p.option_names as options,
    (select coalesce(json_agg(json_build_object(
       'sku', v.sku, 'choices', v.choices, 'barcode', v.barcode, 'grams', v.grams,
       'size', case when v.length_mm is not null then json_build_object(
         'lengthMm', v.length_mm, 'widthMm', v.width_mm, 'heightMm', v.height_mm) end,
       'taxClass', v.tax_class,
       'prices', (select coalesce(json_agg(json_build_object(
                    'currency', r.currency, 'amountMinor', r.amount_minor, 'compareAtMinor', r.compare_at_minor)
                    order by r.currency), '[]')
                  from catalog.prices as r where r.sku = v.sku),
       'imageUrl', v.image_url) order by v.position, v.sku), '[]')
     from catalog.variants as v where v.product_id = p.id) as variants,
    (select coalesce(json_agg(json_build_object('url', i.url, 'alt', i.alt) order by i.position), '[]')
     from catalog.images as i where i.product_id = p.id) as images,
    p.version
  from catalog.products as p`

export async function readCatalogProduct(db: Db, id: ProductId): Promise<CatalogProduct | null> {
  const [product] = await rows<CatalogProduct>(db, `${selectProduct} where p.id = :id`, { id })
  return product ?? null
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockCatalogProduct(trx: Db, id: ProductId): Promise<CatalogProduct | null> {
  await rows(trx, `select 1 from catalog.products where id = :id for update`, { id })
  return readCatalogProduct(trx, id)
}

/** Products by id, in the order of their ids; those that are not there are not in the answer. */
export async function readCatalogProducts(db: Db, ids: readonly ProductId[]): Promise<CatalogProduct[]> {
  return rows<CatalogProduct>(db, `${selectProduct} where p.id = any(:ids) order by p.id`, { ids: [...ids] })
}

/** Products by their present slugs, locked in the order of their ids until the transaction ends. */
export async function lockBySlugs(trx: Db, slugs: readonly string[]): Promise<CatalogProduct[]> {
  const found = await rows<{ id: ProductId }>(
    trx,
    `select id from catalog.products where slug = any(:slugs) order by id for update`,
    { slugs: [...slugs] },
  )
  return found.length === 0
    ? []
    : readCatalogProducts(
        trx,
        found.map(({ id }) => id),
      )
}

export interface CatalogPage {
  /** The last product of the page before. */
  readonly after?: ProductId | undefined
  readonly limit: number
  readonly status?: ProductStatus | undefined
  /** Brands, categories by slug; a category without those below it. */
  readonly brand?: string | undefined
  readonly category?: string | undefined
}

/** Products of every status in the order of their ids. */
export async function listCatalogProducts(db: Db, page: CatalogPage): Promise<CatalogProduct[]> {
  const { after = '', limit, status, brand, category } = page
  return rows<CatalogProduct>(
    db,
    `${selectProduct}
     where p.id > :after
       ${status === undefined ? '' : 'and p.status = :status'}
       ${brand === undefined ? '' : 'and p.brand_slug = :brand'}
       ${category === undefined ? '' : 'and p.category_slug = :category'}
     order by p.id limit :limit`,
    { after, limit, status: status ?? null, brand: brand ?? null, category: category ?? null },
  )
}

/** What of these products belongs to another one already: `slug`s and SKUs by whose they are. */
export async function takenByOthers(
  db: Db,
  products: readonly { readonly id: ProductId; readonly slug: string; readonly skus: readonly Sku[] }[],
): Promise<{ readonly id: ProductId; readonly slug: boolean; readonly skus: readonly Sku[] }[]> {
  return rows(
    db,
    `select w.id,
       exists (select 1 from catalog.products as p where p.slug = w.slug and p.id <> w.id) as slug,
       array(select v.sku from jsonb_array_elements_text(w.skus) as s (sku)
             join catalog.variants as v on v.sku = s.sku
             where v.product_id <> w.id order by v.sku) as skus
     from jsonb_to_recordset(cast(:products as jsonb)) as w (id text, slug text, skus jsonb)`,
    { products: JSON.stringify(products) },
  )
}
