import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { rows } from '../../store/db.ts'
import { aKey, openApi } from '../support/api.ts'
import type { Ask, Reply, TestApi } from '../support/api.ts'

let api: TestApi
let keeper: Readonly<Record<string, string>>
let reader: Readonly<Record<string, string>>

before(async () => {
  api = await openApi()
  keeper = { authorization: `Bearer ${await aKey(api.databases, ['catalog:read', 'catalog:write'])}` }
  reader = { authorization: `Bearer ${await aKey(api.databases, ['catalog:read'])}` }
})
after(() => api.close())

interface AdminProduct {
  id: string
  slug: string
  status: string
  version: number
  title: string
  description: string
  description_html?: string
  variants: { sku: string; choices: string[]; prices: { amount: number; compare_at?: number }[] }[]
}

let made = 0
const asKeeper = (ask: Ask): Promise<Reply> => api.ask({ ...ask, headers: { ...keeper, ...ask.headers } })
const bodyOf = (reply: Reply): AdminProduct => reply.body as AdminProduct

const lamp = (sku: string, amount = 3400) => ({
  sku,
  choices: [],
  grams: 900,
  prices: [{ currency: 'EUR', amount }],
})

async function aDraft(body: object = {}): Promise<AdminProduct> {
  made += 1
  const reply = await asKeeper({
    method: 'POST',
    url: '/v1/admin/products',
    headers: { 'idempotency-key': `draft-${made}` },
    body: { title: `Desk lamp ${made}`, variants: [lamp(`LAMP-${made}`)], ...body },
  })
  assert.equal(reply.status, 201, reply.text)
  return bodyOf(reply)
}

const change = (product: AdminProduct, body: object, version = product.version): Promise<Reply> =>
  asKeeper({
    method: 'PATCH',
    url: `/v1/admin/products/${product.id}`,
    headers: { 'if-match': `"${version}"` },
    body,
  })

const publish = (product: AdminProduct, version = product.version): Promise<Reply> =>
  asKeeper({
    method: 'POST',
    url: `/v1/admin/products/${product.id}/publish`,
    headers: { 'if-match': `"${version}"` },
  })

async function aPublished(body: object = {}): Promise<AdminProduct> {
  const reply = await publish(await aDraft(body))
  assert.equal(reply.status, 200, reply.text)
  return bodyOf(reply)
}

