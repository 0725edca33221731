import type { SearchQuery } from '../../domain/search.ts'
import { columnsFor, facetsFrom, filtersOf, sortKeys } from './parts.ts'
import type { Parts, Values } from './parts.ts'

/** Everything there is, filtered, sorted and counted: no words, nothing to rank. */
export function browseStatement(query: SearchQuery): { sql: string; values: Values } {
  const parts: Parts = { values: { limit: query.limit, offset: query.offset } }
  const filters = filtersOf(query, parts)
  const columns = columnsFor(query, parts)
  const order = [...sortKeys(query), 'product_id'].join(', ')
  const from = `(select product_id, title, description, ${columns} from catalog.search_documents where true ${filters})`
  const sql = `
    select (select count(*) from catalog.search_documents where true ${filters}) as total,
      (select coalesce(json_agg(json_build_object('id', product_id, 'title', title, 'description', description)), '[]')
       from (select * from ${from} as d order by ${order} offset :offset limit :limit) as h) as hits
      ${facetsFrom(`${from} as f`, query)}`
  return { sql, values: parts.values }
}
