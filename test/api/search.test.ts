import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { searchViolations } from '../../activities/search/drift.ts'
import type { SearchEngine } from '../../domain/search.ts'
import { SearchUnavailable } from '../../domain/search.ts'
import { createPostgresSearch } from '../../store/search.ts'
import { countPending } from '../../store/search/pending.ts'
import { aKey, openApi } from '../support/api.ts'
import type { Ask, Reply, TestApi } from '../support/api.ts'
import { settler } from '../support/settle.ts'

/** What the engine in Postgres remembers is at most this old, and the answers of the route as well. */
const freshAfterMs = 550

/** An engine that is configured before the one in Postgres, and can be away. */
let away = false
const other = (inner: SearchEngine): SearchEngine => ({
  ...inner,
  name: 'meilisearch',
  search: async (query) => {
    if (away) throw new SearchUnavailable('nobody is there')
    return inner.search(query)
  },
})

let api: TestApi
let settle: () => Promise<void>
let keeper: Readonly<Record<string, string>>

before(async () => {
  api = await openApi({ search: ({ catalog }) => [other(createPostgresSearch(catalog))] })
  const { catalog, inventory } = api.databases
  settle = settler(api.databases)
  keeper = { authorization: `Bearer ${await aKey(api.databases, ['catalog:read', 'catalog:write'])}` }
  await inventory('inventory.warehouses').insert([
    { id: 'second', name: 'Second', address: '{}', rank: 2 },
    { id: 'first', name: 'First', address: '{}', rank: 1 },
  ])
  await catalog('catalog.brands').insert([
    { slug: 'lumo', name: 'Lumo' },
    { slug: 'northwave', name: 'Northwave' },
  ])
  await catalog('catalog.categories').insert([
    { slug: 'home', name: 'Home' },
    { slug: 'lamps', name: 'Lamps', parent_slug: 'home' },
    { slug: 'audio', name: 'Audio' },
  ])
  for (const product of shelf) await publish(product)
  await settle()
  await sleep(freshAfterMs)
})
after(() => api.close())

const shelf = [
  { title: 'Desk lamp', brand: 'lumo', category: 'lamps', price: 3400, tags: ['metal'] },
  { title: 'Floor lamp <b>“Tall”</b>', brand: 'lumo', category: 'lamps', price: 8900, tags: ['metal'] },
  { title: 'Lampshade', brand: 'northwave', category: 'lamps', price: 1900, tags: ['linen'] },
  { title: 'Wireless headphones', brand: 'northwave', category: 'audio', price: 19900, tags: [] },
  { title: 'Café crème mug', brand: null, category: 'home', price: 900, tags: [] },
]

let made = 0
const asKeeper = (ask: Ask): Promise<Reply> => api.ask({ ...ask, headers: { ...keeper, ...ask.headers } })

interface Made {
  id: string
  version: number
}

async function draft({ title, price = 1000, ...more }: { title: string; price?: number }): Promise<Made> {
  made += 1
  const reply = await asKeeper({
    method: 'POST',
    url: '/v1/admin/products',
    headers: { 'idempotency-key': `search-${made}` },
    body: {
      title,
      description: `The ${title}, described.`,
      variants: [
        { sku: `SKU-${made}-A`, choices: [], grams: 10, prices: [{ currency: 'EUR', amount: price }] },
      ],
      ...more,
    },
  })
  assert.equal(reply.status, 201, reply.text)
  return reply.body as Made
}

async function publish(product: { title: string; price?: number }): Promise<Made> {
  const { id } = await draft(product)
  const reply = await asKeeper({
    method: 'POST',
    url: `/v1/admin/products/${id}/publish`,
    headers: { 'if-match': '*' },
  })
  assert.equal(reply.status, 200, reply.text)
  return reply.body as Made
}

interface Results {
  data: {
    product: { id: string; title: string; variants: { sku: string; availability: string }[] }
    highlight: { title: string; description: string }
  }[]
  total: number
  page: { has_more: boolean; next_cursor?: string }
  facets: Record<string, unknown>
}

const ask = (query: string): Promise<Reply> => api.ask({ url: `/v1/store/search?${query}` })

async function search(query: string): Promise<Results> {
  const reply = await ask(query)
  assert.equal(reply.status, 200, reply.text)
  return reply.body as Results
}

const titles = ({ data }: Results): string[] => data.map(({ product }) => product.title)

