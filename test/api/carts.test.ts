import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../store/ids.ts'
import { aCart, aProduct, berlin, openApi } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'

let api: TestApi

before(async () => {
  api = await openApi()
  const prices = { EUR: 1999, JPY: 3000, KWD: 6500 }
  await aProduct(api.databases, { sku: 'MUG', title: 'Mug', prices, units: 8 })
  await aProduct(api.databases, { sku: 'CAP', title: 'Cap', prices: { EUR: 2500 }, units: 50 })
  await aProduct(api.databases, { sku: 'NONE', title: 'Nothing left', units: 0 })
  await aProduct(api.databases, { sku: 'DRAFT', status: 'draft' })
})
after(() => api.close())

test('lists products page by page, each with its variants, prices and availability', async () => {
  const first = await api.ask({ url: '/v1/store/products?limit=2' })
  assert.equal(first.status, 200)
  const { data, page } = first.body as {
    data: { slug: string }[]
    page: { has_more: boolean; next_cursor: string }
  }
  assert.equal(data.length, 2)
  assert.equal(page.has_more, true)
  const second = await api.ask({ url: `/v1/store/products?limit=2&cursor=${page.next_cursor}` })
  const rest = second.body as { data: { slug: string; variants: Record<string, unknown>[] }[]; page: unknown }
  assert.deepEqual(rest.page, { has_more: false })
  assert.deepEqual(
    rest.data.map((product) => product.slug),
    ['none'],
  )
  const [variant] = rest.data[0]?.variants ?? []
  assert.equal(variant?.['sku'], 'NONE')
  assert.deepEqual(variant?.['prices'], [{ amount: 1999, currency: 'EUR' }])
  assert.equal(variant?.['availability'], 'in_stock')
})

test('finds a product by its slug, and says 404 for one that is not published', async () => {
  const found = await api.ask({ url: '/v1/store/products/mug' })
  assert.equal(found.status, 200)
  const missing = await api.ask({ url: '/v1/store/products/draft' })
  assert.equal(missing.status, 404)
  assert.equal(missing.problem.code, 'product.not_found')
})

test('makes a cart, shows its token once, and asks for it from then on', async () => {
  const made = await api.ask({ method: 'POST', url: '/v1/store/carts' })
  assert.equal(made.status, 201)
  const { id, cart_token: token } = made.body as { id: string; cart_token: string }
  assert.equal(made.headers['location'], `/v1/store/carts/${id}`)
  const url = `/v1/store/carts/${id}`
  const mine = await api.ask({ url, headers: { 'x-cart-token': token } })
  assert.equal(mine.status, 200)
  assert.equal(mine.headers['etag'], '"1"')
  assert.equal(mine.headers['cache-control'], 'no-store')
  assert.deepEqual(mine.body, {
    id,
    status: 'open',
    currency: 'EUR',
    version: 1,
    lines: [],
    subtotal: { amount: 0, currency: 'EUR' },
    discounts: [],
  })
  const other = await aCart(api)
  for (const headers of [{}, { 'x-cart-token': 'x' }, other.headers, { 'x-order-token': token }]) {
    const denied = await api.ask({ url, headers })
    assert.equal(denied.status, 404)
    assert.equal(denied.problem.code, 'cart.not_found')
  }
  const unknown = newId('cart')
  const nobodys = await api.ask({
    url: `/v1/store/carts/${unknown}`,
    headers: { 'x-cart-token': api.services.tokens.sign('cart', unknown) },
  })
  assert.equal(nobodys.status, 404)
})

test('adds to the line that a SKU has, at our price, in the currency of the cart', async () => {
  const cart = await aCart(api, { currency: 'KWD', lines: [{ sku: 'MUG', quantity: 2 }] })
  const lines = `${cart.url}/lines`
  const added = await api.ask({
    method: 'POST',
    url: lines,
    headers: cart.headers,
    body: { sku: 'MUG', quantity: 1 },
  })
  assert.equal(added.status, 201)
  assert.equal(added.headers['etag'], '"3"')
  const {
    lines: [line],
    subtotal,
  } = added.body as { lines: [Record<string, unknown>]; subtotal: unknown }
  assert.deepEqual(
    { ...line, id: '' },
    {
      id: '',
      sku: 'MUG',
      name: 'Mug – Blue',
      quantity: 3,
      unit_price: { amount: 6500, currency: 'KWD' },
      total: { amount: 19500, currency: 'KWD' },
      availability: 'in_stock',
      available: 8,
    },
  )
  assert.deepEqual(subtotal, { amount: 19500, currency: 'KWD' })
})

