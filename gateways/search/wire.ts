import { currencies } from '../../domain/money.ts'
import type { Currency } from '../../domain/money.ts'
import { mostFacetValues, mostHits } from '../../domain/search.ts'
import type { SearchDocument, SearchFilters, SearchSettings, SearchSort } from '../../domain/search.ts'

/** A product as it lies in Meilisearch. Slugs are filtered and counted, names are searched. */
export type WireDocument = {
  readonly id: string
  readonly stamp: string
  readonly title: string
  readonly brand: string
  readonly brand_slug: string | null
  readonly codes: readonly string[]
  readonly categories: readonly string[]
  readonly category_slugs: readonly string[]
  readonly type: string
  readonly tags: readonly string[]
  readonly choices: readonly string[]
  readonly description: string
  readonly available: boolean
  /** Milliseconds. */
  readonly created_at: number
  /** `price_eur` and its like: the lowest price in minor units. */
  readonly [price: `price_${string}`]: number
}

export const priceAttribute = (currency: Currency): `price_${string}` => `price_${currency.toLowerCase()}`

export function onTheWire(document: SearchDocument): WireDocument {
  const { id, stamp, title, brand, codes, categories, type, tags, choices } = document
  const { description, prices, available, createdAt } = document
  const priced = currencies.flatMap((currency) => {
    const price = prices[currency]
    return price === undefined ? [] : [[priceAttribute(currency), price] as const]
  })
  return {
    ...{ id, stamp, title, brand: brand?.name ?? '', brand_slug: brand?.slug ?? null, codes, type, tags },
    categories: categories.map(({ name }) => name),
    category_slugs: categories.map(({ slug }) => slug),
    ...{ choices, description, available, created_at: Date.parse(createdAt) },
    ...Object.fromEntries(priced),
  }
}

/** What makes Meilisearch search as the engine in Postgres does: the same fields in the same order, the same typos forgiven. */
export function settingsFor({ synonyms, stopWords }: SearchSettings) {
  const prices = currencies.map(priceAttribute)
  return {
    searchableAttributes: ['title', 'brand', 'codes', 'categories', 'type', 'tags', 'choices', 'description'],
    filterableAttributes: ['category_slugs', 'brand_slug', 'tags', 'available', ...prices],
    sortableAttributes: ['created_at', ...prices],
    rankingRules: ['words', 'typo', 'sort', 'proximity', 'attribute', 'exactness'],
    synonyms: Object.fromEntries(Object.entries(synonyms).map(([word, others]) => [word, [...others]])),
    stopWords: [...stopWords],
    typoTolerance: {
      enabled: true,
      minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
      disableOnAttributes: ['codes'],
    },
    faceting: { maxValuesPerFacet: mostFacetValues, sortFacetValuesBy: { '*': 'count' as const } },
    pagination: { maxTotalHits: mostHits },
  }
}

/** All lists must hold; of the conditions inside of one, any. */
export function filterOf(filters: SearchFilters, currency: Currency): string[][] {
  const { categories, brands, tags, available, price } = filters
  const anyOf = (attribute: string, values: readonly string[] | undefined): string[][] =>
    values ? [values.map((value) => `${attribute} = ${quoted(value)}`)] : []
  const attribute = priceAttribute(currency)
  return [
    ...anyOf('category_slugs', categories),
    ...anyOf('brand_slug', brands),
    ...anyOf('tags', tags),
    ...(available === undefined ? [] : [[`available = ${available}`]]),
    ...(price?.min === undefined ? [] : [[`${attribute} >= ${price.min}`]]),
    ...(price?.max === undefined ? [] : [[`${attribute} <= ${price.max}`]]),
  ]
}

export function sortOf(sort: SearchSort, currency: Currency): string[] {
  switch (sort) {
    case 'relevance':
      return []
    case 'newest':
      return ['created_at:desc']
    case 'price_asc':
    case 'price_desc':
      return [`${priceAttribute(currency)}:${sort === 'price_asc' ? 'asc' : 'desc'}`]
  }
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
