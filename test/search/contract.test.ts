import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startMeilisearchDouble } from '../../dev/meilisearch-sim/main.ts'
import type { ProductId } from '../../domain/ids.ts'
import { marks, SearchUnavailable } from '../../domain/search.ts'
import type { SearchAnswer, SearchDocument, SearchEngine, SearchQuery } from '../../domain/search.ts'
import { createMeilisearch } from '../../gateways/search/meilisearch.ts'
import { createPostgresSearch } from '../../store/search.ts'
import { control } from '../support/doubles.ts'
import { recordedProducts } from '../support/exchanges.ts'
import { openStore } from '../support/stores.ts'

/** An engine, and how long until a search is sure to see what was written. */
interface Opened {
  readonly engine: SearchEngine
  settle(): Promise<void>
  close(): Promise<void>
}

const apiKey = 'a-key-for-tests'

async function openPostgres(): Promise<Opened> {
  const { db, close } = await openStore()
  const settings = {
    synonyms: { couch: ['sofa'], earphones: ['headphones'] },
    stop_words: ['a', 'of', 'the'],
  }
  await db('catalog.search_settings').update(settings)
  return { engine: createPostgresSearch(db), settle: () => pause(300), close }
}

async function openDouble(): Promise<Opened> {
  const double = await startMeilisearchDouble({ host: '127.0.0.1', port: 0, apiKey })
  const engine = createMeilisearch({ url: double.url, apiKey, index: 'products', timeoutMs: 10_000 })
  return { engine, settle: async () => {}, close: double.close }
}