test('refuses a shortage with what is left, and what is not sold', async () => {
  const cart = await aCart(api)
  const add = (sku: string, quantity: number) =>
    api.ask({ method: 'POST', url: `${cart.url}/lines`, headers: cart.headers, body: { sku, quantity } })
  const short = await add('MUG', 9)
  assert.equal(short.status, 409)
  assert.equal(short.problem.code, 'stock.insufficient')
  assert.deepEqual(short.problem['shortages'], [{ sku: 'MUG', wanted: 9, available: 8 }])
  assert.equal((await add('NONE', 1)).problem.code, 'stock.insufficient')
  for (const sku of ['DRAFT', 'NOWHERE']) {
    const unknown = await add(sku, 1)
    assert.equal(unknown.status, 422)
    assert.equal(unknown.problem.code, 'sku.unknown')
  }
})

test('changes a line and takes it out', async () => {
  const cart = await aCart(api, {
    lines: [
      { sku: 'MUG', quantity: 2 },
      { sku: 'CAP', quantity: 1 },
    ],
  })
  const read = await api.ask({ url: cart.url, headers: cart.headers })
  const [mug, cap] = (read.body as { lines: { id: string }[] }).lines
  const line = (id = '') => ({ url: `${cart.url}/lines/${id}`, headers: cart.headers })
  const changed = await api.ask({ method: 'PATCH', ...line(mug?.id), body: { quantity: 5 } })
  assert.equal(changed.status, 200)
  assert.deepEqual((changed.body as { subtotal: unknown }).subtotal, {
    amount: 5 * 1999 + 2500,
    currency: 'EUR',
  })
  const tooMany = await api.ask({ method: 'PATCH', ...line(mug?.id), body: { quantity: 9 } })
  assert.equal(tooMany.problem.code, 'stock.insufficient')

  const removed = await api.ask({ method: 'DELETE', ...line(cap?.id) })
  assert.equal(removed.status, 200)
  assert.equal((removed.body as { lines: unknown[] }).lines.length, 1)
  for (const id of [cap?.id, newId('cline'), 'nonsense']) {
    const missing = await api.ask({ method: 'DELETE', ...line(id) })
    assert.equal(missing.status, 404)
    assert.equal(missing.problem.code, 'cart.line_not_found')
  }
})

test('shows today’s price and what is no longer sold, and raises the version for it', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const sku = await aProduct(api.databases, { sku: 'LAMP', prices: { EUR: 1000 } })
  const cart = await aCart(api, { lines: [{ sku, quantity: 1 }] })
  await api.databases.catalog('catalog.prices').where({ sku }).update({ amount_minor: 1100 })
  t.mock.timers.tick(1_001)
  const dearer = await api.ask({ url: cart.url, headers: cart.headers })
  assert.equal(dearer.headers['etag'], '"3"')
  assert.deepEqual((dearer.body as { subtotal: unknown }).subtotal, { amount: 1100, currency: 'EUR' })
  const same = await api.ask({ url: cart.url, headers: cart.headers })
  assert.equal(same.headers['etag'], '"3"')

  await api.databases.catalog('catalog.products').where({ slug: 'lamp' }).update({ status: 'archived' })
  t.mock.timers.tick(1_001)
  const gone = await api.ask({ url: cart.url, headers: cart.headers })
  const [line] = (gone.body as { lines: { availability: string }[] }).lines
  assert.equal(line?.availability, 'discontinued')
})

test('refuses a change of a version that is not the present one', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const add = (ifMatch: string) =>
    api.ask({
      method: 'POST',
      url: `${cart.url}/lines`,
      headers: { ...cart.headers, 'if-match': ifMatch },
      body: { sku: 'MUG', quantity: 1 },
    })
  const stale = await add('"1"')
  assert.equal(stale.status, 412)
  assert.equal(stale.problem.code, 'precondition.failed')
  assert.equal(stale.problem['version'], 2)
  assert.equal((await add('"2"')).status, 201)
  assert.equal((await add('"7", "3"')).status, 201)
  assert.equal((await add('*')).status, 201)
})

