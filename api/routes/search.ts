import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { mostHits, searchFacets } from '../../domain/search.ts'
import type { SearchQuery } from '../../domain/search.ts'
import { briefCache } from '../brief-cache.ts'
import { cursorAfter, readCursor } from '../cursors.ts'
import { invalid } from '../problems.ts'
import { filtersOf, resultsView, SearchRequest, SearchResults } from '../schemas/search.ts'
import { openSearch } from '../search.ts'
import type { Services } from '../services.ts'

/** The same search within this time is answered by the same bytes; what changes is found within two seconds, and this is of them. */
const freshMs = 250
const mostAnswers = 1_000

const isOffset = (text: string): text is string => /^[1-9]\d{0,5}$/.test(text)
const writtenResults = Type.Unsafe<string>(SearchResults.ref)

interface Written {
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

export const searchRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (app, { services }) => {
  const search = openSearch({ catalog: services.databases.catalog, engines: services.search })
  const answers = briefCache<Written>({ freshMs, most: mostAnswers })

  app.get(
    '/search',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'search',
        tags: ['products'],
        summary: 'Finds published products',
        description:
          'Ranked by how well they fit. `Search-Engine` says who answered; `Search-Fallback` is there when the engine of choice is ' +
          `away, and names it. The first ${mostHits} hits can be looked at.`,
        querystring: SearchRequest,
        response: { 200: writtenResults },
      },
    },
    async ({ query: asked }, reply) => {
      const { q: text, sort, limit, cursor, facets, currency = services.shop.currency } = asked
      const offset = Number(readCursor(cursor, isOffset) ?? 0)
      if (offset >= mostHits) {
        const detail = `leads beyond the first ${mostHits} hits, which nobody looks at: narrow the search.`
        throw invalid({ in: 'query', pointer: '#/cursor', detail })
      }
      const { price_min: min = 0, price_max: max = Infinity } = asked
      if (min > max) throw invalid({ in: 'query', pointer: '#/price_min', detail: 'is more than price_max.' })
      const wanted = facets?.split(',') ?? []
      const query: SearchQuery = {
        ...{ text, sort, currency, offset, limit },
        filters: filtersOf(asked),
        facets: searchFacets.filter((facet) => wanted.includes(facet)),
      }
      const written = await answers.get(JSON.stringify(query), async () => {
        const found = await search(query)
        const next = cursorAfter(String(offset + limit))
        const body = reply.serialize(resultsView(found, { cursor: next, currency }))
        if (typeof body !== 'string') throw new Error('JSON is written as text.')
        const { engine, insteadOf } = found
        const headers = {
          'search-engine': engine,
          ...(insteadOf !== null && { 'search-fallback': `${insteadOf} is away` }),
        }
        return { text: body, headers }
      })
      return reply.headers(written.headers).type('application/json; charset=utf-8').send(written.text)
    },
  )
}