describe('a search', () => {
  it('finds what is meant in spite of a typo, an accent, an unfinished word', async () => {
    assert.deepEqual(titles(await search('q=wireles+headphnoes')), ['Wireless headphones'])
    assert.deepEqual(titles(await search('q=cafe')), ['Café crème mug'])
    assert.deepEqual(titles(await search('q=headph')), ['Wireless headphones'])
    assert.equal(titles(await search('q=SKU-1-A'))[0], 'Desk lamp')
  })

  it('marks what was found, and escapes whatever else stands there', async () => {
    const { data } = await search('q=floor+lamp')
    assert.equal(
      data[0]?.highlight.title,
      '<em>Floor</em> <em>lamp</em> &lt;b&gt;“Tall”&lt;/b&gt;',
      JSON.stringify(data[0]?.highlight),
    )
    assert.match(data[0]?.highlight.description ?? '', /The <em>Floor<\/em> <em>lamp<\/em>/)
  })

  it('counts what there is of each kind among all hits', async () => {
    const { facets, total } = await search('q=lamp&facets=category,brand,tag,available,price&limit=1')
    assert.equal(total, 3)
    assert.deepEqual(facets, {
      category: [
        { value: 'home', count: 3 },
        { value: 'lamps', count: 3 },
      ],
      brand: [
        { value: 'lumo', count: 2 },
        { value: 'northwave', count: 1 },
      ],
      tag: [
        { value: 'metal', count: 2 },
        { value: 'linen', count: 1 },
      ],
      available: { yes: 0, no: 3 },
      price: { min: { amount: 1900, currency: 'EUR' }, max: { amount: 8900, currency: 'EUR' } },
    })
  })

  it('filters by category and what lies below it, brand, tag, price and availability', async () => {
    const inHome = titles(await search('category=home')).sort()
    assert.deepEqual(inHome, ['Café crème mug', 'Desk lamp', 'Floor lamp <b>“Tall”</b>', 'Lampshade'])
    assert.equal((await search('category=audio,lamps')).total, 4)
    assert.deepEqual(titles(await search('brand=northwave&category=lamps')), ['Lampshade'])
    assert.equal((await search('tag=metal')).total, 2)
    assert.deepEqual(titles(await search('price_min=3400&price_max=8899')), ['Desk lamp'])
    assert.equal((await search('available=true')).total, 0)
    assert.equal((await search('price_max=100000&currency=USD')).total, 0)
  })

  it('sorts by price, and pages through everything once', async () => {
    const down = await search('sort=price_desc&limit=2')
    assert.deepEqual(titles(down), ['Wireless headphones', 'Floor lamp <b>“Tall”</b>'])
    const seen = titles(down)
    for (let page = down.page; page.has_more;) {
      const next = await search(`sort=price_desc&limit=2&cursor=${page.next_cursor ?? ''}`)
      seen.push(...titles(next))
      page = next.page
    }
    assert.deepEqual(seen.slice(2), ['Desk lamp', 'Lampshade', 'Café crème mug'])
  })

  it('says who answered, and asks Postgres when the engine of choice is away', async () => {
    assert.equal((await ask('q=mug')).headers['search-engine'], 'meilisearch')
    away = true
    const reply = await ask('q=creme+mug')
    assert.equal(reply.status, 200)
    assert.equal(reply.headers['search-engine'], 'postgres')
    assert.equal(reply.headers['search-fallback'], 'meilisearch is away')
    assert.deepEqual(titles(reply.body as Results), ['Café crème mug'])
    away = false
  })
})

