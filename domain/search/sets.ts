import type { SearchFilters } from '../search.ts'
import { DocSet } from './bits.ts'
import type { Posting } from './bits.ts'
import { longestShortPrefix, priceField, under } from './entries.ts'
import type { Meaning } from './meanings.ts'
import type { ParsedQuery } from './query.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What an index answers from, once everything that a query needs of it has been fetched. */
export interface Fetched {
  /** Documents are numbered from 0 to before this. */
  readonly capacity: number
  posting(entry: string): Posting
  /** Every entry whose name begins so, by what follows. */
  group(beginning: string): ReadonlyMap<string, Posting>
  /** By document; NaN where it has none. */
  values(field: string): Float64Array
}

/** What a term may mean, as entries of the index. */
export interface TermEntries {
  /** By typos, 0 to 2: each an entry, or several that must all be there. */
  readonly byTypos: readonly (readonly (readonly string[])[])[]
  /** The same in titles. */
  readonly inTitle: readonly (readonly string[])[]
  /** Words that must stand side by side, which no entry can say. */
  readonly phrase: readonly string[] | null
}

/** More words that begin alike say nothing more. */
const mostContinuations = 200
/** Codes that begin like what was typed. */
const shortestCode = 3

export function entriesFor(meaning: Meaning, vocabulary: Vocabulary): TermEntries {
  const { exact, prefix, oneTypo, twoTypos, phrase } = meaning
  const short = prefix !== null && [...prefix].length <= longestShortPrefix
  const longer =
    prefix === null || short ? [] : vocabulary.startingWith(prefix, mostContinuations).map((word) => [word])
  const all = (alternatives: readonly (readonly string[])[], name: (word: string) => string): string[][] =>
    alternatives.map((words) => words.map(name))
  const begun = short && prefix !== null ? [[under.prefix(prefix)]] : []
  return {
    byTypos: [
      [...all([...exact, ...longer], under.word), ...begun],
      all(oneTypo, under.word),
      all(twoTypos, under.word),
    ],
    inTitle: [...all([...exact, ...longer, ...oneTypo, ...twoTypos], under.titleWord), ...begun],
    phrase: phrase ? (exact[0] ?? null) : null,
  }
}

/** The group of codes that the whole query may be the beginning of; null when it cannot be one. */
export const codesLike = ({ code }: ParsedQuery): string | null =>
  [...code].length >= shortestCode ? under.code(code) : null

/** Entries that filters look up. */
export function entriesOfFilters({ categories, brands, tags, available }: SearchFilters): string[] {
  return [
    ...(categories ?? []).map(under.category),
    ...(brands ?? []).map(under.brand),
    ...(tags ?? []).map(under.tag),
    ...(available === undefined ? [] : [under.available]),
  ]
}

/** Documents that have any of these: of each alternative, all entries. */
export function anyOf(fetched: Fetched, alternatives: readonly (readonly string[])[]): DocSet {
  const found = new DocSet(fetched.capacity)
  for (const entries of alternatives) {
    const [first, ...others] = entries
    if (first === undefined) continue
    if (others.length === 0) found.addAll(fetched.posting(first))
    else found.or(allOf(fetched, entries))
  }
  return found
}

export function allOf(fetched: Fetched, entries: readonly string[]): DocSet {
  const [first = under.everything, ...others] = entries
  const found = new DocSet(fetched.capacity).addAll(fetched.posting(first))
  for (const entry of others) found.and(new DocSet(fetched.capacity).addAll(fetched.posting(entry)))
  return found
}

/** Documents that all filters let through. */
export function letThrough(
  fetched: Fetched,
  { filters, currency }: { filters: SearchFilters; currency: string },
): DocSet {
  const { categories, brands, tags, available, price } = filters
  const passed = new DocSet(fetched.capacity).addAll(fetched.posting(under.everything))
  const only = (entries: readonly string[]): void => {
    passed.and(
      anyOf(
        fetched,
        entries.map((entry) => [entry]),
      ),
    )
  }
  if (categories) only(categories.map(under.category))
  if (brands) only(brands.map(under.brand))
  if (tags) only(tags.map(under.tag))
  if (available === true) only([under.available])
  if (available === false) passed.without(anyOf(fetched, [[under.available]]))
  if (price?.min === undefined && price?.max === undefined) return passed
  const { min = -Infinity, max = Infinity } = price
  const values = fetched.values(priceField(currency))
  const between = new DocSet(fetched.capacity)
  for (const document of passed.documents()) {
    const value = values[document]
    if (value !== undefined && value >= min && value <= max) between.add(document)
  }
  return passed.and(between)
}
