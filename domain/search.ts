import type { ProductId } from './ids.ts'
import type { Currency } from './money.ts'

/** A published product as a search engine knows it. */
export interface SearchDocument {
  readonly id: ProductId
  /** Tells whether it is still the same: a hash of everything else. */
  readonly stamp: string
  readonly title: string
  readonly brand: { readonly slug: string; readonly name: string } | null
  /** From the top of the tree down to where it lies. */
  readonly categories: readonly { readonly slug: string; readonly name: string }[]
  /** SKUs and barcodes: found as a whole, or by how they begin; never with a typo. */
  readonly codes: readonly string[]
  readonly type: string
  readonly tags: readonly string[]
  /** What its variants are called: Red, XL. */
  readonly choices: readonly string[]
  /** Plain text. */
  readonly description: string
  /** The lowest price of its variants in minor units, by currency. */
  readonly prices: Readonly<Partial<Record<Currency, number>>>
  /** Whether any variant can be bought. */
  readonly available: boolean
  readonly createdAt: string
}

export const searchSorts = ['relevance', 'price_asc', 'price_desc', 'newest'] as const
export type SearchSort = (typeof searchSorts)[number]

export const searchFacets = ['category', 'brand', 'tag', 'available', 'price'] as const
export type SearchFacet = (typeof searchFacets)[number]

export interface SearchQuery {
  /** What the customer typed; empty for everything there is. */
  readonly text: string
  readonly filters: SearchFilters
  /** What prices are compared, sorted and counted in. */
  readonly currency: Currency
  readonly sort: SearchSort
  readonly facets: readonly SearchFacet[]
  readonly offset: number
  readonly limit: number
}

/** All of them must hold; of a list, any one. A category holds what lies below it. */
export interface SearchFilters {
  readonly categories?: readonly string[]
  readonly brands?: readonly string[]
  readonly tags?: readonly string[]
  /** Both ends are included, in minor units. */
  readonly price?: { readonly min?: number; readonly max?: number }
  readonly available?: boolean
}

export interface SearchAnswer {
  readonly hits: readonly SearchHit[]
  /** How many there are in all; an engine may stop counting at `mostHits`. */
  readonly total: number
  readonly facets: FacetCounts
}

export interface SearchHit {
  readonly id: ProductId
  /** With what was found between `marks`; nothing in it is escaped. */
  readonly title: string
  /** The part of the description around what was found. */
  readonly description: string
}

/** How many of all hits there are of each kind; only those that were asked for. Values are slugs, tags and texts as they are. */
export interface FacetCounts {
  readonly category?: readonly FacetCount[]
  readonly brand?: readonly FacetCount[]
  readonly tag?: readonly FacetCount[]
  readonly available?: { readonly yes: number; readonly no: number }
  /** Null when no hit has a price in the currency. */
  readonly price?: { readonly min: number; readonly max: number } | null
}

export interface FacetCount {
  readonly value: string
  readonly count: number
}

/** Characters of Unicode's private use: no text of a shop has them, so nothing can be taken for a mark that is none. */
export const marks = { begin: '\ue000', end: '\ue001' } as const

/** How far down the hits can be looked at. */
export const mostHits = 10_000

/** The most values of a facet that are told, those with the most hits first. */
export const mostFacetValues = 100

/** What a shop teaches its search. */
export interface SearchSettings {
  /** Whoever types the word also finds these: one way only. */
  readonly synonyms: Readonly<Record<string, readonly string[]>>
  /** Words in a query that say nothing. */
  readonly stopWords: readonly string[]
}

/**
 * One port, several engines (`store/search.ts`, `gateways/search/meilisearch.ts`), one contract test. Whatever an engine is told it
 * answers to from then on: writes return when they can be found, and throw when they cannot.
 */
export interface SearchEngine {
  readonly name: 'postgres' | 'meilisearch'
  search(query: SearchQuery): Promise<SearchAnswer>
  /** Adds documents, or puts them in the place of those with the same id. */
  put(documents: readonly SearchDocument[]): Promise<void>
  /** Those that are not there are no error. */
  remove(ids: readonly ProductId[]): Promise<void>
  /** What it knows, in pages of any size and order. */
  stamps(): AsyncIterable<readonly Stamp[]>
  /** Puts these in the place of everything that it knew. Until it returns, searches see the old ones or the new, never half. */
  rebuild(documents: AsyncIterable<readonly SearchDocument[]>): Promise<{ documents: number }>
  configure(settings: SearchSettings): Promise<void>
}

export interface Stamp {
  readonly id: ProductId
  readonly stamp: string
}

/** The engine cannot be reached, or does not work: whoever asked may ask another one. */
export class SearchUnavailable extends Error {
  override readonly name = 'SearchUnavailable'
}
