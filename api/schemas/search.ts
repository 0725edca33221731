import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { marks, searchFacets, searchSorts } from '../../domain/search.ts'
import type { FacetCounts, SearchFilters } from '../../domain/search.ts'
import type { Currency } from '../../domain/money.ts'
import { longestSlug, slugPattern } from '../../domain/catalog/slugs.ts'
import type { Found } from '../search.ts'
import { currency, Money, named, Page, pageQuery, strict, word } from './common.ts'
import { Product, productView } from './products.ts'

/** The longest query: nobody types more, and what was pasted by mistake is told so. */
const longestText = 500
/** What Postgres can keep, and a person can type. */
const speakable = '^[^\\p{Cs}\\p{Cc}]*$'
const longestList = 20 * (longestSlug + 1)

const anyOfSlugs = (description: string) =>
  Type.Optional(
    Type.String({
      maxLength: longestList,
      pattern: `${slugPattern.slice(0, -1)}(,${slugPattern.slice(1, -1)}){0,19}$`,
      description,
    }),
  )

const price = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, description }))

export const SearchRequest = Type.Object(
  {
    q: Type.String({
      maxLength: longestText,
      default: '',
      description:
        'What the customer typed; empty for everything. Typos are forgiven, the last word may be unfinished, `"…"` is a phrase, ' +
        '`-word` takes away.',
    }),
    category: anyOfSlugs('Slugs of categories, separated by commas: any of them; those below are in it too'),
    brand: anyOfSlugs('Slugs of brands, separated by commas: any of them'),
    tag: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, pattern: speakable, description: 'A tag' }),
    ),
    available: Type.Optional(
      word(['true', 'false'], 'Only what can be bought, or only what cannot at this moment'),
    ),
    price_min: price('The least that it costs, in minor units; included'),
    price_max: price('The most that it costs, in minor units; included'),
    currency: Type.Optional(currency),
    sort: { ...word(searchSorts, 'By default the best fits come first'), default: 'relevance' as const },
    facets: Type.Optional(
      Type.String({
        pattern: `^(${searchFacets.join('|')})(,(${searchFacets.join('|')})){0,${searchFacets.length - 1}}$`,
        description: `What is to be counted among all hits, separated by commas: ${searchFacets.join(', ')}`,
        examples: ['category,brand,available,price'],
      }),
    ),
    ...pageQuery,
  },
  strict,
)

const FacetCount = Type.Object({ value: Type.String(), count: Type.Integer() })
const counts = Type.Optional(Type.Array(FacetCount))

const SearchHit = named(
  'SearchHit',
  Type.Object({
    product: Product.ref,
    highlight: Type.Object(
      { title: Type.String(), description: Type.String() },
      {
        description:
          'HTML: what was found stands between `<em>` and `</em>`, everything else is escaped. Of the description it is the part ' +
          'around what was found.',
      },
    ),
  }),
)

export const SearchResults = named(
  'SearchResults',
  Type.Object({
    data: Type.Array(SearchHit.ref),
    page: Page.ref,
    total: Type.Integer({ description: 'How many hits there are in all' }),
    facets: Type.Object({
      category: counts,
      brand: counts,
      tag: counts,
      available: Type.Optional(Type.Object({ yes: Type.Integer(), no: Type.Integer() })),
      price: Type.Optional(Type.Object({ min: Money.ref, max: Money.ref })),
    }),
  }),
)

const aWord = Type.String({ minLength: 1, maxLength: 60, pattern: speakable })
const taught = {
  synonyms: Type.Record(aWord, Type.Array(aWord, { minItems: 1, maxItems: 50 }), {
    maxProperties: 1_000,
    description: 'Whoever types the word also finds these: one way only',
  }),
  stop_words: Type.Array(aWord, { maxItems: 500, description: 'Words that say nothing in a query' }),
}
export const SearchSettingsRequest = named(
  'SearchSettingsRequest',
  Type.Object(taught, {
    ...strict,
    examples: [{ synonyms: { couch: ['sofa'], sofa: ['couch'] }, stop_words: ['a', 'of', 'the'] }],
  }),
)
export const SearchSettingsView = named(
  'SearchSettings',
  Type.Object({
    synonyms: Type.Record(Type.String(), Type.Array(Type.String())),
    stop_words: Type.Array(Type.String()),
    version: Type.Integer(),
  }),
)

export const searchSchemas: readonly TSchema[] = [
  ...[SearchHit, SearchResults, SearchSettingsRequest, SearchSettingsView],
].map(({ schema }) => schema)

/** The filters of a request. */
export function filtersOf({
  category,
  brand,
  tag,
  available,
  price_min: min,
  price_max: max,
}: Static<typeof SearchRequest>): SearchFilters {
  return {
    ...(category !== undefined && { categories: category.split(',') }),
    ...(brand !== undefined && { brands: brand.split(',') }),
    ...(tag !== undefined && { tags: [tag] }),
    ...(available !== undefined && { available: available === 'true' }),
    ...((min !== undefined || max !== undefined) && {
      price: { ...(min !== undefined && { min }), ...(max !== undefined && { max }) },
    }),
  }
}

export function resultsView(
  { hits, total, facets, more }: Found,
  { cursor, currency: its }: { cursor: string; currency: Currency },
): Static<typeof SearchResults.schema> {
  return {
    data: hits.map(({ product, hit: { title, description } }) => ({
      product: productView(product),
      highlight: { title: markedUp(title), description: markedUp(description) },
    })),
    page: { has_more: more, ...(more && { next_cursor: cursor }) },
    total,
    facets: facetsView(facets, its),
  }
}

function facetsView(
  { category, brand, tag, available, price: range }: FacetCounts,
  its: Currency,
): Static<typeof SearchResults.schema>['facets'] {
  const money = (amount: number) => ({ amount, currency: its })
  return {
    ...(category && { category: [...category] }),
    ...(brand && { brand: [...brand] }),
    ...(tag && { tag: [...tag] }),
    ...(available && { available }),
    ...(range && { price: { min: money(range.min), max: money(range.max) } }),
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  [marks.begin]: '<em>',
  [marks.end]: '</em>',
}
const special = new RegExp(`[&<>"'${marks.begin}${marks.end}]`, 'g')

/** Escaped first: the title of a product may hold whatever it likes. */
const markedUp = (text: string): string => text.replace(special, (character) => entities[character] ?? '')