describe('a product', () => {
  it('is a draft until it is published, and nobody sees it before', async () => {
    const draft = await aDraft()
    assert.equal(draft.status, 'draft')
    assert.equal((await api.ask({ url: `/v1/store/products/${draft.id}` })).status, 404)

    const published = await publish(draft)
    assert.equal(published.headers.etag, '"2"')
    const shown = await api.ask({ url: `/v1/store/products/${draft.slug}` })
    assert.equal(shown.status, 200)
  })

  it('is made once, however often the request comes', async () => {
    const ask = {
      method: 'POST',
      url: '/v1/admin/products',
      headers: { 'idempotency-key': 'the-same' },
      body: { title: 'Made once', variants: [lamp('ONCE')] },
    } as const
    const [one, other] = [await asKeeper(ask), await asKeeper(ask)]
    assert.equal(one.status, 201)
    assert.deepEqual(other.text, one.text)
    assert.equal(one.headers.location, `/v1/admin/products/${bodyOf(one).id}`)
  })

  it('is not changed by whoever did not see the last change', async () => {
    const draft = await aDraft()
    assert.equal((await change(draft, { title: 'Lamp' })).status, 200)
    const late = await change(draft, { title: 'Other lamp' })
    assert.equal(late.status, 412)
    assert.equal(late.problem['version'], 2)
    const blind = await asKeeper({
      method: 'PATCH',
      url: `/v1/admin/products/${draft.id}`,
      body: { title: 'Blind' },
    })
    assert.equal(blind.status, 428)
  })

  it('is changed by one of many who come at once', async () => {
    const draft = await aDraft()
    const replies = await Promise.all([1, 2, 3, 4].map((n) => change(draft, { title: `Title ${n}` })))
    assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 412, 412, 412])
  })

  it('stays at its version when nothing is changed', async () => {
    const draft = await aDraft({ tags: ['b', 'a'] })
    const same = await change(draft, { title: draft.title, tags: ['a', 'b', 'A'] })
    assert.equal(bodyOf(same).version, draft.version)
    const before = await eventsOf(draft.id)
    assert.equal(before.length, 1)
  })

  it('is not for sale without a price', async () => {
    const draft = await aDraft({ variants: [{ ...lamp('FREE-1'), prices: [] }] })
    const refused = await publish(draft)
    assert.equal(refused.status, 422)
    assert.deepEqual(refused.problem['reasons'], ['There is no price for FREE-1.'])
    const empty = await aDraft({ variants: [] })
    assert.match(String((await publish(empty)).problem['reasons']), /no variant/)
  })

  it('keeps its options and variants in agreement', async () => {
    const draft = await aDraft()
    const cases: [object, string][] = [
      [{ options: ['Size'] }, '#/variants/0/choices'],
      [{ variants: [lamp('TWIN'), lamp('TWIN')] }, '#/variants/0/sku'],
      [
        {
          options: ['Size'],
          variants: [
            { ...lamp('A'), choices: ['L'] },
            { ...lamp('B'), choices: ['l'] },
          ],
        },
        '#/variants/1/choices',
      ],
      [{ options: ['Size', 'size'], variants: [] }, '#/options'],
      [
        { variants: [{ ...lamp('C'), prices: [{ currency: 'EUR', amount: 10, compare_at: 10 }] }] },
        '#/variants/0/compareAt',
      ],
    ]
    for (const [body, pointer] of cases) {
      const reply = await change(draft, body)
      assert.equal(reply.status, 400, reply.text)
      const errors = reply.problem['errors'] as { pointer: string }[]
      assert.ok(
        errors.some((error) => error.pointer === pointer),
        JSON.stringify(errors),
      )
    }
  })

  it('lets two variants change places', async () => {
    const size = (sku: string, choice: string) => ({ ...lamp(sku), choices: [choice] })
    const draft = await aDraft({ options: ['Size'], variants: [size('SWAP-A', 'S'), size('SWAP-B', 'L')] })
    const swapped = await change(draft, { variants: [size('SWAP-A', 'L'), size('SWAP-B', 'S')] })
    assert.equal(swapped.status, 200, swapped.text)
    assert.deepEqual(
      bodyOf(swapped).variants.map(({ choices }) => choices),
      [['L'], ['S']],
    )
  })

  it('takes no slug and no SKU of another product', async () => {
    const [one, other] = [await aDraft(), await aDraft()]
    const slug = await change(other, { slug: one.slug })
    assert.equal(slug.problem.code, 'product.slug_taken')
    const sku = await change(other, { variants: [lamp(one.variants[0]?.sku ?? '')] })
    assert.equal(sku.problem.code, 'product.sku_taken')
    assert.deepEqual(sku.problem['skus'], [one.variants[0]?.sku])
  })

  it('is found by the slugs that it had before', async () => {
    const product = await aPublished({ title: 'Renamed thing', slug: 'first-slug' })
    const renamed = bodyOf(await change(product, { slug: 'second-slug' }))
    const moved = await api.ask({ url: '/v1/store/products/first-slug' })
    assert.equal(moved.status, 301)
    assert.equal(moved.headers.location, '/v1/store/products/second-slug')

    const again = bodyOf(await change(renamed, { slug: 'third-slug' }))
    assert.equal(
      (await api.ask({ url: '/v1/store/products/first-slug' })).headers.location,
      '/v1/store/products/third-slug',
    )
    // A slug that was left can be taken by another product, and leads to that one from then on.
    await aPublished({ slug: 'second-slug' })
    assert.equal((await api.ask({ url: '/v1/store/products/second-slug' })).status, 200)
    // Back to the first one: it leads nowhere else any more.
    assert.equal((await change(again, { slug: 'first-slug' })).status, 200)
    assert.equal((await api.ask({ url: '/v1/store/products/first-slug' })).status, 200)
  })

  it('keeps no script of what was pasted into its description', async () => {
    const html =
      '<p onclick="x()">Bright <b>&amp; warm</b><script>alert(1)</script></p><a href="javascript:x()">x</a>'
    const draft = await aDraft({ description_html: html })
    assert.equal(draft.description_html, '<p>Bright <b>&amp; warm</b></p><a>x</a>')
    assert.equal(draft.description, 'Bright & warm\nx')
    const plain = await aDraft({ description_html: 'No &lt;markup&gt; at all' })
    assert.equal(plain.description_html, undefined)
    assert.equal(plain.description, 'No <markup> at all')
  })

  it('has a history of who changed what', async () => {
    const draft = await aDraft({ title: 'Old title' })
    await change(draft, { title: 'New title', variants: [lamp(`${draft.variants[0]?.sku}`, 2900)] })
    const reply = await api.ask({ url: `/v1/admin/products/${draft.id}/history`, headers: reader })
    const { data } = reply.body as {
      data: { what: string; version: number; actor: string; fields: Record<string, object> }[]
    }
    assert.deepEqual(
      data.map(({ what, version }) => [what, version]),
      [
        ['changed', 2],
        ['created', 1],
      ],
    )
    assert.deepEqual(data[0]?.fields['title'], { from: 'Old title', to: 'New title' })
    assert.ok(`variants.${draft.variants[0]?.sku}.prices` in (data[0]?.fields ?? {}))
    assert.match(data[0]?.actor ?? '', /^key:/)
  })

  it('announces each change, with the SKUs that are new', async () => {
    const draft = await aDraft()
    await change(draft, { variants: [...draft.variants, { ...lamp('EXTRA-1') }], options: [] })
    await asKeeper({
      method: 'PUT',
      url: `/v1/admin/products/${draft.id}/variants/${draft.variants[0]?.sku}`,
      headers: { 'if-match': '*' },
      body: { choices: [], grams: 1000, prices: [] },
    })
    const events = await eventsOf(draft.id)
    assert.deepEqual(
      events.map(({ data }) => [data.version, data.newSkus]),
      [
        [1, [draft.variants[0]?.sku]],
        [2, []],
      ],
    )
  })

  it('loses a variant when it is taken out, and is refused one that it has not', async () => {
    const draft = await aDraft()
    const url = `/v1/admin/products/${draft.id}/variants/${draft.variants[0]?.sku}`
    const headers = { 'if-match': '*' }
    assert.deepEqual(bodyOf(await asKeeper({ method: 'DELETE', url, headers })).variants, [])
    assert.equal((await asKeeper({ method: 'DELETE', url, headers })).problem.code, 'sku.unknown')
  })
})

