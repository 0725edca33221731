import { rows } from '../db.ts'
import type { Db } from '../db.ts'
import { announce } from '../outbox.ts'
import type { DomainEvent } from '../../domain/events.ts'
import type { ProductId } from '../../domain/ids.ts'

/** Announces products that look different now although nobody changed them: their brand or category did, or their stock. */
export async function announceProducts(
  trx: Db,
  { products, at, cause }: { products: readonly Shown[]; at: string; cause: string },
): Promise<void> {
  const events = products.map(({ id, status, version }): Omit<DomainEvent, 'id'> => ({
    type: 'Product Changed',
    subject: id,
    at,
    cause,
    data: { productId: id, status, version, newSkus: [] },
  }))
  // An insert has so many parameters and no more.
  for (let from = 0; from < events.length; from += 1000) {
    await announce(trx, { schema: 'catalog', events: events.slice(from, from + 1000) })
  }
}

interface Shown {
  readonly id: ProductId
  readonly status: string
  readonly version: number
}

/** Published products of a brand. */
export async function productsOfBrand(db: Db, brand: string): Promise<Shown[]> {
  return rows<Shown>(
    db,
    `select id, status, version from catalog.products
     where status = 'published' and brand_slug = :brand order by id`,
    { brand },
  )
}

/** Published products of a category and of those below it. */
export async function productsBelow(db: Db, category: string): Promise<Shown[]> {
  return rows<Shown>(
    db,
    `with recursive below as (
       select slug from catalog.categories where slug = :category
       union select c.slug from catalog.categories as c join below on c.parent_slug = below.slug
     )
     select id, status, version from catalog.products
     where status = 'published' and category_slug in (select slug from below) order by id`,
    { category },
  )
}

/** Published products that these SKUs belong to. */
export async function productsOfSkus(db: Db, skus: readonly string[]): Promise<Shown[]> {
  return rows<Shown>(
    db,
    `select distinct p.id, p.status, p.version
     from catalog.variants as v join catalog.products as p on p.id = v.product_id
     where v.sku = any(:skus) and p.status = 'published' order by p.id`,
    { skus: [...skus] },
  )
}
