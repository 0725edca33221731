import { slugOf } from '../../domain/catalog/slugs.ts'
import type { Category } from '../../domain/catalog/tree.ts'
import type { ProductPatch } from '../../domain/catalog/csv/read.ts'
import { brandsByName, insertBrand } from '../../store/catalog/brands.ts'
import { insertCategories, lockCategories } from '../../store/catalog/categories.ts'
import { noteChanges } from '../../store/catalog/changes.ts'
import type { ByWhom, Change } from '../../store/catalog/changes.ts'
import type { Db } from '../../store/db.ts'

/** The brand and category of a patch by their slugs; what the file does not say is not in it. */
type Names = (patch: ProductPatch) => { brand?: string | null; category?: string | null }

/** Finds the brands and categories that a file names, and makes those that are missing. */
export async function nameMaker(
  trx: Db,
  { patches, byWhom }: { patches: readonly ProductPatch[]; byWhom: ByWhom },
): Promise<Names> {
  const vendors = await brandSlugs(trx, { names: patches.flatMap(({ vendor }) => vendor ?? []), byWhom })
  const categoryOf = await categorySlugs(trx, {
    paths: patches.flatMap(({ path }) => (path ? [path] : [])),
    byWhom,
  })
  return ({ vendor, path }) => ({
    ...(vendor !== undefined && {
      brand: vendor === null ? null : (vendors.get(vendor.toLowerCase()) ?? null),
    }),
    ...(path !== undefined && { category: path === null ? null : categoryOf(path) }),
  })
}

async function brandSlugs(
  trx: Db,
  { names, byWhom }: { names: readonly string[]; byWhom: ByWhom },
): Promise<Map<string, string>> {
  const wanted = new Map(names.map((name) => [name.toLowerCase(), name]))
  if (wanted.size === 0) return new Map()
  const known = await brandsByName(trx, [...wanted.values()])
  const slugs = new Map(known.map(({ slug, name }) => [name.toLowerCase(), slug]))
  const made: Change[] = []
  // In one order, so that two imports that make the same brands wait for each other instead of deadlocking.
  for (const [key, name] of [...wanted].filter(([each]) => !slugs.has(each)).sort()) {
    const slug = await freeSlug(name, 'brand', (its) => insertBrand(trx, { slug: its, name }))
    slugs.set(key, slug)
    made.push({
      ...{ kind: 'brand', subject: slug, version: 1, what: 'created' },
      fields: { name: { from: null, to: name } },
    })
  }
  await noteChanges(trx, { changes: made, ...byWhom })
  return slugs
}

/** The slug of a name, or the first one behind it that nobody has. */
async function freeSlug(
  name: string,
  kind: string,
  take: (slug: string) => Promise<boolean>,
): Promise<string> {
  const slug = slugOf(name) || kind
  for (let number = 1; number <= 100; number += 1) {
    const its = number === 1 ? slug : `${slug}-${number}`
    if (await take(its)) return its
  }
  throw new Error(`There is no slug left for the ${kind} ${name}.`)
}

async function categorySlugs(
  trx: Db,
  { paths, byWhom }: { paths: readonly (readonly string[])[]; byWhom: ByWhom },
): Promise<(path: readonly string[]) => string> {
  if (paths.length === 0) return () => ''
  const keyOf = (parent: string | null, name: string): string => `${parent ?? ''}\n${name.toLowerCase()}`
  const known = await lockCategories(trx)
  const slugs = new Set(known.map(({ slug }) => slug))
  const byPlace = new Map(known.map(({ parent, name, slug }) => [keyOf(parent, name), slug]))
  const made: Pick<Category, 'slug' | 'name' | 'parent'>[] = []
  const slugFor = async (parent: string | null, name: string): Promise<string> => {
    const here = byPlace.get(keyOf(parent, name))
    if (here !== undefined) return here
    const taken = slugs.has(slugOf(name))
    const slug = await freeSlug(
      taken && parent !== null ? `${parent} ${name}` : name,
      'category',
      async (its) => {
        if (slugs.has(its)) return false
        slugs.add(its)
        return true
      },
    )
    byPlace.set(keyOf(parent, name), slug)
    made.push({ slug, name, parent })
    return slug
  }
  for (const path of paths) {
    let parent: string | null = null
    for (const name of path) parent = await slugFor(parent, name)
  }
  await insertCategories(trx, made)
  const changes = made.map(({ slug, name, parent }): Change => ({
    ...{ kind: 'category', subject: slug, version: 1, what: 'created' },
    fields: { name: { from: null, to: name }, parent: { from: null, to: parent } },
  }))
  await noteChanges(trx, { changes, ...byWhom })
  return (path) => {
    let parent: string | null = null
    for (const name of path) parent = byPlace.get(keyOf(parent, name)) ?? null
    return parent ?? ''
  }
}
