import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fastify from 'fastify'
import { guard } from '../../api/plugins/guard.ts'
import { createTokens } from '../../gateways/tokens.ts'
import { revokeApiKey, verifyApiKey } from '../../store/accounts.ts'
import { aCart, aKey, aProduct, openApi, order, paidBy } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'

let api: TestApi

before(async () => {
  api = await openApi({ door: { rateLimitPerMinute: 40, trustedProxies: ['10.0.0.1'] } })
  await aProduct(api.databases, { sku: 'MUG', units: 10 })
})
after(() => api.close())

let network = 0
/** An address that nobody called from yet. */
const somebody = (): string => `198.51.100.${(network += 1)}`
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

test('lets nobody at admin routes without a key, with an unknown one, or with one that may not', async () => {
  const from = somebody()
  const none = await api.ask({ url: '/v1/admin/orders', from })
  assert.equal(none.status, 401)
  assert.equal(none.problem.code, 'auth.required')
  assert.equal(none.headers['www-authenticate'], 'Bearer')
  for (const key of ['nonsense', `ck_${'x'.repeat(43)}`]) {
    const unknown = await api.ask({ url: '/v1/admin/orders', headers: bearer(key), from })
    assert.equal(unknown.status, 401)
    assert.equal(unknown.problem.code, 'auth.invalid_key')
  }
  const stock = await aKey(api.databases, ['stock:read'])
  const forbidden = await api.ask({ url: '/v1/admin/orders', headers: bearer(stock), from })
  assert.equal(forbidden.status, 403)
  assert.equal(forbidden.problem.code, 'auth.forbidden')
  assert.equal(forbidden.problem['needs'], 'orders:read')
  assert.equal((await api.ask({ url: '/v1/admin/stock', headers: bearer(stock), from })).status, 200)
})

test('shows admins all orders, newest first, and one with its timeline', async () => {
  const headers = bearer(await aKey(api.databases, ['*']))
  const from = somebody()
  const placed: string[] = []
  for (const body of [{}, paidBy('pm_card_visa')]) {
    const made = await order(api, { cart: await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] }), body })
    placed.unshift((made.body as { id: string }).id)
  }
  const all: string[] = []
  let cursor = ''
  do {
    const list = await api.ask({ url: `/v1/admin/orders?limit=1${cursor}`, headers, from })
    assert.equal(list.status, 200)
    const { data, page } = list.body as { data: { id: string }[]; page: { next_cursor?: string } }
    all.push(...data.map((one) => one.id))
    cursor = page.next_cursor === undefined ? '' : `&cursor=${page.next_cursor}`
  } while (cursor !== '')
  assert.deepEqual(all, placed)

  const confirmed = await api.ask({ url: '/v1/admin/orders?status=confirmed', headers, from })
  assert.deepEqual(
    (confirmed.body as { data: { id: string }[] }).data.map((one) => one.id),
    [placed[0]],
  )
  const one = await api.ask({ url: `/v1/admin/orders/${placed[0]}`, headers, from })
  const { needs_attention: attention, customer_ref: customer } = one.body as Record<string, unknown>
  assert.equal(attention, false)
  assert.match(String(customer), /^guest:cart_/)
  const timeline = await api.ask({ url: `/v1/admin/orders/${placed[0]}/timeline`, headers, from })
  assert.ok((timeline.body as { data: unknown[] }).data.length >= 2)
  for (const url of ['/v1/admin/orders/nonsense', '/v1/admin/orders/nonsense/timeline']) {
    assert.equal((await api.ask({ url, headers, from })).status, 404)
  }
  const stock = await api.ask({ url: '/v1/admin/stock', headers, from })
  assert.deepEqual(stock.body, {
    data: [
      {
        sku: 'MUG',
        warehouse_id: 'main',
        on_hand: 10,
        reserved: 0,
        available: 10,
        incoming: 0,
        quarantined: 0,
        damaged: 0,
        safety_stock: 0,
        replenished: true,
        low: false,
        suggested_quantity: 0,
        because: [
          '10 of MUG can be sold from main.',
          'None were sold in the last 7 days.',
          'No supplier sells it; a delivery is taken to need 14 days, in which 0 are sold: it is ordered anew at 0.',
          'Nothing asks for more of it.',
        ],
        version: 1,
      },
    ],
    page: { has_more: false },
  })
})

