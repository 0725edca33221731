import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'

export interface Brand {
  readonly slug: string
  readonly name: string
  readonly version: number
}

/** Brands in the order of their slugs. */
export async function listBrands(
  db: Db,
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<Brand[]> {
  return rows<Brand>(
    db,
    `select slug, name, version from catalog.brands where slug > :after order by slug limit :limit`,
    { after, limit },
  )
}

/** A brand by its slug, locked until the transaction ends. */
export async function lockBrand(trx: Db, slug: string): Promise<Brand | null> {
  const [brand] = await rows<Brand>(
    trx,
    `select slug, name, version from catalog.brands where slug = :slug for update`,
    { slug },
  )
  return brand ?? null
}

/** The brands that have these names, whatever their case. */
export async function brandsByName(db: Db, names: readonly string[]): Promise<Brand[]> {
  return rows<Brand>(
    db,
    `select slug, name, version from catalog.brands
     where lower(name) = any(array(select lower(n) from unnest(cast(:names as text[])) as n))`,
    { names: [...names] },
  )
}

/** Adds a brand; false when the slug or the name is taken. */
export async function insertBrand(trx: Db, { slug, name }: Omit<Brand, 'version'>): Promise<boolean> {
  const made = await changed(
    trx,
    `insert into catalog.brands (slug, name) values (:slug, :name) on conflict do nothing`,
    { slug, name },
  )
  return made === 1
}

/** Its products follow. A breach of `one_brand_by_a_name` or `brands_pkey` is a name or slug that is taken. */
export async function renameBrand(
  trx: Db,
  { slug, to }: { slug: string; to: Omit<Brand, 'version'> },
): Promise<void> {
  await changed(
    trx,
    `update catalog.brands set slug = :newSlug, name = :name, version = version + 1 where slug = :slug`,
    { slug, newSlug: to.slug, name: to.name },
  )
}

/** Removes a brand that no product has; false when one does. */
export async function removeBrand(trx: Db, slug: string): Promise<boolean> {
  const removed = await changed(
    trx,
    `delete from catalog.brands as b where b.slug = :slug
       and not exists (select 1 from catalog.products as p where p.brand_slug = b.slug)`,
    { slug },
  )
  return removed === 1
}
