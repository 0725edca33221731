import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import { searchViolations } from '../../activities/search/drift.ts'
import { startMeilisearchDouble } from '../../dev/meilisearch-sim/main.ts'
import type { MeilisearchDouble } from '../../dev/meilisearch-sim/main.ts'
import { createMeilisearch } from '../../gateways/search/meilisearch.ts'
import { openSearchDesk } from '../../gateways/search-desk.ts'
import { createApiKey } from '../../store/accounts.ts'
import { createPostgresSearch } from '../../store/search.ts'
import { openShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'

const apiKey = 'a-key-for-tests'
const host = '127.0.0.1'

describe('searching, with a Meilisearch before Postgres', () => {
  let double: MeilisearchDouble
  let shop: TestShop
  let secret: string
  let barrow: Parameters<typeof found>[0]
  before(async () => {
    double = await startMeilisearchDouble({ host, port: 0, apiKey })
    shop = await openShop({ settings: { MEILISEARCH_URL: double.url, MEILISEARCH_API_KEY: apiKey } })
    ;({ secret } = await createApiKey(shop.databases.accounts, { name: 'keeper', permissions: ['*'] }))
    // Its index is made when the shop starts; until then Postgres answers.
    await untilMeilisearchAnswers()
  })
  after(async () => {
    await shop?.close()
    await double?.close()
  })

  async function untilMeilisearchAnswers(): Promise<void> {
    for (let tries = 0; tries < 300; tries += 1) {
      const answer = await fetch(`${shop.api}/v1/store/search?limit=1`)
      if (answer.headers.get('search-engine') === 'meilisearch') return
      await sleep(100)
    }
    assert.fail('Meilisearch does not answer for half a minute.')
  }

  const write = async (path: string, body?: object, method = 'POST'): Promise<{ id: string }> => {
    const answer = await fetch(`${shop.api}/v1/admin${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        'if-match': '*',
        'idempotency-key': `${path} ${JSON.stringify(body)}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, text)
    return JSON.parse(text) as { id: string }
  }

  /** Publishes a product; answers who found it by a mistyped name, and after how long. */
  async function publish({ title, typed }: { title: string; typed: string }) {
    const prices = [{ currency: 'EUR', amount: 900 }]
    const { id } = await write('/products', {
      title,
      variants: [{ sku: title, choices: [], grams: 1, prices }],
    })
    await write(`/products/${id}/publish`)
    return found({ id, title, typed })
  }

  /** Who finds a product, and how long from now. */
  async function found({ id, title, typed }: { id: string; title: string; typed: string }) {
    const begin = performance.now()
    for (;;) {
      const answer = await fetch(`${shop.api}/v1/store/search?q=${encodeURIComponent(typed)}`)
      const { data } = (await answer.json()) as { data: { product: { id: string } }[] }
      const ms = performance.now() - begin
      const [engine, instead] = ['search-engine', 'search-fallback'].map((name) => answer.headers.get(name))
      if (data.some(({ product }) => product.id === id)) return { id, ms, engine, instead }
      assert.ok(ms < 30_000, `${title} is not found after half a minute`)
      await sleep(25)
    }
  }

  it('finds what was published two seconds ago, in spite of a typo', async (t) => {
    const { id, ms, engine } = await publish({ title: 'Wheelbarrow', typed: 'wheelbarow' })
    barrow = { id, title: 'Wheelbarrow', typed: 'pushcart' }
    t.diagnostic(`${Math.round(ms)} ms`)
    assert.equal(engine, 'meilisearch')
    // Twice as long as promised: other tests run beside this one.
    assert.ok(ms < 4_000, `${ms} ms`)
  })

  it('knows a synonym that it was taught two seconds ago', async () => {
    await write('/search-settings', { synonyms: { pushcart: ['wheelbarrow'] }, stop_words: ['the'] }, 'PUT')
    const { ms, engine } = await found(barrow)
    assert.equal(engine, 'meilisearch')
    assert.ok(ms < 4_000, `${ms} ms`)
  })

  it('goes on in Postgres while it is away, and says so; then comes back to an index that is whole', async (t) => {
    await double.close()
    const { ms, engine, instead } = await publish({ title: 'Lawnmower', typed: 'lawnmwoer' })
    t.diagnostic(`${Math.round(ms)} ms`)
    assert.deepEqual([engine, instead], ['postgres', 'meilisearch is away'])

    // It comes back with nothing in it, as a server whose disk was lost.
    double = await startMeilisearchDouble({ host, port: Number(new URL(double.url).port), apiKey })
    const desk = openSearchDesk(shop.temporal.client)
    await shop.temporal.client.workflow.getHandle(await desk.check()).result()
    const meilisearch = createMeilisearch({ url: double.url, apiKey, index: 'products', timeoutMs: 2_000 })
    const { catalog } = shop.databases
    const engines = [createPostgresSearch(catalog), meilisearch]
    for (let tries = 0; ; tries += 1) {
      const drift = (await Promise.all(engines.map((each) => searchViolations(catalog, each)))).flat()
      if (drift.length === 0) break
      assert.ok(tries < 100, JSON.stringify(drift))
      await sleep(200)
    }
    // An engine that was away is left alone for a moment.
    await untilMeilisearchAnswers()
    const again = await publish({ title: 'Sprinkler', typed: 'sprinklr' })
    assert.deepEqual([again.engine, again.instead], ['meilisearch', null])
    assert.equal((await found(barrow)).engine, 'meilisearch')
  })
})
