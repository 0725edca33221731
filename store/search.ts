import type { ProductId } from '../domain/ids.ts'
import { mostFacetValues } from '../domain/search.ts'
import type { FacetCount, FacetCounts, SearchEngine, SearchQuery } from '../domain/search.ts'
import { cropped, highlighted } from '../domain/search/highlight.ts'
import { meaningsOf } from '../domain/search/meanings.ts'
import { parseQuery } from '../domain/search/query.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'
import { browseStatement } from './search/browse.ts'
import { openLexicon } from './search/lexicon.ts'
import { rankedStatement } from './search/ranked.ts'
import { rebuildDocuments, stampsOf } from './search/rebuild.ts'
import { tsQueriesOf } from './search/tsquery.ts'
import { removeDocuments, writeDocuments } from './search/write.ts'

/**
 * The search that every shop has: Postgres finds, ranks and counts; what a mistyped word means is worked out here, in a vocabulary
 * that is read once and kept up to date (docs/decisions/search-in-postgres.md). Settings are those of `catalog.search_settings`, so
 * there is nothing to configure.
 */
export function createPostgresSearch(db: Db): SearchEngine {
  const lexicon = openLexicon(db)
  return {
    name: 'postgres',
    search: async (query) => {
      const { vocabulary, teachings } = await lexicon.current()
      const parsed = parseQuery(query.text, teachings.stopWords)
      const meanings = meaningsOf(parsed, { vocabulary, teachings })
      const ts = tsQueriesOf(parsed, meanings)
      const { sql, values } =
        meanings.length === 0 && ts.universe === null ? browseStatement(query) : rankedStatement(query, ts)
      const [found] = await rows<Found>(db, sql, values)
      if (!found) throw new Error('A statement without a table has one row.')
      return {
        hits: found.hits.map(({ id, title, description }) => ({
          id,
          title: highlighted(title, meanings),
          description: cropped(description, meanings),
        })),
        total: found.total,
        facets: facetsOf(found, query),
      }
    },
    put: (documents) => db.transaction((trx) => writeDocuments(trx, documents)),
    remove: (ids) => removeDocuments(db, ids),
    stamps: () => stampsOf(db),
    rebuild: (documents) => rebuildDocuments(db, documents),
    configure: async () => {},
  }
}

interface Found {
  readonly total: number
  readonly hits: readonly { readonly id: ProductId; readonly title: string; readonly description: string }[]
  readonly counts?: readonly Counted[] | null
  readonly tags?: readonly FacetCount[] | null
}

interface Counted {
  readonly facet: 'categories' | 'brand_slug' | 'available' | 'price'
  readonly hits: number
  readonly categories?: readonly string[] | null
  readonly brand_slug?: string | null
  readonly available?: boolean | null
  readonly least?: number | null
  readonly most?: number | null
}

function facetsOf({ counts, tags }: Found, { facets }: SearchQuery): FacetCounts {
  const of = (facet: Counted['facet']): readonly Counted[] =>
    (counts ?? []).filter((each) => each.facet === facet)
  const asked = (facet: SearchQuery['facets'][number]): boolean => facets.includes(facet)
  const price = of('price').at(0)
  return {
    ...(asked('category') && { category: categoryCounts(of('categories')) }),
    ...(asked('brand') && {
      brand: mostFirst(
        of('brand_slug').flatMap(({ brand_slug: value, hits }) => (value ? [{ value, count: hits }] : [])),
      ),
    }),
    ...(asked('tag') && { tag: tags ?? [] }),
    ...(asked('available') && {
      available: { yes: sumOf(of('available'), true), no: sumOf(of('available'), false) },
    }),
    ...(asked('price') && {
      price:
        price?.least === undefined || price.least === null
          ? null
          : { min: price.least, max: price.most ?? price.least },
    }),
  }
}

const sumOf = (counts: readonly Counted[], available: boolean): number =>
  counts.filter((each) => each.available === available).reduce((sum, { hits }) => sum + hits, 0)

/** Hits are counted by the whole path to where they lie; each counts for every category on it. */
function categoryCounts(paths: readonly Counted[]): FacetCount[] {
  const counts = new Map<string, number>()
  for (const { categories, hits } of paths) {
    for (const slug of categories ?? []) counts.set(slug, (counts.get(slug) ?? 0) + hits)
  }
  return mostFirst([...counts].map(([value, count]) => ({ value, count })))
}

const mostFirst = (counts: readonly FacetCount[]): FacetCount[] =>
  [...counts].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, mostFacetValues)
