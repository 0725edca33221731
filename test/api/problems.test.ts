import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { factsOverHttp, problemStatus, refusalProblem } from '../../api/problems.ts'
import { refusalCodes } from '../../domain/refusals.ts'
import { aCart, aProduct, berlin, openApi, order, paidBy } from '../support/api.ts'
import type { Reply, TestApi } from '../support/api.ts'

let api: TestApi

before(async () => {
  api = await openApi()
  await aProduct(api.databases, { sku: 'MUG', units: 10 })
})
after(() => api.close())

const pointers = (reply: Reply): string[] =>
  (reply.problem['errors'] as { in: string; pointer: string }[]).map(
    (error) => `${error.in} ${error.pointer}`,
  )

test('answers a wrong body with a pointer to everything that is wrong in it', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const body = {
    email: 'nobody',
    shipping_address: { name: 'Ada', line1: ' ', city: 'Berlin', country: 'Germany', street: 'x' },
    payment: { payment_method: '4242424242424242' },
    expected_total: { amount: 19.99, currency: 'XXX' },
    coupon: 'SPRING',
  }
  const wrong = await order(api, { cart, body })
  assert.equal(wrong.status, 400)
  assert.equal(wrong.problem.code, 'request.invalid')
  assert.deepEqual(pointers(wrong).sort(), [
    'body #/coupon',
    'body #/email',
    'body #/expected_total/amount',
    'body #/expected_total/currency',
    'body #/payment/payment_method',
    'body #/shipping_address/country',
    'body #/shipping_address/line1',
    'body #/shipping_address/postal_code',
    'body #/shipping_address/street',
  ])
  for (const one of wrong.problem['errors'] as { detail: string }[]) assert.match(one.detail, /\.$/)
})

test('does not take text for numbers in a body', async () => {
  const cart = await aCart(api)
  for (const quantity of ['2', 0, -1, 1.5, 10_000, null]) {
    const wrong = await api.ask({
      method: 'POST',
      url: `${cart.url}/lines`,
      headers: cart.headers,
      body: { sku: 'MUG', quantity },
    })
    assert.equal(wrong.status, 400, `quantity ${quantity}`)
    assert.deepEqual(pointers(wrong), ['body #/quantity'])
  }
})

test('says which part of a query is wrong', async () => {
  for (const limit of ['0', '101', 'ten', '1.5', '']) {
    const wrong = await api.ask({ url: `/v1/store/products?limit=${limit}` })
    assert.equal(wrong.status, 400, limit)
    assert.deepEqual(pointers(wrong), ['query #/limit'])
  }
  const cursor = await api.ask({ url: '/v1/store/products?cursor=bm90IG91cnM' })
  assert.deepEqual(pointers(cursor), ['query #/cursor'])
})

test('keeps no card number in free text', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const noted = await order(api, {
    cart,
    body: { shipping_address: { ...berlin, line2: 'card 4242 4242 4242 4242' } },
  })
  assert.deepEqual(pointers(noted), ['body #/shipping_address/line2'])
  assert.ok(!noted.text.includes('4242'))
})

test('answers as problems what never reaches a route', async () => {
  const cart = await aCart(api)
  const json = { 'content-type': 'application/json', ...cart.headers }
  const lines = { method: 'POST', url: `${cart.url}/lines` } as const
  const tries = [
    { ask: { url: '/nowhere' }, status: 404, code: 'route.not_found' },
    { ask: { url: '/v1/store/carts/%ZZ' }, status: 400, code: 'request.malformed' },
    { ask: { method: 'DELETE', url: '/v1/store/products' }, status: 405, code: 'route.method_not_allowed' },
    { ask: { ...lines, headers: json, body: '{"sku":' }, status: 400, code: 'request.malformed' },
    { ask: { ...lines, headers: json, body: '{"__proto__":{}}' }, status: 400, code: 'request.malformed' },
    { ask: { ...lines, headers: json, body: '' }, status: 400, code: 'request.invalid' },
    { ask: { ...lines, headers: json, body: ' '.repeat(65_537) }, status: 413, code: 'request.too_large' },
    {
      ask: { ...lines, headers: { ...json, 'content-type': 'text/plain' }, body: 'sku' },
      status: 415,
      code: 'request.unsupported_media_type',
    },
  ] as const
  for (const { ask, status, code } of tries) {
    const answer = await api.ask(ask)
    assert.equal(answer.status, status, code)
    const { problem } = answer
    assert.equal(problem.code, code)
    assert.equal(problem.status, status)
    assert.equal(problem.request_id, answer.headers['x-request-id'] ?? problem.request_id)
    assert.match(problem.type, /^urn:cartwright:problem:/)
  }
  const wrongMethod = await api.ask({ method: 'DELETE', url: '/v1/store/products' })
  assert.equal(wrongMethod.headers['allow'], 'GET, HEAD')
})

