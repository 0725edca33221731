import { mostHits, SearchUnavailable } from '../domain/search.ts'
import type { SearchAnswer, SearchEngine, SearchHit, SearchQuery } from '../domain/search.ts'
import type { Product } from '../store/catalog.ts'
import type { Db } from '../store/db.ts'
import { recentProducts } from './recent-products.ts'

/** What a customer is answered: products as the catalog has them at this moment, in the order in which the engine ranks them. */
export interface Found {
  readonly hits: readonly { readonly product: Product; readonly hit: SearchHit }[]
  readonly total: number
  readonly facets: SearchAnswer['facets']
  /** Whether something follows this page. */
  readonly more: boolean
  /** Who answered. */
  readonly engine: SearchEngine['name']
  /** Who should have answered, but is away. */
  readonly insteadOf: SearchEngine['name'] | null
}

/** An engine that was away is not asked again for so long: nobody else has to wait until it does not answer. */
const leaveAloneMs = 2_000

/**
 * Searches by the first engine that works. The engine knows what is found and how it is ranked; what is shown is read from the
 * catalog, so a product that was withdrawn a moment ago is not in the answer although the index still has it.
 */
export function openSearch({
  catalog,
  engines,
}: {
  catalog: Db
  engines: readonly SearchEngine[]
}): (query: SearchQuery) => Promise<Found> {
  const products = recentProducts(catalog)
  const awayUntil = new Map<SearchEngine['name'], number>()
  const ask = async (query: SearchQuery): Promise<{ answer: SearchAnswer; engine: SearchEngine }> => {
    const now = Date.now()
    for (const [index, engine] of engines.entries()) {
      const last = index === engines.length - 1
      if (!last && (awayUntil.get(engine.name) ?? 0) > now) continue
      try {
        return { answer: await engine.search(query), engine }
      } catch (error) {
        if (last || !(error instanceof SearchUnavailable)) throw error
        awayUntil.set(engine.name, now + leaveAloneMs)
      }
    }
    throw new Error('There is no search engine.')
  }

  return async (query) => {
    const { answer, engine } = await ask(query)
    const byId = await products.read(answer.hits.map(({ id }) => id))
    const [first] = engines
    return {
      hits: answer.hits.flatMap((hit) => {
        const product = byId.get(hit.id)
        return product ? [{ product, hit }] : []
      }),
      total: answer.total,
      facets: answer.facets,
      more: query.offset + query.limit < Math.min(answer.total, mostHits),
      engine: engine.name,
      insteadOf: first && first !== engine ? first.name : null,
    }
  }
}