async function eventsOf(id: string): Promise<{ data: { version: number; newSkus: string[] } }[]> {
  return rows(
    api.databases.catalog,
    `select data from catalog.outbox where subject = :id order by position`,
    {
      id,
    },
  )
}

describe('many products', () => {
  it('are published together, each by itself', async () => {
    const [good, bad] = [await aDraft(), await aDraft({ variants: [] })]
    const body = { ids: [good.id, bad.id, 'prod_nobody', good.id], status: 'published' }
    const reply = await asKeeper({ method: 'POST', url: '/v1/admin/products/statuses', body })
    const { data } = reply.body as { data: { id: string; outcome: string; code?: string }[] }
    assert.deepEqual(
      data.map(({ outcome, code }) => [outcome, code]),
      [
        ['changed', undefined],
        ['refused', 'product.not_publishable'],
        ['refused', 'product.not_found'],
      ],
    )
    const again = await asKeeper({ method: 'POST', url: '/v1/admin/products/statuses', body })
    assert.equal((again.body as { data: { outcome: string }[] }).data[0]?.outcome, 'unchanged')
  })

  it('are listed for their keepers by status, page by page', async () => {
    const url = '/v1/admin/products?status=draft&limit=2'
    const first = (await api.ask({ url, headers: reader })).body as {
      data: AdminProduct[]
      page: { next_cursor: string }
    }
    assert.ok(first.data.every(({ status }) => status === 'draft'))
    const next = await api.ask({ url: `${url}&cursor=${first.page.next_cursor}`, headers: reader })
    const ids = (next.body as { data: AdminProduct[] }).data.map(({ id }) => id)
    assert.ok(ids.every((id) => id > (first.data.at(-1)?.id ?? '')))
  })

  it('are nobody’s to see or change without the key for it', async () => {
    assert.equal((await api.ask({ url: '/v1/admin/products' })).status, 401)
    const draft = await aDraft()
    const url = `/v1/admin/products/${draft.id}/publish`
    const refused = await api.ask({ method: 'POST', url, headers: { ...reader, 'if-match': '*' } })
    assert.equal(refused.status, 403)
  })
})

