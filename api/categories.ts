import { slugOf } from '../domain/catalog/slugs.ts'
import { deepestCategory, pathTo, wouldCircle } from '../domain/catalog/tree.ts'
import type { Category } from '../domain/catalog/tree.ts'
import { Refusal } from '../domain/refusals.ts'
import {
  insertCategories,
  lockCategories,
  moveCategory,
  removeCategory,
  renameCategory,
} from '../store/catalog/categories.ts'
import { noteChanges } from '../store/catalog/changes.ts'
import type { ByWhom } from '../store/catalog/changes.ts'
import { breaks } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import { announce } from '../store/outbox.ts'
import { invalid } from './problems.ts'
import { requireVersion } from './versions.ts'

interface Asked extends ByWhom {
  readonly slug: string
  readonly ifMatch: string | undefined
}

/** Hangs a new category behind its siblings. */
export async function createCategory(
  db: Db,
  { name, parent, ...asked }: { slug: string | undefined; name: string; parent: string | null } & ByWhom,
): Promise<Category> {
  const slug = asked.slug ?? slugOf(name)
  if (slug === '') throw unspeakable()
  const made: Category = { slug, name, parent, version: 1 }
  return inTree(db, async (trx, known) => {
    if (known.has(slug)) throw taken(`There is a category ${slug} already.`)
    refuseBadPlace(known, made)
    await insertCategories(trx, [made])
    const fields = { name: { from: null, to: name }, parent: { from: null, to: parent } }
    await note(trx, { category: made, what: 'created', fields, ...asked })
    return made
  })
}

/** Gives a category another name or slug. Its old slug leads to it. */
export async function changeCategory(
  db: Db,
  { name, newSlug, ...asked }: { name: string | undefined; newSlug: string | undefined } & Asked,
): Promise<Category> {
  return inTree(db, async (trx, known) => {
    const before = presentOf(known, asked)
    const after = { ...before, name: name ?? before.name, slug: newSlug ?? before.slug }
    if (after.name === before.name && after.slug === before.slug) return before
    if (after.slug !== before.slug && known.has(after.slug))
      throw taken(`There is a category ${after.slug} already.`)
    await renameCategory(trx, { slug: before.slug, to: after })
    const changed = { ...after, version: before.version + 1 }
    const fields = {
      ...(after.name !== before.name && { name: { from: before.name, to: after.name } }),
      ...(after.slug !== before.slug && { slug: { from: before.slug, to: after.slug } }),
    }
    await note(trx, { category: changed, what: 'changed', fields, ...asked })
    return changed
  })
}

/** Hangs a category below another one, at a place among its new siblings (the last one without one). */
export async function placeCategory(
  db: Db,
  { parent, position, ...asked }: { parent: string | null; position: number | undefined } & Asked,
): Promise<Category> {
  return inTree(db, async (trx, known) => {
    const before = presentOf(known, asked)
    refuseBadPlace(known, { slug: before.slug, parent })
    const others = [...known.values()]
      .filter((each) => each.parent === parent && each.slug !== before.slug)
      .map((each) => each.slug)
    const place = Math.min(position ?? others.length, others.length)
    const siblings = [...others.slice(0, place), before.slug, ...others.slice(place)]
    await moveCategory(trx, { slug: before.slug, parent, siblings })
    const after = { ...before, parent, version: before.version + 1 }
    const fields = { parent: { from: before.parent, to: parent }, position: { from: null, to: place } }
    await note(trx, { category: after, what: 'moved', fields, ...asked })
    return after
  })
}

/** Takes an empty category away. */
export async function deleteCategory(db: Db, asked: Asked): Promise<void> {
  await inTree(db, async (trx, known) => {
    const before = presentOf(known, asked)
    if (!(await removeCategory(trx, before.slug))) {
      throw new Refusal('category.in_use', 'It has products or categories below it; move them first.', {
        slug: before.slug,
      })
    }
    const fields = { name: { from: before.name, to: null }, parent: { from: before.parent, to: null } }
    await note(trx, { category: before, what: 'deleted', fields, ...asked })
  })
}

/** Work on the tree while nobody else works on it. */
async function inTree<T>(
  db: Db,
  work: (trx: Db, known: ReadonlyMap<string, Category>) => Promise<T>,
): Promise<T> {
  try {
    return await db.transaction(async (trx) => {
      const known = await lockCategories(trx)
      return work(trx, new Map(known.map((category) => [category.slug, category])))
    })
  } catch (error) {
    if (breaks(error, 'siblings_have_different_names'))
      throw taken('A category beside it has this name already.')
    throw error
  }
}

function presentOf(known: ReadonlyMap<string, Category>, { slug, ifMatch }: Asked): Category {
  const category = known.get(slug)
  if (!category) throw new Refusal('category.not_found', 'There is no such category.', { slug })
  requireVersion(ifMatch, category.version)
  return category
}

function refuseBadPlace(
  known: ReadonlyMap<string, Category>,
  { slug, parent }: Pick<Category, 'slug' | 'parent'>,
): void {
  if (parent !== null && !known.has(parent)) {
    throw new Refusal('category.unknown', 'There is no such category to hang it below.', { parent })
  }
  if (wouldCircle(known, { slug, parent })) {
    throw new Refusal('category.below_itself', 'A category cannot lie below itself.', { slug, parent })
  }
  if (pathTo(known, parent).length + heightOf(known, slug) > deepestCategory) {
    throw new Refusal('category.too_deep', `Categories lie at most ${deepestCategory} deep.`, { slug })
  }
}

/** How many levels hang from a category, itself included. */
function heightOf(known: ReadonlyMap<string, Category>, slug: string): number {
  const children = [...known.values()].filter((each) => each.parent === slug)
  return 1 + Math.max(0, ...children.map((child) => heightOf(known, child.slug)))
}

async function note(
  trx: Db,
  {
    category: { slug, version },
    what,
    fields,
    at,
    actor,
    cause,
  }: {
    category: Category
    what: string
    fields: Record<string, { from: unknown; to: unknown }>
  } & ByWhom,
): Promise<void> {
  const change = { kind: 'category', subject: slug, version, what, fields } as const
  await noteChanges(trx, { changes: [change], at, actor, cause })
  const event = { type: 'Category Changed', subject: `category:${slug}`, at, cause, data: { slug } } as const
  await announce(trx, { schema: 'catalog', events: [event] })
}

const taken = (detail: string): Refusal => new Refusal('category.taken', detail)

export const unspeakable = () =>
  invalid({ in: 'body', pointer: '#/slug', detail: 'is missing: the name has no letters to make one of.' })