test('says nothing about an accident but that it happened', async () => {
  const { tokens } = api.services
  const { sign } = tokens
  try {
    tokens.sign = () => {
      throw new Error('a secret of ours')
    }
    const answer = await api.ask({ method: 'POST', url: '/v1/store/carts', body: {} })
    assert.equal(answer.status, 500)
    assert.equal(answer.problem.code, 'internal')
    assert.ok(!answer.text.includes('secret'))
    assert.ok(!answer.text.includes('at '))
    assert.ok(
      api.logged.some((line) => line.includes('a secret of ours')),
      'the log has it',
    )
  } finally {
    tokens.sign = sign
  }
})

test('writes no person, token or key into its log', async () => {
  const cart = await aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
  const placed = await order(api, { cart, body: paidBy('pm_card_visa') })
  const { id, order_token: token } = placed.body as { id: string; order_token: string }
  await api.ask({ url: `/orders/${id}?token=${token}` })
  // An accident in the database, whose message and detail quote the row.
  await api.databases.order.raw(
    'alter table orders.carts add constraint no_more check (version < 0) not valid',
  )
  const secrets = { authorization: 'Bearer ck_secret', ...cart.headers }
  const broken = await api.ask({
    method: 'PUT',
    url: (await openCart()).url,
    headers: { ...secrets, ...(await openCart()).headers },
    body: { ...berlin, name: 'Grace Hopper' },
  })
  await api.databases.order.raw('alter table orders.carts drop constraint no_more')
  assert.equal(broken.status, 500)
  const log = api.logged.join('')
  assert.match(log, /no_more/)
  for (const secret of [
    'ada@example.com',
    'Torstraße',
    'Grace',
    token,
    cart.headers['x-cart-token'] ?? '-',
    'ck_secret',
  ]) {
    assert.ok(!log.includes(secret), secret)
  }
})

let open: Awaited<ReturnType<typeof aCart>> | undefined
async function openCart(): Promise<Awaited<ReturnType<typeof aCart>>> {
  if (open) return open
  const cart = await api.databases.order('orders.carts').where({ status: 'open' }).first<{ id: string }>('id')
  const token = api.services.tokens.sign('cart', cart.id)
  open = { id: cart.id, url: `/v1/store/carts/${cart.id}/address`, headers: { 'x-cart-token': token } }
  return open
}

test('has a status for every refusal of the shop', () => {
  for (const code of refusalCodes) assert.ok(problemStatus[code] >= 400 && problemStatus[code] < 600, code)
})

test('writes facts as HTTP does, with money where the currency is known', () => {
  const totals = { totalMinor: 2590, subtotalMinor: 2000 }
  assert.deepEqual(
    factsOverHttp({ orderId: 'ord_1', totals, currency: 'EUR', lines: [{ unitsLeft: 1 }], none: null }),
    {
      order_id: 'ord_1',
      totals: { total: { amount: 2590, currency: 'EUR' }, subtotal: { amount: 2000, currency: 'EUR' } },
      currency: 'EUR',
      lines: [{ units_left: 1 }],
      none: null,
    },
  )
  assert.deepEqual(factsOverHttp({ totalMinor: 1 }), { total_minor: 1 })
  const named = refusalProblem({
    code: 'order.closed',
    detail: 'x',
    facts: { status: 'cancelled', code: 'y' },
  })
  assert.equal(named.toBody('req').status, 409, 'no fact takes the place of a member')
})
