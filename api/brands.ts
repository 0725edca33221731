import { slugOf } from '../domain/catalog/slugs.ts'
import { Refusal } from '../domain/refusals.ts'
import { insertBrand, lockBrand, removeBrand, renameBrand } from '../store/catalog/brands.ts'
import type { Brand } from '../store/catalog/brands.ts'
import { noteChanges } from '../store/catalog/changes.ts'
import type { ByWhom } from '../store/catalog/changes.ts'
import { breaks } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import { announce } from '../store/outbox.ts'
import { unspeakable } from './categories.ts'
import { requireVersion } from './versions.ts'

interface Asked extends ByWhom {
  readonly slug: string
  readonly ifMatch: string | undefined
}

export async function createBrand(
  db: Db,
  { name, ...asked }: { slug: string | undefined; name: string } & ByWhom,
): Promise<Brand> {
  const slug = asked.slug ?? slugOf(name)
  if (slug === '') throw unspeakable()
  const brand = { slug, name, version: 1 }
  await db.transaction(async (trx) => {
    if (!(await insertBrand(trx, brand))) throw taken()
    await note(trx, { brand, what: 'created', fields: { name: { from: null, to: name } }, ...asked })
  })
  return brand
}

/** Gives a brand another name or slug; its products follow. */
export async function changeBrand(
  db: Db,
  { name, newSlug, ...asked }: { name: string | undefined; newSlug: string | undefined } & Asked,
): Promise<Brand> {
  try {
    return await db.transaction(async (trx) => {
      const before = await presentBrand(trx, asked)
      const after = { ...before, name: name ?? before.name, slug: newSlug ?? before.slug }
      if (after.name === before.name && after.slug === before.slug) return before
      await renameBrand(trx, { slug: before.slug, to: after })
      const brand = { ...after, version: before.version + 1 }
      const fields = {
        name: { from: before.name, to: after.name },
        slug: { from: before.slug, to: after.slug },
      }
      await note(trx, { brand, what: 'changed', fields, ...asked })
      return brand
    })
  } catch (error) {
    if (breaks(error, 'one_brand_by_a_name') || breaks(error, 'brands_pkey')) throw taken()
    throw error
  }
}

/** Takes a brand away that no product has. */
export async function deleteBrand(db: Db, asked: Asked): Promise<void> {
  await db.transaction(async (trx) => {
    const brand = await presentBrand(trx, asked)
    if (!(await removeBrand(trx, brand.slug)))
      throw new Refusal('brand.in_use', 'Products have this brand; give them another one first.', {
        slug: brand.slug,
      })
    await note(trx, { brand, what: 'deleted', fields: { name: { from: brand.name, to: null } }, ...asked })
  })
}

async function presentBrand(trx: Db, { slug, ifMatch }: Asked): Promise<Brand> {
  const brand = await lockBrand(trx, slug)
  if (!brand) throw new Refusal('brand.not_found', 'There is no such brand.', { slug })
  requireVersion(ifMatch, brand.version)
  return brand
}

async function note(
  trx: Db,
  {
    brand: { slug, version },
    what,
    fields,
    at,
    actor,
    cause,
  }: { brand: Brand; what: string; fields: Record<string, { from: unknown; to: unknown }> } & ByWhom,
): Promise<void> {
  await noteChanges(trx, {
    changes: [{ kind: 'brand', subject: slug, version, what, fields }],
    at,
    actor,
    cause,
  })
  const event = { type: 'Brand Changed', subject: `brand:${slug}`, at, cause, data: { slug } } as const
  await announce(trx, { schema: 'catalog', events: [event] })
}

const taken = (): Refusal => new Refusal('brand.taken', 'There is a brand of this name or slug already.')