test('loses no unit when twenty are added at once', async () => {
  const cart = await aCart(api)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      api.ask({
        method: 'POST',
        url: `${cart.url}/lines`,
        headers: cart.headers,
        body: { sku: 'CAP', quantity: 1 },
      }),
    ),
  )
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([201]))
  const read = await api.ask({ url: cart.url, headers: cart.headers })
  const { lines, version } = read.body as { lines: { quantity: number }[]; version: number }
  assert.deepEqual([lines.length, lines[0]?.quantity, version], [1, 20, 21])
})

test('takes an address that we ship to, and refuses the others', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const put = (changes: object) =>
    api.ask({
      method: 'PUT',
      url: `${cart.url}/address`,
      headers: cart.headers,
      body: { ...berlin, ...changes },
    })
  const taken = await put({ city: ' Berlin ', line2: '' })
  assert.equal(taken.status, 200)
  assert.deepEqual((taken.body as { shipping_address: unknown }).shipping_address, berlin)
  const version = taken.headers['etag']
  assert.equal((await put({})).headers['etag'], version, 'the same address is no change')

  assert.equal((await put({ country: 'AQ' })).problem.code, 'shipping.no_service')
  const stateless = await put({ country: 'US', postal_code: '94107' })
  assert.equal(stateless.status, 422)
  assert.equal(stateless.problem.code, 'address.region_unknown')
  assert.equal((await put({ country: 'US', region: 'CA' })).status, 200)
})

test('knows no coupon yet', async () => {
  const cart = await aCart(api)
  const url = `${cart.url}/coupon`
  const answer = await api.ask({ method: 'PUT', url, headers: cart.headers, body: { code: 'SPRING' } })
  assert.equal(answer.status, 422)
  assert.equal(answer.problem.code, 'coupon.unknown')
})

test('shows the carrier’s rates in the currency of the cart, the same ones while nothing changes', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const rates = () => api.ask({ url: `${cart.url}/shipping-rates`, headers: cart.headers })
  assert.equal((await rates()).problem.code, 'cart.address_missing')
  await api.ask({ method: 'PUT', url: `${cart.url}/address`, headers: cart.headers, body: berlin })

  const before = api.carrier.quoted
  const first = await rates()
  assert.equal(first.status, 200)
  const { data } = first.body as { data: Record<string, unknown>[] }
  assert.deepEqual(
    data.map(({ carrier, service, amount, delivery_days }) => [carrier, service, amount, delivery_days]),
    [
      ['USPS', 'Priority', { amount: 860, currency: 'EUR' }, 2],
      ['USPS', 'Express', { amount: 2580, currency: 'EUR' }, undefined],
    ],
  )
  assert.ok(data.every(({ id, expires_at }) => typeof id === 'string' && typeof expires_at === 'string'))
  assert.deepEqual((await rates()).body, first.body)
  assert.equal(api.carrier.quoted, before + 1)

  await api.ask({
    method: 'POST',
    url: `${cart.url}/lines`,
    headers: cart.headers,
    body: { sku: 'CAP', quantity: 1 },
  })
  assert.notDeepEqual((await rates()).body, first.body)
})

test('shows our own rates while the carrier is silent, and says when nobody delivers', async () => {
  const { answer } = api.carrier
  try {
    const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
    await api.ask({ method: 'PUT', url: `${cart.url}/address`, headers: cart.headers, body: berlin })
    const rates = () => api.ask({ url: `${cart.url}/shipping-rates`, headers: cart.headers })
    api.carrier.answer = async () => ({ outcome: 'no_service', code: 'ADDRESS.UNKNOWN' })
    assert.equal((await rates()).problem.code, 'shipping.no_service')
    api.carrier.answer = async () => {
      throw Object.assign(new Error('no answer'), { name: 'ProviderFault' })
    }
    const own = await rates()
    assert.equal(own.status, 200)
    const { data } = own.body as { data: { carrier: string }[] }
    assert.deepEqual(
      data.map((rate) => rate.carrier),
      ['Cartwright Table', 'Cartwright Table'],
    )
  } finally {
    api.carrier.answer = answer
  }
})
