import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { SearchEngine } from '../../domain/search.ts'
import { createPostgresSearch } from '../../store/search.ts'
import { exchanges, recordedProducts } from '../support/exchanges.ts'
import { openStore } from '../support/stores.ts'

/** Searches that change nothing but the words: what users of Meilisearch are used to find with them. */
const recorded = exchanges().flatMap(({ scene, request, response }) => {
  const { q, filter, sort } = (request.body ?? {}) as { q?: string; filter?: unknown; sort?: unknown }
  const { hits } = (response.body ?? {}) as { hits?: { id: string }[] }
  const plain = request.path.endsWith('/indexes/products/search') && scene.startsWith('search ')
  if (!plain || q === undefined || hits === undefined || filter !== undefined || sort !== undefined) return []
  const skipped = JSON.stringify(request.body).match(/"(page|offset|facets)"/)
  return skipped ? [] : [{ q, hits: hits.map(({ id }) => id) }]
})

let engine: SearchEngine
let close: () => Promise<void>

before(async () => {
  const store = await openStore()
  close = store.close
  await store
    .db('catalog.search_settings')
    .update({ synonyms: { couch: ['sofa'], earphones: ['headphones'] }, stop_words: ['a', 'of', 'the'] })
  engine = createPostgresSearch(store.db)
  await engine.put(recordedProducts())
})
after(() => close())

async function found(text: string): Promise<string[]> {
  const query = { text, filters: {}, currency: 'EUR', sort: 'relevance', facets: [] } as const
  return (await engine.search({ ...query, offset: 0, limit: 20 })).hits.map(({ id }) => id)
}

test('the first hit of a real Meilisearch is ours too, for at least nine of ten queries', async (t) => {
  assert.ok(recorded.length >= 35, `${recorded.length} queries`)
  const others: string[] = []
  let same = 0
  for (const { q, hits } of recorded) {
    const ours = await found(q)
    if (ours[0] === hits[0]) same += 1
    else others.push(`${q}: ${hits[0]} there, ${ours[0]} here`)
    const missing = hits.slice(0, 5).filter((id) => !ours.includes(id))
    if (missing.length > 0) t.diagnostic(`${q}: ${missing.join(', ')} not found here`)
    if (ours.length > hits.length && hits.length < 5)
      t.diagnostic(`${q}: ${ours.length} here, ${hits.length} there`)
  }
  for (const other of others) t.diagnostic(other)
  t.diagnostic(`${same} of ${recorded.length}`)
  assert.ok(same >= recorded.length * 0.9, others.join('\n'))
})
