import type { SearchQuery } from '../../domain/search.ts'
import { columnsFor, facetsFrom, filtersOf, sortKeys } from './parts.ts'
import type { Parts, Values } from './parts.ts'
import type { TsQueries } from './tsquery.ts'

/** How many of the best are ranked by everything; the others by what is quickly known. */
const finelyRanked = 1_000

/**
 * One statement that finds, ranks and counts. Meilisearch's order: how many of the terms (from the first on), fewer typos, [what
 * the customer sorts by], nearness, field, place in the title, exactness; then the older product.
 */
export function rankedStatement(query: SearchQuery, ts: TsQueries): { sql: string; values: Values } {
  const parts: Parts = { values: {} }
  const filters = filtersOf(query, parts)
  const tsquery = (name: string, text: string): string => {
    parts.values[name] = text
    return `cast(:${name} as tsquery)`
  }
  const has = (column: string, name: string, text: string): string => `${column} @@ ${tsquery(name, text)}`

  const levels = ts.terms.slice(1).map(({ any, phrase }, index) => {
    const missing = `not ${has(phrase ? 'all_words' : 'lexemes', `any${index + 2}`, any)}`
    return `when ${missing} then ${index + 1}`
  })
  const typos = ts.terms.flatMap(({ exact, oneTypo, twoTypos, phrase }, index) => {
    if (oneTypo === null && twoTypos === null) return []
    const column = phrase ? 'all_words' : 'lexemes'
    const one = oneTypo === null ? '' : ` when ${has(column, `one${index}`, oneTypo)} then 1`
    const two = twoTypos === null ? '' : ` when ${has(column, `two${index}`, twoTypos)} then 2`
    return [`case when ${has(column, `exact${index}`, exact)} then 0${one}${two} else 0 end`]
  })
  const code = ts.code === null ? 'false' : has('head', 'code', ts.code)
  const { coarse, fine } = orderOf(query, ts, has)
  parts.values['limit'] = query.limit
  parts.values['offset'] = query.offset

  const sql = `
    with found as materialized (
      select product_id, ${columnsFor(query, parts)}, head,
        ${code} as is_code,
        ${levels.length === 0 ? '1' : `case ${levels.join(' ')} else ${levels.length + 1} end`} as level,
        ${typos.length === 0 ? '0' : typos.join(' + ')} as typos
      from catalog.search_documents
      where ${ts.universe === null ? 'true' : has('all_words', 'universe', ts.universe)} ${filters}
    ), best as (
      select *, row_number() over (order by ${coarse}) as place
      from found
      order by place limit greatest(${finelyRanked}, :offset + :limit)
    ), hits as (
      select product_id, row_number() over (order by place > ${finelyRanked}, ${fine}, place) as rank
      from best
      order by rank offset :offset limit :limit
    )
    select (select count(*) from found) as total,
      (select coalesce(json_agg(json_build_object('id', d.product_id, 'title', d.title, 'description', d.description)
                                order by h.rank), '[]')
       from hits as h join catalog.search_documents as d using (product_id)) as hits
      ${facetsFrom('found', query)}`
  return { sql, values: parts.values }
}

type Has = (column: string, name: string, text: string) => string

/** The order by what is known of every hit, and the order among the best of them. */
function orderOf(query: SearchQuery, ts: TsQueries, has: Has): { coarse: string; fine: string } {
  const sorts = sortKeys(query)
  const chosen = sorts.length === 0 ? '' : `, ${sorts.join(', ')}`
  const first = `is_code desc, level desc, typos${chosen}`
  const inTitle = has('head', 'title', ts.inTitle)
  const near =
    ts.phrase === null
      ? ''
      : `case when ${has('head', 'phrase', ts.phrase)} then 0 when ${inTitle} then 1 else 2 end,`
  const field = `case when ${inTitle} then 0 when ${has('head', 'brand', ts.inTitleOrBrand)} then 1 else 2 end`
  const [one, two, three] = ts.places
  const place = `case when ${has('head', 'place1', one)} then 0 when ${has('head', 'place2', two)} then 1
    when ${has('head', 'place3', three)} then 2 else 3 end`
  const exact = `case when ${has('head', 'typed', ts.asTyped)} then 0 else 1 end`
  return {
    coarse: `${first}, (${inTitle}) desc, product_id`,
    fine: `${first}, ${near} ${field}, ${place}, ${exact}`,
  }
}