describe('what changes', () => {
  it('is found as it is now: published, renamed, withdrawn', async () => {
    const { id } = await draft({ title: 'Zeppelin kite' })
    await settle()
    await sleep(freshAfterMs)
    assert.equal((await search('q=zeppelin')).total, 0)

    const put = async (path: string, body?: object): Promise<void> => {
      const method = body ? 'PATCH' : 'POST'
      const headers = { 'if-match': '*' }
      const reply = await asKeeper({ method, url: `/v1/admin/products/${id}${path}`, headers, body })
      assert.equal(reply.status, 200, reply.text)
      await settle()
      await sleep(freshAfterMs)
    }
    await put('/publish')
    assert.deepEqual(titles(await search('q=zeppelin')), ['Zeppelin kite'])
    await put('', { title: 'Airship kite', description: '' })
    assert.deepEqual(titles(await search('q=airship')), ['Airship kite'])
    assert.equal((await search('q=zeppelin')).total, 0)
    await put('/withdraw')
    assert.equal((await search('q=airship')).total, 0)
  })

  it('follows a category that is moved, and a brand that is renamed', async () => {
    const headers = { 'if-match': '*' }
    await asKeeper({
      method: 'POST',
      url: '/v1/admin/categories/audio/move',
      headers,
      body: { parent: 'home' },
    })
    await asKeeper({ method: 'PATCH', url: '/v1/admin/brands/northwave', headers, body: { name: 'Südwind' } })
    await settle()
    await sleep(freshAfterMs)
    assert.deepEqual(titles(await search('q=sudwind&category=home&facets=brand')).sort(), [
      'Lampshade',
      'Wireless headphones',
    ])
  })

  it('follows what the shop teaches its search: read, replaced by the version that was read, noted', async () => {
    const url = '/v1/admin/search-settings'
    const before = await asKeeper({ url })
    const body = { synonyms: { cup: ['mug'], Künstlicht: ['desk lamp'] }, stop_words: ['the'] }
    const put = (headers: Record<string, string>, changed: object = body): Promise<Reply> =>
      asKeeper({ method: 'PUT', url, headers, body: changed })
    assert.equal((await put({})).status, 428)
    assert.equal((await put({ 'if-match': '"77"' })).status, 412)
    const etag = String(before.headers['etag'])
    const taught = await put({ 'if-match': etag })
    assert.deepEqual(taught.body, { ...body, version: (before.body as { version: number }).version + 1 })
    assert.equal((await put({ 'if-match': etag })).status, 412)

    await settle()
    await sleep(freshAfterMs)
    assert.deepEqual(titles(await search('q=cup')), ['Café crème mug'])
    assert.deepEqual(titles(await search('q=kunstlicht')), ['Desk lamp'])
    const changes: unknown[] = await api.databases
      .catalog('catalog.changes')
      .where({ kind: 'search' })
      .pluck('fields')
    const stopWords = { from: (before.body as { stop_words: string[] }).stop_words, to: ['the'] }
    assert.deepEqual(changes, [{ synonyms: { from: {}, to: body.synonyms }, stopWords }])
  })

  it('refuses to be taught what no search could look up, and says where', async () => {
    const wrong = { 'two words': ['one'], a: ['a'], sofa: ['couch'], Sófa: ['–'] }
    const reply = await asKeeper({
      ...{ method: 'PUT', url: '/v1/admin/search-settings', headers: { 'if-match': '*' } },
      body: { synonyms: wrong, stop_words: ['at all'] },
    })
    assert.equal(reply.status, 400)
    const { errors } = reply.body as { errors: { pointer: string; detail: string }[] }
    assert.deepEqual(
      errors.map(({ pointer, detail }) => `${pointer} ${detail}`),
      [
        '#/synonyms/two words is not one word.',
        '#/synonyms/a/0 is the word itself.',
        '#/synonyms/Sófa is searched like "sofa": put them together.',
        '#/synonyms/Sófa/0 holds no word.',
        '#/stop_words/0 is not one word.',
      ],
    )
  })

  it('has its stock: a new SKU is kept by the warehouse that is preferred, and can be bought once units are there', async () => {
    const product = await publish({ title: 'Garden gnome' })
    await settle()
    const levels = await api.databases
      .inventory('inventory.stock_levels')
      .where({ sku: `SKU-${made}-A` })
      .select('warehouse_id', 'on_hand')
    assert.deepEqual(levels, [{ warehouse_id: 'first', on_hand: 0 }])

    await api.databases
      .inventory('inventory.stock_levels')
      .where({ sku: `SKU-${made}-A` })
      .update({ on_hand: 4 })
    const reply = await asKeeper({
      method: 'PUT',
      url: `/v1/admin/products/${product.id}/variants/SKU-${made}-B`,
      headers: { 'if-match': '*' },
      body: { choices: [], grams: 10, prices: [{ currency: 'EUR', amount: 900 }] },
    })
    assert.equal(reply.status, 400, 'a second variant without an option is refused')
    await api.databases.inventory('inventory.outbox').insert({
      ...{ event_id: `evt_${made}`, type: 'Stock Updated', subject: `SKU-${made}-A`, cause: 'test' },
      at: new Date().toISOString(),
      data: JSON.stringify({ levels: [{ sku: `SKU-${made}-A`, available: 4 }] }),
    })
    await settle()
    await sleep(freshAfterMs)
    const { data } = await search('q=garden+gnome&available=true')
    assert.equal(data[0]?.product.variants[0]?.availability, 'in_stock')
  })

  it('leaves nothing behind: no mark waits, and the index equals the catalog (I19)', async () => {
    await settle()
    const { catalog } = api.databases
    assert.deepEqual(await countPending(catalog), new Map([['postgres', 0]]))
    assert.deepEqual(await searchViolations(catalog, createPostgresSearch(catalog)), [])
  })
})