describe('bad input', () => {
  it('is a clear no', async () => {
    const draft = await aDraft()
    const bodies: object[] = [
      {},
      { titel: 'x' },
      { title: ' ' },
      { title: 'x'.repeat(256) },
      { title: 'a\u0000b' },
      { title: 'a\ud800' },
      { slug: 'Not A Slug' },
      { slug: '../etc' },
      { tags: [''] },
      { images: [{ url: 'javascript:alert(1)' }] },
      { images: [{ url: 'https://x.example/a b.png' }] },
      { variants: [{ ...lamp('X'), grams: -1 }] },
      { variants: [{ ...lamp('X'), grams: 1.5 }] },
      { variants: [{ ...lamp(' X') }] },
      { variants: [{ ...lamp('X'), prices: [{ currency: 'XXX', amount: 1 }] }] },
      { variants: [{ ...lamp('X'), prices: [{ currency: 'EUR', amount: -1 }] }] },
      { variants: [{ ...lamp('X'), prices: [{ currency: 'EUR', amount: 1e16 }] }] },
      { variants: [{ ...lamp('X'), size: { length_mm: 1, width_mm: 1 } }] },
      { options: ['a', 'b', 'c', 'd'] },
    ]
    for (const body of bodies) {
      const reply = await change(draft, body)
      assert.equal(reply.status, 400, `${JSON.stringify(body)}: ${reply.text}`)
    }
    for (const body of [{ brand: 'nobody' }, { category: 'nowhere' }]) {
      assert.equal((await change(draft, body)).status, 422)
    }
    assert.equal((await api.ask({ url: '/v1/store/products?colour=red' })).status, 400)
    assert.equal((await api.ask({ url: '/v1/store/products?cursor=%00' })).status, 400)
    assert.equal((await api.ask({ url: '/v1/store/products/%00' })).problem.code, 'request.malformed')
  })
})

describe('what customers see', () => {
  it('can be kept by a CDN, and asked whether it is still true', async () => {
    const { slug } = await aPublished({ description_html: '<p>Hello</p>' })
    const url = `/v1/store/products/${slug}`
    const first = await api.ask({ url })
    assert.match(String(first.headers['cache-control']), /^public, max-age=10, s-maxage=60/)
    const tag = String(first.headers.etag)
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`]) {
      const again = await api.ask({ url, headers: { 'if-none-match': known } })
      assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', tag])
    }
    await rows(api.databases.catalog, 'update catalog.variants set available = not available')
    const changed = await api.ask({ url, headers: { 'if-none-match': tag } })
    assert.equal(changed.status, 200)
    assert.notEqual(changed.headers.etag, tag)
  })

  it('is not kept when it is a problem, or somebody’s own', async () => {
    const missing = await api.ask({ url: '/v1/store/products/nothing' })
    assert.equal(missing.headers['cache-control'], undefined)
    const own = await api.ask({ url: '/v1/admin/products', headers: reader })
    assert.equal(own.headers['cache-control'], 'no-store')
  })

  it('has what the product has', async () => {
    const { slug } = await aPublished({
      options: ['Colour'],
      tags: ['new'],
      type: 'Lamp',
      images: [{ url: 'https://cdn.example/a.jpg', alt: 'A lamp' }],
      variants: [
        {
          sku: 'SEEN-1',
          choices: ['Red'],
          grams: 1,
          barcode: '4006381333931',
          prices: [{ currency: 'EUR', amount: 900, compare_at: 1200 }],
        },
      ],
    })
    const { body } = await api.ask({ url: `/v1/store/products/${slug}` })
    const { variants, ...rest } = body as { id: string; variants: object[] }
    assert.deepEqual(rest, {
      id: rest.id,
      slug,
      title: `Desk lamp ${made}`,
      description: '',
      brand: '',
      type: 'Lamp',
      tags: ['new'],
      options: ['Colour'],
      images: [{ url: 'https://cdn.example/a.jpg', alt: 'A lamp' }],
    })
    assert.deepEqual(variants, [
      {
        sku: 'SEEN-1',
        title: 'Red',
        choices: ['Red'],
        barcode: '4006381333931',
        grams: 1,
        prices: [{ amount: 900, currency: 'EUR' }],
        compare_at_prices: [{ amount: 1200, currency: 'EUR' }],
        availability: 'out_of_stock',
      },
    ])
  })
})
