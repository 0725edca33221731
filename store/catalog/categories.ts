import type { Category } from '../../domain/catalog/tree.ts'
import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'

/** Every category, siblings in their order, wherever they hang. A shop has hundreds of them, not millions. */
export async function listCategories(db: Db): Promise<Category[]> {
  return rows<Category>(
    db,
    `select slug, name, parent_slug as parent, version
     from catalog.categories order by parent_slug nulls first, position, slug`,
  )
}

/** The same while nobody else changes the tree, until the transaction ends: two moves that are each harmless could make a circle. */
export async function lockCategories(trx: Db): Promise<Category[]> {
  await rows(trx, `select pg_advisory_xact_lock(hashtext('catalog.categories'))`)
  return listCategories(trx)
}

/** How many published products lie in each category itself. */
export async function countByCategory(db: Db): Promise<Map<string, number>> {
  const counts = await rows<{ slug: string; products: number }>(
    db,
    `select category_slug as slug, count(*) as products from catalog.products
     where status = 'published' and category_slug is not null group by category_slug`,
  )
  return new Map(counts.map(({ slug, products }) => [slug, products]))
}

/** Adds categories behind their siblings, parents before their children. */
export async function insertCategories(
  trx: Db,
  categories: readonly Pick<Category, 'slug' | 'name' | 'parent'>[],
): Promise<void> {
  for (const { slug, name, parent } of categories) {
    await changed(
      trx,
      `insert into catalog.categories (slug, name, parent_slug, position)
       select :slug, :name, :parent, coalesce(max(position) + 1, 0)
       from catalog.categories where parent_slug is not distinct from :parent`,
      { slug, name, parent },
    )
    await changed(trx, `delete from catalog.past_category_slugs where slug = :slug`, { slug })
  }
}

/** Gives a category another name or slug; its products and those below it follow, and the old slug leads to it. */
export async function renameCategory(
  trx: Db,
  { slug, to }: { slug: string; to: Pick<Category, 'slug' | 'name'> },
): Promise<void> {
  await changed(
    trx,
    `update catalog.categories set slug = :newSlug, name = :name, version = version + 1 where slug = :slug`,
    { slug, newSlug: to.slug, name: to.name },
  )
  if (slug === to.slug) return
  await changed(trx, `delete from catalog.past_category_slugs where slug = :newSlug`, { newSlug: to.slug })
  await changed(
    trx,
    `insert into catalog.past_category_slugs (slug, category_slug) values (:slug, :newSlug)
     on conflict (slug) do update set category_slug = excluded.category_slug`,
    { slug, newSlug: to.slug },
  )
}

/** Hangs a category somewhere else; `siblings` are those that it then lies among, itself included, in their new order. */
export async function moveCategory(
  trx: Db,
  { slug, parent, siblings }: { slug: string; parent: string | null; siblings: readonly string[] },
): Promise<void> {
  await changed(
    trx,
    `update catalog.categories set parent_slug = :parent, version = version + 1 where slug = :slug`,
    { slug, parent },
  )
  await changed(
    trx,
    `update catalog.categories as c set position = n.position
     from unnest(cast(:siblings as text[])) with ordinality as n (slug, position)
     where c.slug = n.slug`,
    { siblings: [...siblings] },
  )
}

/** Removes a category that nothing hangs below and nothing lies in; false when something does. */
export async function removeCategory(trx: Db, slug: string): Promise<boolean> {
  const removed = await changed(
    trx,
    `delete from catalog.categories as c
     where c.slug = :slug
       and not exists (select 1 from catalog.categories as below where below.parent_slug = c.slug)
       and not exists (select 1 from catalog.products as p where p.category_slug = c.slug)`,
    { slug },
  )
  return removed === 1
}

/** Where a slug leads that a category had before; null when it leads nowhere. */
export async function presentCategorySlug(db: Db, slug: string): Promise<string | null> {
  const [found] = await rows<{ slug: string }>(
    db,
    `select category_slug as slug from catalog.past_category_slugs where slug = :slug`,
    { slug },
  )
  return found?.slug ?? null
}
