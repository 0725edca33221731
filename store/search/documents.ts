import { createHash } from 'node:crypto'
import { pathTo } from '../../domain/catalog/tree.ts'
import type { Category } from '../../domain/catalog/tree.ts'
import type { ProductId } from '../../domain/ids.ts'
import type { SearchDocument } from '../../domain/search.ts'
import { listCategories } from '../catalog/categories.ts'
import { rows } from '../db.ts'
import type { Db } from '../db.ts'

type Row = Omit<SearchDocument, 'stamp' | 'categories'> & { readonly category: string | null }

const selectDocument = `
  select p.id, p.title,
    case when b.slug is not null then json_build_object('slug', b.slug, 'name', b.name) end as brand,
    p.category_slug as category, p.type, p.tags, p.description,
    array(select code from (
      select v.sku as code from catalog.variants as v where v.product_id = p.id
      union select v.barcode from catalog.variants as v where v.product_id = p.id and v.barcode is not null
    ) as codes order by code) as codes,
    array(select distinct choice from catalog.variants as v, unnest(v.choices) as choice
          where v.product_id = p.id order by choice) as choices,
    coalesce((select json_object_agg(currency, least_minor order by currency)
              from (select r.currency, min(r.amount_minor) as least_minor
                    from catalog.variants as v join catalog.prices as r on r.sku = v.sku
                    where v.product_id = p.id group by r.currency) as lowest), '{}') as prices,
    exists (select 1 from catalog.variants as v where v.product_id = p.id and v.available) as available,
    p.created_at as "createdAt"
  from catalog.products as p left join catalog.brands as b on b.slug = p.brand_slug
  where p.status = 'published'`

/** These products as a search engine knows them. Those that are not for sale are not in the answer. */
export async function readDocuments(db: Db, ids: readonly ProductId[]): Promise<SearchDocument[]> {
  if (ids.length === 0) return []
  const found = await rows<Row>(db, `${selectDocument} and p.id = any(:ids)`, { ids: [...ids] })
  return withCategories(found, await listCategories(db))
}

/** Everything that is for sale, in pages in the order of ids. */
export async function* allDocuments(db: Db, { page = 500 } = {}): AsyncGenerator<SearchDocument[]> {
  for (let after = ''; ;) {
    const found = await rows<Row>(db, `${selectDocument} and p.id > :after order by p.id limit :page`, {
      after,
      page,
    })
    if (found.length > 0) yield withCategories(found, await listCategories(db))
    const last = found.at(-1)
    if (last === undefined || found.length < page) return
    after = last.id
  }
}

function withCategories(found: readonly Row[], categories: readonly Category[]): SearchDocument[] {
  const bySlug = new Map(categories.map((category) => [category.slug, category]))
  return found.map(({ category, ...row }) => {
    const path = pathTo(bySlug, category).map(({ slug, name }) => ({ slug, name }))
    const document = { ...row, categories: path }
    return { ...document, stamp: stampOf(document) }
  })
}

const stampOf = (document: Omit<SearchDocument, 'stamp'>): string =>
  createHash('sha1').update(JSON.stringify(document)).digest('base64url').slice(0, 16)
