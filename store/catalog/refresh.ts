import { rows } from '../db.ts'
import type { Db } from '../db.ts'
import type { ProductId } from '../../domain/ids.ts'

/** Published products of a brand. */
export async function productsOfBrand(db: Db, brand: string): Promise<ProductId[]> {
  const found = await rows<{ id: ProductId }>(
    db,
    `select id from catalog.products where status = 'published' and brand_slug = :brand order by id`,
    { brand },
  )
  return found.map(({ id }) => id)
}

/** Published products of a category and of those below it. */
export async function productsBelow(db: Db, category: string): Promise<ProductId[]> {
  const found = await rows<{ id: ProductId }>(
    db,
    `with recursive below as (
       select slug from catalog.categories where slug = :category
       union select c.slug from catalog.categories as c join below on c.parent_slug = below.slug
     )
     select id from catalog.products
     where status = 'published' and category_slug in (select slug from below) order by id`,
    { category },
  )
  return found.map(({ id }) => id)
}
