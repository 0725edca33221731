import { mostFacetValues } from '../search.ts'
import type { FacetCount, FacetCounts, SearchQuery } from '../search.ts'
import { DocSet } from './bits.ts'
import { createdField, priceField, under } from './entries.ts'
import { anyOf } from './sets.ts'
import type { Fetched, TermEntries } from './sets.ts'

/** A document among the best, and the group of those that are as good as it before fields and places are looked at. */
export interface Candidate {
  readonly document: number
  readonly group: number
}

export interface Gathered {
  readonly total: number
  /** The best first, as many as were asked for. */
  readonly candidates: readonly Candidate[]
  /** Everything that is a hit. */
  readonly found: DocSet
}

export interface Wanted {
  readonly fetched: Fetched
  readonly terms: readonly TermEntries[]
  /** Documents of which each term's phrase is known to stand there; by the index of the term. */
  readonly phrases: ReadonlyMap<number, DocSet>
  /** Documents whose code begins like the query, and those whose code it is. */
  readonly codes: { readonly exact: DocSet; readonly begun: DocSet }
  /** What may be a hit at all: filters, and nothing that was asked to be absent. */
  readonly allowed: DocSet
  readonly query: Pick<SearchQuery, 'sort' | 'currency'>
  readonly most: number
}

/**
 * Finds and sorts in buckets, as Meilisearch does: a whole code first; then how many of the terms, from the first one on; then
 * fewer typos; then what the customer sorts by, or all terms in the title. Among equals the older document.
 */
export function gather(wanted: Wanted): Gathered {
  const { fetched, terms, allowed, codes, most } = wanted
  const exactCode = codes.exact.copy().and(allowed)
  const begun = codes.begun.copy().and(allowed)
  if (terms.length === 0)
    return collected({ ...wanted, found: allowed.copy(), buckets: () => [allowed.copy()] })

  const sets = terms.map((term, index) => setsOf(fetched, term, wanted.phrases.get(index)))
  const any = sets.map((byTypos) => byTypos.reduce((all, set) => all.copy().or(set)))
  const levels: DocSet[] = []
  for (const set of any) levels.push((levels.at(-1)?.copy() ?? allowed.copy()).and(set))
  const found = (levels[0]?.copy() ?? new DocSet(fetched.capacity)).or(exactCode).or(begun)

  function* buckets(): Generator<DocSet> {
    const seen = exactCode.copy()
    yield exactCode
    const best = levels.length - 1
    for (let level = best; level >= 0; level -= 1) {
      const here = (levels[level]?.copy() ?? new DocSet(fetched.capacity)).without(seen)
      seen.or(here)
      yield* byTypos(here, sets.slice(0, level + 1))
      if (level === best) {
        const only = begun.copy().without(seen)
        seen.or(only)
        yield only
      }
    }
  }
  return collected({ ...wanted, found, buckets, most })
}

function setsOf(fetched: Fetched, term: TermEntries, phrase: DocSet | undefined): DocSet[] {
  if (term.phrase !== null) return [phrase ?? new DocSet(fetched.capacity)]
  const taken = new DocSet(fetched.capacity)
  return term.byTypos.map((alternatives) => {
    const set = anyOf(fetched, alternatives).without(taken)
    taken.or(set)
    return set
  })
}

/** A set apart by the sum of the typos that each of its terms needs, the fewest first. */
function* byTypos(set: DocSet, terms: readonly (readonly DocSet[])[]): Generator<DocSet> {
  let sums: DocSet[] = [set]
  for (const term of terms) {
    const next: DocSet[] = []
    for (const [typos, its] of term.entries()) {
      if (typos > 0 && its.isEmpty()) continue
      for (const [sum, documents] of sums.entries()) {
        const both = documents.copy().and(its)
        const known = next[sum + typos]
        if (known) known.or(both)
        else next[sum + typos] = both
      }
    }
    sums = Array.from(next, (each) => each ?? set.copy().without(set))
  }
  yield* sums
}

function collected({
  buckets,
  found,
  most,
  ...wanted
}: Wanted & { found: DocSet; buckets: () => Iterable<DocSet> }): Gathered {
  const candidates: Candidate[] = []
  let group = 0
  for (const bucket of buckets()) {
    if (candidates.length >= most) break
    for (const document of inOrder(bucket, wanted)) {
      if (candidates.length >= most) break
      candidates.push({ document, group })
    }
    group += 1
  }
  return { total: found.count(), candidates, found }
}

function* inOrder(
  bucket: DocSet,
  { fetched, query, terms }: Pick<Wanted, 'fetched' | 'query' | 'terms'>,
): Generator<number> {
  const { sort, currency } = query
  if (sort === 'relevance') {
    const titled = terms.reduce((left, { inTitle }) => left.and(anyOf(fetched, inTitle)), bucket.copy())
    yield* titled.documents()
    yield* bucket.copy().without(titled).documents()
    return
  }
  const values = fetched.values(sort === 'newest' ? createdField : priceField(currency))
  const down = sort !== 'price_asc'
  const of = (document: number): number => values[document] ?? NaN
  const [valued, others] = [[] as number[], [] as number[]]
  for (const document of bucket.documents()) (Number.isNaN(of(document)) ? others : valued).push(document)
  valued.sort((a, b) => (down ? of(b) - of(a) : of(a) - of(b)) || a - b)
  yield* valued
  yield* others
}

/** How many of the hits there are of each kind. */
export function countFacets(
  found: DocSet,
  { fetched, query }: { fetched: Fetched; query: Pick<SearchQuery, 'facets' | 'currency'> },
): FacetCounts {
  const { facets, currency } = query
  const counts = (beginning: string): FacetCount[] =>
    [...fetched.group(beginning)]
      .map(([value, posting]) => ({ value, count: found.countOf(posting) }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, mostFacetValues)
  const asked = (facet: SearchQuery['facets'][number]): boolean => facets.includes(facet)
  const yes = asked('available') ? found.countOf(fetched.posting(under.available)) : 0
  return {
    ...(asked('category') && { category: counts(under.category('')) }),
    ...(asked('brand') && { brand: counts(under.brand('')) }),
    ...(asked('tag') && { tag: counts(under.tag('')) }),
    ...(asked('available') && { available: { yes, no: found.count() - yes } }),
    ...(asked('price') && { price: rangeOf(found, fetched.values(priceField(currency))) }),
  }
}

function rangeOf(found: DocSet, values: Float64Array): { min: number; max: number } | null {
  let [min, max] = [Infinity, -Infinity]
  for (const document of found.documents()) {
    const value = values[document] ?? NaN
    if (value < min) min = value
    if (value > max) max = value
  }
  return min <= max ? { min, max } : null
}