/** What only a real server can prove: that our settings and filters are understood by it as we mean them. */
const { MEILISEARCH_TEST_URL: realUrl, MEILISEARCH_TEST_KEY: realKey = '' } = process.env
async function openReal(): Promise<Opened> {
  const index = `contract_${Date.now()}`
  const engine = createMeilisearch({ url: realUrl ?? '', apiKey: realKey, index, timeoutMs: 5_000 })
  return { engine, settle: async () => {}, close: async () => {} }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

for (const { name, open, skip } of [
  { name: 'Postgres', open: openPostgres, skip: false },
  { name: 'Meilisearch, the double of it', open: openDouble, skip: false },
  {
    name: 'Meilisearch, a real one',
    open: openReal,
    skip: realUrl === undefined && 'needs a server: set MEILISEARCH_TEST_URL and MEILISEARCH_TEST_KEY',
  },
]) {
  describe(`a search engine (${name})`, { skip }, () => {
    let opened: Opened
    let engine: SearchEngine
    before(async () => {
      opened = await open()
      ;({ engine } = opened)
      await engine.configure({
        synonyms: { couch: ['sofa'], earphones: ['headphones'] },
        stopWords: ['a', 'of', 'the'],
      })
      await engine.put(recordedProducts())
      await opened.settle()
    })
    after(() => opened.close())

    const plain: Omit<SearchQuery, 'text'> = {
      ...{ filters: {}, currency: 'EUR', sort: 'relevance', facets: [], offset: 0, limit: 20 },
    }
    const ask = (text: string, more: Partial<SearchQuery> = {}): Promise<SearchAnswer> =>
      engine.search({ ...plain, ...more, text })
    const idsOf = ({ hits }: SearchAnswer): string[] => hits.map(({ id }) => id)
    const titlesOf = ({ hits }: SearchAnswer): string[] =>
      hits.map(({ title }) => title.replaceAll(marks.begin, '').replaceAll(marks.end, ''))

    it('finds words, typos, beginnings, synonyms, accents and SKUs', async () => {
      for (const [text, title] of [
        ['wireless headphones', 'Wireless Headphones'],
        ['headphnoes wireles', 'Wireless Headphones'],
        ['espresso mach', 'Espresso Machine'],
        ['esp', 'Espresso Machine'],
        ['cafe creme', 'Café Crème Mug'],
        ['SKU-6-A', 'Office Chair'],
      ] as const) {
        assert.equal(titlesOf(await ask(text))[0], title, text)
      }
      assert.match(titlesOf(await ask('earphones'))[0] ?? '', /Headphones/)
      assert.deepEqual((await ask('zzzzzzzz')).hits, [])
    })

    it('marks what was found, in the title and around it in the description', async () => {
      const [hit] = (await ask('espresso machine')).hits
      const { begin, end } = marks
      assert.equal(hit?.title, `${begin}Espresso${end} ${begin}Machine${end}`)
      assert.ok(hit?.description.startsWith(`${begin}Espresso${end} ${begin}Machine${end} by Barista & Co.`))
    })

    it('counts facets among all hits, whatever page is looked at', async () => {
      const facets = ['category', 'brand', 'tag', 'available', 'price'] as const
      const { total, hits, facets: counts } = await ask('', { facets, limit: 0 })
      assert.deepEqual([total, hits.length], [24, 0])
      assert.deepEqual(counts.category?.slice(0, 3), [
        { value: 'kitchen', count: 7 },
        { value: 'audio', count: 5 },
        { value: 'sport', count: 4 },
      ])
      assert.deepEqual(counts.brand?.[0], { value: 'barista-co', count: 4 })
      assert.deepEqual(counts.tag, [])
      assert.deepEqual(counts.available, { yes: 22, no: 2 })
      assert.deepEqual(counts.price, { min: 690, max: 44900 })
      assert.deepEqual((await ask('lamp', { facets: ['brand'] })).facets.brand?.[0]?.value, 'lumo')
    })

    it('filters by category, brand, price and availability, all at once', async () => {
      const cheap = { categories: ['kitchen'], price: { max: 4999 }, available: true }
      assert.deepEqual(idsOf(await ask('', { filters: cheap })).sort(), [
        ...['prod_013', 'prod_016', 'prod_017', 'prod_024'],
      ])
      const either = await ask('lamp', {
        filters: { brands: ['lumo', 'sedia'], price: { min: 1000, max: 5000 } },
      })
      assert.deepEqual(titlesOf(either), ['Desk Lamp'])
      assert.equal((await ask('', { filters: { available: false } })).total, 2)
      assert.equal((await ask('', { filters: { categories: ['nowhere'] } })).total, 0)
      assert.equal((await ask('', { filters: { brands: ['" OR id = "prod_001'] } })).total, 0)
    })

    it('sorts by price and by age, and pages through all of it once', async () => {
      assert.equal(titlesOf(await ask('', { sort: 'price_asc' }))[0], 'LED Bulb E27')
      assert.equal(idsOf(await ask('', { sort: 'newest' }))[0], 'prod_024')
      const seen: string[] = []
      for (let offset = 0; offset < 24; offset += 7) {
        seen.push(...idsOf(await ask('', { sort: 'price_desc', offset, limit: 7 })))
      }
      assert.equal(new Set(seen).size, 24)
      assert.deepEqual(idsOf(await ask('', { offset: 9_990 })), [])
    })

    it('knows what it was told last, and nothing of what was taken out', async () => {
      const [first] = recordedProducts()
      assert.ok(first)
      const changed: SearchDocument = { ...first, stamp: 'changed', title: 'Zither', description: '' }
      await engine.put([changed])
      await opened.settle()
      assert.deepEqual(idsOf(await ask('zither')), [first.id])
      await engine.remove([first.id, 'prod_unknown' as ProductId])
      await opened.settle()
      assert.deepEqual(idsOf(await ask('zither')), [])
      const stamps: string[] = []
      for await (const page of engine.stamps()) stamps.push(...page.map(({ id }) => id))
      assert.equal(stamps.length, 23)
      await engine.put([first])
    })

    it('is made anew in one go: what was there before is gone, filters and synonyms are not', async () => {
      const others = recordedProducts().map((document) => ({
        ...document,
        id: `other_${document.id}` as ProductId,
      }))
      async function* pages() {
        yield others.slice(0, 10)
        yield others.slice(10)
      }
      assert.deepEqual(await engine.rebuild(pages()), { documents: 24 })
      await opened.settle()
      const { total, hits } = await ask('earphones', { filters: { available: true } })
      assert.ok(total > 0 && hits.every(({ id }) => id.startsWith('other_')))
    })
  })
}

describe('an engine that is away', () => {
  it('says so: nobody listens, it fails, its key is wrong, somebody took its index', async (t) => {
    const double = await startMeilisearchDouble({ host: '127.0.0.1', port: 0, apiKey })
    t.after(() => double.close())
    const engineOf = (changes: object) =>
      createMeilisearch({ url: double.url, apiKey, index: 'products', timeoutMs: 10_000, ...changes })
    const query: SearchQuery = {
      ...{ text: '', filters: {}, currency: 'EUR', sort: 'relevance', facets: [], offset: 0, limit: 1 },
    }
    const isAway = (engine: SearchEngine): Promise<void> =>
      assert.rejects(engine.search(query), SearchUnavailable)
    await isAway(engineOf({ url: 'http://127.0.0.1:9' }))
    await isAway(engineOf({ apiKey: 'wrong' }))
    await isAway(engineOf({}))
    await engineOf({}).put(recordedProducts())
    const { fault } = control(double.url)
    await fault({ operation: 'search', kind: 'status', status: 503, count: 1 })
    await isAway(engineOf({}))
    await fault({ operation: 'search', kind: 'delay', delayMs: 5_000, count: 1 })
    await isAway(engineOf({ timeoutMs: 200 }))
    await engineOf({}).search(query)
  })

  it('does not take a task that failed for one that was done', async (t) => {
    const double = await startMeilisearchDouble({ host: '127.0.0.1', port: 0, apiKey })
    t.after(() => double.close())
    const engine = createMeilisearch({ url: double.url, apiKey, index: 'products', timeoutMs: 10_000 })
    const bad = recordedProducts()
      .slice(0, 1)
      .map((document) => ({ ...document, id: 'bad id!' as ProductId }))
    await assert.rejects(engine.put(bad), /invalid_document_id/)
  })
})
