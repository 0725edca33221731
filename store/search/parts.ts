import { mostFacetValues } from '../../domain/search.ts'
import type { SearchQuery } from '../../domain/search.ts'

export type Values = Record<string, unknown>

/** What the pieces of a statement bind. */
export interface Parts {
  readonly values: Values
}

/** The lowest price in the currency of the query. */
const price = `cast(prices ->> :currency as bigint)`

/** Conditions, each beginning with `and`. */
export function filtersOf({ filters, currency }: SearchQuery, { values }: Parts): string {
  const { categories, brands, tags, price: between, available } = filters
  const conditions: string[] = []
  const bind = (name: string, value: unknown, sql: string): void => {
    values[name] = value
    conditions.push(`and ${sql}`)
  }
  if (categories) bind('categories', [...categories], 'categories && cast(:categories as text[])')
  if (brands) bind('brands', [...brands], 'brand_slug = any(:brands)')
  if (tags) bind('tags', [...tags], 'tags && cast(:tags as text[])')
  if (available !== undefined) bind('available', available, 'available = :available')
  if (between) values['currency'] = currency
  if (between?.min !== undefined) bind('min', between.min, `${price} >= :min`)
  if (between?.max !== undefined) bind('max', between.max, `${price} <= :max`)
  return conditions.join(' ')
}

/** What ranking and counting need of each hit. */
export function columnsFor({ facets, sort, currency }: SearchQuery, { values }: Parts): string {
  const priced = facets.includes('price') || sort === 'price_asc' || sort === 'price_desc'
  if (priced) values['currency'] = currency
  return [
    'brand_slug, available',
    ...(facets.includes('category') ? ['categories'] : []),
    ...(facets.includes('tag') ? ['tags'] : []),
    ...(sort === 'newest' ? ['created_at'] : []),
    ...(sort === 'title' ? ['title_key'] : []),
    ...(priced ? [`${price} as price`] : []),
  ].join(', ')
}

/** What the customer sorts by; products without a price come last either way. */
export function sortKeys({ sort }: Pick<SearchQuery, 'sort'>): string[] {
  switch (sort) {
    case 'relevance':
      return []
    case 'price_asc':
      return ['price nulls last']
    case 'price_desc':
      return ['price desc nulls last']
    case 'newest':
      return ['created_at desc']
    case 'title':
      return ['title_key']
  }
}

/** One pass over the hits counts everything that was asked for; tags, of which a product has many, have a pass of their own. */
export function facetsFrom(hits: string, { facets }: Pick<SearchQuery, 'facets'>): string {
  const columns = [
    ...(facets.includes('category') ? ['categories'] : []),
    ...(facets.includes('brand') ? ['brand_slug'] : []),
    ...(facets.includes('available') ? ['available'] : []),
  ]
  const priced = facets.includes('price')
  const parts: string[] = []
  if (columns.length > 0 || priced) {
    const sets = [...columns.map((column) => `(${column})`), ...(priced ? ['()'] : [])]
    const named = columns.map((column) => `case when grouping(${column}) = 0 then '${column}' end`)
    parts.push(`(select json_agg(g) from (
      select ${named.length > 0 ? `coalesce(${named.join(', ')}, 'price')` : `'price'`} as facet,
        ${columns.map((column) => `${column},`).join(' ')}
        ${priced ? 'min(price) as least, max(price) as most,' : ''} count(*) as hits
      from ${hits} group by grouping sets (${sets.join(', ')})) as g) as counts`)
  }
  if (facets.includes('tag')) {
    parts.push(`(select json_agg(g) from (
      select tag as value, count(*) as count from ${hits}, unnest(tags) as tag
      group by tag order by count(*) desc, tag limit ${mostFacetValues}) as g) as tags`)
  }
  return parts.map((part) => `, ${part}`).join('')
}