test('forgets a revoked key within seconds', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
  const secret = await aKey(api.databases, ['stock:read'])
  const from = somebody()
  const ask = () => api.ask({ url: '/v1/admin/stock', headers: bearer(secret), from })
  assert.equal((await ask()).status, 200)
  const key = await verifyApiKey(api.databases.accounts, secret)
  await revokeApiKey(api.databases.accounts, key?.id ?? '')
  t.mock.timers.tick(5_001)
  assert.equal((await ask()).status, 401)
})

test('counts callers, tells them what is left, and stops them for a minute', async () => {
  const from = somebody()
  const first = await api.ask({ url: '/healthz', from })
  assert.equal(first.headers['ratelimit-policy'], '"default";q=40;w=60')
  assert.match(String(first.headers['ratelimit']), /^"default";r=39;t=60$/)
  const many = await Promise.all(Array.from({ length: 40 }, () => api.ask({ url: '/nowhere', from })))
  const stopped = many.filter((answer) => answer.status === 429)
  assert.equal(stopped.length, 1, 'addresses that nobody serves count too')
  assert.equal(stopped[0]?.problem.code, 'rate_limit.exceeded')
  assert.ok(Number(stopped[0]?.headers['retry-after']) > 0)
  assert.equal((await api.ask({ url: '/healthz', from: somebody() })).status, 200)
})

test('gives nobody a fresh count for a forged address or an invented key', async () => {
  const from = somebody()
  const forged = await Promise.all(
    Array.from({ length: 41 }, (_, index) =>
      api.ask({ url: '/healthz', from, headers: { 'x-forwarded-for': `203.0.113.${index}` } }),
    ),
  )
  assert.equal(forged.filter((answer) => answer.status === 429).length, 1)
  const other = somebody()
  const invented = await Promise.all(
    Array.from({ length: 41 }, (_, index) =>
      api.ask({ url: '/healthz', from: other, headers: bearer(`ck_${String(index).padStart(43, 'x')}`) }),
    ),
  )
  assert.equal(invented.filter((answer) => answer.status === 429).length, 1)

  const proxy = '10.0.0.1'
  const believed = await Promise.all(
    Array.from({ length: 41 }, (_, index) =>
      api.ask({ url: '/healthz', from: proxy, headers: { 'x-forwarded-for': `203.0.113.${index}` } }),
    ),
  )
  assert.equal(believed.filter((answer) => answer.status === 429).length, 0, 'the proxy is trusted')
})

test('counts a key by itself, wherever it calls from', async () => {
  const headers = bearer(await aKey(api.databases, ['stock:read']))
  await api.ask({ url: '/healthz', headers, from: somebody() })
  const many = []
  for (let call = 0; call < 41; call += 1)
    many.push(await api.ask({ url: '/healthz', headers, from: somebody() }))
  assert.equal(many.filter((answer) => answer.status === 429).length, 1)
})

test('lets in the pages of the sites that it knows, and no others', async () => {
  const preflight = (origin: string) =>
    api.ask({
      method: 'OPTIONS',
      url: '/v1/store/orders',
      from: somebody(),
      headers: { origin, 'access-control-request-method': 'POST' },
    })
  const known = await preflight('https://shop.example')
  assert.equal(known.status, 204)
  assert.equal(known.headers['access-control-allow-origin'], 'https://shop.example')
  assert.match(String(known.headers['access-control-allow-headers']), /Idempotency-Key/)
  for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'null']) {
    assert.equal((await preflight(origin)).headers['access-control-allow-origin'], undefined)
  }
})

test('does not start with a route that says nothing about its permission', async () => {
  const app = fastify()
  await app.register(guard, { tokens: createTokens(['a-key-for-tests-that-is-long-enough']) })
  app.get('/open', { config: { permission: 'public' } }, async () => 'open')
  app.get('/forgotten', async () => 'forgotten')
  await assert.rejects(async () => app.ready(), /GET \/forgotten/)
})
