/** A category as it lies in the database: where it hangs is a name, its place among its siblings a number. */
export interface Category {
  readonly slug: string
  readonly name: string
  /** The slug of the category above it; null at the top. */
  readonly parent: string | null
  readonly version: number
}

/** The same with those below it. */
export interface CategoryNode<T extends Category> {
  readonly category: T
  readonly children: readonly CategoryNode<T>[]
}

/** How deep categories may lie: deeper ones are a mistake, and nobody finds them. */
export const deepestCategory = 10

/** A forest out of a list that is in the order of siblings. */
export function treeOf<T extends Category>(categories: readonly T[]): CategoryNode<T>[] {
  const below = new Map<string | null, T[]>()
  for (const category of categories) {
    const siblings = below.get(category.parent) ?? []
    siblings.push(category)
    below.set(category.parent, siblings)
  }
  const nodes = (parent: string | null): CategoryNode<T>[] =>
    (below.get(parent) ?? []).map((category) => ({ category, children: nodes(category.slug) }))
  return nodes(null)
}

/** A category and those above it, the topmost first. Empty when there is no such category. */
export function pathTo<T extends Category>(
  categories: ReadonlyMap<string, T>,
  slug: string | null,
): readonly T[] {
  const path: T[] = []
  let next = slug
  while (next !== null && path.length <= categories.size) {
    const category = categories.get(next)
    if (!category) break
    path.unshift(category)
    next = category.parent
  }
  return path
}

/** Whether hanging `slug` below `parent` would put it below itself. */
export function wouldCircle(
  categories: ReadonlyMap<string, Category>,
  { slug, parent }: { slug: string; parent: string | null },
): boolean {
  return pathTo(categories, parent).some((category) => category.slug === slug)
}
