import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OrderView } from '../../api/schemas/order-views.ts'
import { newId } from '../../store/ids.ts'
import { aCart, aProduct, berlin, openApi, order, paidBy } from '../support/api.ts'
import type { CartHandle, Reply, TestApi } from '../support/api.ts'

let api: TestApi

before(async () => {
  api = await openApi()
  await aProduct(api.databases, { sku: 'MUG', prices: { EUR: 1000, JPY: 3000 }, units: 1000 })
})
afterEach(() => {
  Object.assign(api.flows, { down: false, slow: false, before: async () => {} })
})
after(() => api.close())

const aFullCart = (): Promise<CartHandle> => aCart(api, { lines: [{ sku: 'MUG', quantity: 2 }] })
const orderIn = (reply: Reply): OrderView => reply.body as OrderView
const eur = (amount: number) => ({ amount, currency: 'EUR' })

/** The path of an order and the token that opens it, from the answer that made it. */
function handleOf(reply: Reply) {
  const { id, order_token: token = '' } = orderIn(reply)
  return { id, url: `/v1/store/orders/${id}`, headers: { 'x-order-token': token } }
}

let keys = 0
function pay(
  handle: ReturnType<typeof handleOf>,
  method: string,
  key = `pay-${(keys += 1)}`,
): Promise<Reply> {
  return api.ask({
    method: 'POST',
    url: `${handle.url}/payment`,
    headers: { ...handle.headers, 'idempotency-key': key },
    body: { payment_method: method },
  })
}

test('places an order that waits for its payment, with its frozen total and its end', async () => {
  const cart = await aFullCart()
  const placed = await order(api, { cart })
  assert.equal(placed.status, 201)
  const view = orderIn(placed)
  assert.equal(view.status, 'pending_payment')
  assert.deepEqual(view.total, eur(2860))
  assert.deepEqual(view.totals?.subtotal, eur(2000))
  assert.deepEqual(view.totals?.shipping, eur(860))
  assert.ok(Date.parse(view.expires_at ?? '') > Date.now())
  assert.deepEqual(view.shipping_address, berlin)
  assert.equal(placed.headers['location'], `/v1/store/orders/${view.id}`)
  assert.ok(view.order_token)
})

test('places and pays in one request', async () => {
  const placed = await order(api, { cart: await aFullCart(), body: paidBy('pm_card_visa') })
  assert.equal(placed.status, 201)
  assert.equal(orderIn(placed).status, 'confirmed')
  assert.equal(orderIn(placed).expires_at, undefined)
})

test('pays an order afterwards, and closes its cart', async () => {
  const cart = await aFullCart()
  const handle = handleOf(await order(api, { cart }))
  const paid = await pay(handle, 'pm_card_visa')
  assert.equal(paid.status, 201)
  assert.equal(orderIn(paid).status, 'confirmed')
  assert.equal(orderIn(paid).order_token, undefined, 'the token is in the first answer only')

  const change = await api.ask({
    method: 'POST',
    url: `${cart.url}/lines`,
    headers: cart.headers,
    body: { sku: 'MUG', quantity: 1 },
  })
  assert.equal(change.status, 409)
  assert.equal(change.problem.code, 'cart.closed')
  const shown = await api.ask({ url: cart.url, headers: cart.headers })
  assert.equal((shown.body as { status: string }).status, 'ordered')
})

test('answers 402 to a declined card, with what it takes to try another one', async () => {
  const declined = await order(api, { cart: await aFullCart(), body: paidBy('pm_card_visa_chargeDeclined') })
  assert.equal(declined.status, 402)
  const { code, order_id: id, order_token: token, expires_at: until, tries_left: left } = declined.problem
  assert.equal(code, 'payment.declined')
  assert.equal(left, 4)
  assert.equal(typeof until, 'string')
  const handle = {
    id: String(id),
    url: `/v1/store/orders/${String(id)}`,
    headers: { 'x-order-token': String(token) },
  }
  const again = await pay(handle, 'pm_card_visa_chargeDeclined')
  assert.equal(again.status, 402)
  assert.equal(again.problem['order_token'], undefined)
  assert.equal((await pay(handle, 'pm_card_visa')).status, 201)
})

test('answers 200 with the next action when the bank wants something first', async () => {
  const asked = await order(api, { cart: await aFullCart(), body: paidBy('pm_card_authenticationRequired') })
  assert.equal(asked.status, 200)
  assert.equal(orderIn(asked).status, 'pending_payment')
  const { payment } = orderIn(asked)
  assert.deepEqual(payment, { next_action: { kind: 'redirect', url: 'https://bank.example/challenge' } })
  const later = await pay(handleOf(asked), 'pm_card_authenticationRequired')
  assert.equal(later.status, 200)
})

test('answers 202 with the place to look when the budget runs out, and the verdict to a repeat', async () => {
  const cart = await aFullCart()
  api.flows.slow = true
  const accepted = await order(api, { cart, body: paidBy('pm_card_visa'), key: 'slow' })
  assert.equal(accepted.status, 202)
  const { id, order_token: token } = accepted.body as { id: string; order_token: string }
  assert.equal(accepted.headers['location'], `/v1/store/orders/${id}`)
  assert.ok(accepted.headers['retry-after'])
  const waited = await api.ask({
    url: `/v1/store/orders/${id}?wait=settled`,
    headers: { 'x-order-token': token },
  })
  assert.equal(orderIn(waited).status, 'confirmed')

  api.flows.slow = false
  const repeat = await order(api, { cart, body: paidBy('pm_card_visa'), key: 'slow' })
  assert.equal(repeat.status, 201)
  assert.deepEqual([orderIn(repeat).id, orderIn(repeat).status], [id, 'confirmed'])
  assert.equal(repeat.headers['idempotency-replayed'], undefined, 'a 202 for want of time is not kept')
})

test('answers 202 to a payment whose budget runs out, and the verdict to a repeat', async () => {
  const handle = handleOf(await order(api, { cart: await aFullCart() }))
  const payNow = () => pay(handle, 'pm_card_visa', 'slow payment')
  api.flows.slow = true
  const accepted = await payNow()
  api.flows.slow = false

  assert.equal(accepted.status, 202, accepted.text)
  assert.equal(`/v1/store/orders/${(accepted.body as { id: string }).id}`, handle.url)
  assert.equal(accepted.headers['location'], handle.url)
  const repeat = await payNow()
  assert.deepEqual([repeat.status, orderIn(repeat).status], [201, 'confirmed'])
})

test('orders at the price of the catalog, whatever the cart showed a moment ago', async () => {
  const sku = await aProduct(api.databases, { sku: 'LAMP', prices: { EUR: 1000 } })
  const cart = await aCart(api, { lines: [{ sku, quantity: 1 }] })
  await api.databases.catalog('catalog.prices').where({ sku }).update({ amount_minor: 1100 })
  const placed = await order(api, { cart })
  assert.deepEqual(orderIn(placed).totals?.subtotal, eur(1100))
})

test('refuses what cannot be ordered', async () => {
  const empty = await order(api, { cart: await aCart(api) })
  assert.equal(empty.status, 422)
  assert.equal(empty.problem.code, 'cart.empty')

  const sku = await aProduct(api.databases, { sku: 'FEW', units: 5 })
  const cart = await aCart(api, { lines: [{ sku, quantity: 5 }] })
  await api.databases.inventory('inventory.stock_levels').where({ sku }).update({ on_hand: 3 })
  const short = await order(api, { cart })
  assert.equal(short.status, 409)
  assert.equal(short.problem.code, 'stock.insufficient')
  assert.deepEqual(short.problem['shortages'], [{ sku, wanted: 5, available: 3 }])

  await api.databases.catalog('catalog.products').where({ slug: 'few' }).update({ status: 'archived' })
  const gone = await order(api, { cart })
  assert.equal(gone.status, 422)
  assert.equal(gone.problem.code, 'sku.unknown')

  const far = await order(api, {
    cart: await aFullCart(),
    body: { shipping_address: { ...berlin, country: 'AQ' } },
  })
  assert.equal(far.status, 422)
  assert.equal(far.problem.code, 'shipping.no_service')
})

test('compares the total with the one that was shown, and tells the new one', async () => {
  const cart = await aFullCart()
  const other = await order(api, { cart, body: { expected_total: eur(1) } })
  assert.equal(other.status, 409)
  assert.equal(other.problem.code, 'order.total_changed')
  assert.deepEqual((other.problem['totals'] as { total: unknown }).total, eur(2860))

  const yen = await order(api, { cart, body: { expected_total: { amount: 2860, currency: 'JPY' } } })
  assert.equal(yen.status, 400)
  assert.deepEqual(
    (yen.problem['errors'] as { pointer: string }[]).map((error) => error.pointer),
    ['#/expected_total/currency'],
  )
  const right = await order(api, { cart, body: { expected_total: eur(2860) } })
  assert.equal(right.status, 201)
  const since = await order(api, { cart, body: { expected_total: eur(1) } })
  assert.equal(since.problem.code, 'order.total_changed')
})

test('takes the rate that was chosen, and asks anew for one that was shown for another parcel', async () => {
  const cart = await aFullCart()
  const headers = cart.headers
  await api.ask({ method: 'PUT', url: `${cart.url}/address`, headers, body: berlin })
  const shown = await api.ask({ url: `${cart.url}/shipping-rates`, headers })
  const { data } = shown.body as { data: { id: string; service: string }[] }
  const express = data.find((rate) => rate.service === 'Express')
  const placed = await order(api, { cart, body: { shipping_rate_id: express?.id } })
  assert.deepEqual(orderIn(placed).shipping_rate, {
    carrier: 'USPS',
    service: 'Express',
    amount: eur(2580),
    source: 'carrier',
  })
  const elsewhere = await order(api, {
    cart,
    body: { shipping_rate_id: express?.id, shipping_address: { ...berlin, line1: 'Elsewhere 1' } },
  })
  const rate = { carrier: 'USPS', service: 'Priority', amount: eur(860), source: 'carrier', delivery_days: 2 }
  assert.deepEqual(orderIn(elsewhere).shipping_rate, rate)
})

test('leaves the question for a rate to the order when the carrier does not answer soon, or does not go', async (t) => {
  const { answer } = api.carrier
  t.after(() => (api.carrier.answer = answer))
  for (const silence of [
    () => Promise.reject(Object.assign(new Error('no answer'), { name: 'ProviderFault' })),
    () => Promise.resolve({ outcome: 'no_service' as const, code: 'ADDRESS' }),
  ]) {
    api.carrier.answer = silence
    const placed = await order(api, { cart: await aFullCart() })
    assert.equal(orderIn(placed).shipping_rate?.source, 'table')
  }
})

test('gives the open order of a cart to whoever checks out again, and pays it', async () => {
  const cart = await aFullCart()
  const first = await order(api, { cart })
  const again = await order(api, { cart })
  assert.equal(again.status, 201)
  assert.equal(orderIn(again).id, orderIn(first).id)
  const paid = await order(api, { cart, body: paidBy('pm_card_visa') })
  assert.deepEqual(
    [paid.status, orderIn(paid).id, orderIn(paid).status],
    [201, orderIn(first).id, 'confirmed'],
  )

  const late = await order(api, { cart })
  assert.equal(late.status, 409)
  assert.equal(late.problem.code, 'cart.closed')
})

test('lets the open order go when the cart changed, and orders what is in it now', async () => {
  const cart = await aFullCart()
  const first = await order(api, { cart })
  await api.ask({
    method: 'POST',
    url: `${cart.url}/lines`,
    headers: cart.headers,
    body: { sku: 'MUG', quantity: 1 },
  })
  const second = await order(api, { cart })
  assert.equal(second.status, 201)
  assert.notEqual(orderIn(second).id, orderIn(first).id)
  assert.equal(orderIn(second).lines[0]?.quantity, 3)

  const old = await api.ask({ url: handleOf(first).url, headers: handleOf(first).headers })
  assert.equal(orderIn(old).status, 'cancelled')
  assert.equal(orderIn(old).end_reason, 'superseded by a changed cart')
})

test('lets the open order go when it was to go elsewhere, or to somebody else', async () => {
  const cart = await aFullCart()
  const first = await order(api, { cart })
  const moved = await order(api, { cart, body: { shipping_address: { ...berlin, city: 'Potsdam' } } })
  assert.notEqual(orderIn(moved).id, orderIn(first).id)
  assert.equal(orderIn(moved).shipping_address.city, 'Potsdam')
  const renamed = await order(api, { cart, body: { email: 'grace@example.com' } })
  assert.notEqual(orderIn(renamed).id, orderIn(first).id)
  assert.equal(orderIn(renamed).email, 'grace@example.com')
})

test('opens one order for simultaneous checkouts of one cart, and gives it to all of them', async () => {
  const cart = await aFullCart()
  const opened = api.flows.opened
  const answers = await Promise.all(Array.from({ length: 8 }, () => order(api, { cart })))
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([201]))
  assert.equal(new Set(answers.map((answer) => orderIn(answer).id)).size, 1)
  assert.equal(api.flows.opened, opened + 1)
})

test('names one order to simultaneous checkouts of one cart that all run out of time', async () => {
  const cart = await aFullCart()
  let release = (): void => {}
  api.flows.before = () => new Promise<void>((resolve) => (release = resolve))
  api.flows.slow = true
  const answers = await Promise.all(
    ['one', 'two', 'three'].map((key) => order(api, { cart, key: `late ${key}` })),
  )
  api.flows.slow = false
  api.flows.before = async () => {}
  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 202, 202],
  )
  const [id, ...others] = new Set(answers.map((answer) => (answer.body as { id: string }).id))
  assert.deepEqual(others, [])
  release()
  for (const key of ['one', 'two', 'three']) {
    const repeat = await order(api, { cart, key: `late ${key}` })
    assert.deepEqual([repeat.status, orderIn(repeat).id], [201, id])
  }
})

test('tells whoever was promised an order why it was never opened, and orders the cart all the same', async () => {
  const cart = await aFullCart()
  let release = (): void => {}
  api.flows.before = () => new Promise<void>((resolve) => (release = resolve))
  api.flows.slow = true
  const accepted = handleOf(await order(api, { cart, key: 'overtaken' }))
  api.flows.slow = false
  api.flows.before = async () => {}
  const early = await api.ask({ url: accepted.url, headers: accepted.headers })
  assert.deepEqual([early.status, early.problem.code], [404, 'order.not_found'])

  const line = { sku: 'MUG', quantity: 1 }
  const more = { method: 'POST', url: `${cart.url}/lines`, headers: cart.headers, body: line } as const
  assert.equal((await api.ask(more)).status, 201)
  release()
  let late = early
  while (late.status === 404) late = await api.ask({ url: accepted.url, headers: accepted.headers })
  assert.deepEqual([late.status, late.problem.code], [409, 'cart.changed'])
  const placed = await order(api, { cart, key: 'anew' })
  assert.equal(placed.status, 201)
  assert.notEqual(orderIn(placed).id, accepted.id)
})

test('waits for the verdict, and gives up when the time is over or the order is there', async () => {
  const handle = handleOf(await order(api, { cart: await aFullCart() }))
  const waiting = api.ask({ url: `${handle.url}?wait=settled`, headers: handle.headers })
  await sleep(50)
  await pay(handle, 'pm_card_visa')
  assert.equal(orderIn(await waiting).status, 'confirmed')

  const odd = await api.ask({ url: `${handle.url}?wait=forever`, headers: handle.headers })
  assert.equal(odd.status, 400)
})

test('tells what happened to an order', async () => {
  const handle = handleOf(await order(api, { cart: await aFullCart(), body: paidBy('pm_card_visa') }))
  const timeline = await api.ask({ url: `${handle.url}/timeline`, headers: handle.headers })
  assert.equal(timeline.status, 200)
  const { data } = timeline.body as { data: { version: number; type: string; status: string; at: string }[] }
  assert.deepEqual(data[0] && { ...data[0], at: '' }, {
    version: 1,
    type: 'Order Placed',
    status: 'pending_payment',
    at: '',
    actor: 'customer',
  })
  assert.equal(data.at(-1)?.status, 'confirmed')
  assert.ok(data.every((entry) => !Number.isNaN(Date.parse(entry.at))))
})

test('tells what happens to an order as it happens, until nothing more can', async () => {
  const handle = handleOf(await order(api, { cart: await aFullCart() }))
  const watching = api.ask({ url: `${handle.url}/events`, headers: handle.headers })
  await sleep(50)
  const headers = { ...handle.headers, 'idempotency-key': 'watched' }
  await api.ask({ method: 'POST', url: `${handle.url}/cancel`, headers })
  const stream = await watching
  assert.equal(stream.headers['content-type'], 'text/event-stream')
  const events = stream.text.split('\n\n').filter((event) => event.startsWith('id: '))
  const entries = events.map((event) => JSON.parse(event.split('data: ')[1] ?? '') as { type: string })
  assert.deepEqual(
    entries.map(({ type }) => type),
    ['Order Placed', 'Order Cancelled'],
  )
  assert.match(events[1] ?? '', /^id: 2\ndata: /)

  const resumed = await api.ask({
    url: `${handle.url}/events`,
    headers: { ...handle.headers, 'last-event-id': '1' },
  })
  assert.ok(!resumed.text.includes('id: 1') && resumed.text.includes('id: 2'))
  const over = await api.ask({
    url: `${handle.url}/events`,
    headers: { ...handle.headers, 'last-event-id': '2' },
  })
  assert.equal(over.status, 204)
})

test('cancels an order that is not paid, once', async () => {
  const handle = handleOf(await order(api, { cart: await aFullCart() }))
  const cancel = (key: string, body: object | undefined) =>
    api.ask({
      method: 'POST',
      url: `${handle.url}/cancel`,
      headers: { ...handle.headers, 'idempotency-key': key },
      body,
    })
  const part = await cancel('part', { lines: [{ line_id: 'line_1', quantity: 1 }] })
  assert.equal(part.problem.code, 'order.not_cancellable')
  const done = await cancel('all', { reason: 'changed my mind' })
  assert.equal(done.status, 202)
  assert.equal(orderIn(done).status, 'cancelled')
  assert.equal(orderIn(done).end_reason, 'changed my mind')
  assert.equal((await cancel('all', { reason: 'changed my mind' })).headers['idempotency-replayed'], 'true')
  assert.equal((await cancel('again', undefined)).status, 202)

  const after = await pay(handle, 'pm_card_visa')
  assert.equal(after.status, 409)
  assert.equal(after.problem.code, 'order.closed')
})

test('begins to cancel an order that is paid, and says so', async () => {
  const handle = handleOf(await order(api, { cart: await aFullCart(), body: paidBy('pm_card_visa') }))
  const headers = { ...handle.headers, 'idempotency-key': 'late' }
  const late = await api.ask({ method: 'POST', url: `${handle.url}/cancel`, headers, body: {} })
  assert.equal(late.status, 202)
  assert.equal(orderIn(late).status, 'cancelling')
})

test('shows an order to nobody without its token, and an unknown one to nobody at all', async () => {
  const cart = await aFullCart()
  const mine = handleOf(await order(api, { cart }))
  const other = handleOf(await order(api, { cart: await aFullCart() }))
  const tries = [
    { url: mine.url, headers: {} },
    { url: mine.url, headers: other.headers },
    { url: mine.url, headers: cart.headers },
    { url: `${mine.url}/timeline`, headers: other.headers },
    { url: '/v1/store/orders/nonsense', headers: mine.headers },
  ]
  for (const request of tries) {
    const denied = await api.ask(request)
    assert.equal(denied.status, 404)
    assert.equal(denied.problem.code, 'order.not_found')
  }
  const paid = await pay({ ...mine, headers: other.headers }, 'pm_card_visa')
  assert.equal(paid.status, 404)

  const stranger = await aFullCart()
  const stolen = await order(api, { cart: { ...cart, headers: stranger.headers } })
  assert.equal(stolen.status, 404)
  assert.equal(stolen.problem.code, 'cart.not_found')

  const unborn = newId('ord')
  const promised = await api.ask({
    url: `/v1/store/orders/${unborn}`,
    headers: { 'x-order-token': api.services.tokens.sign('order', unborn) },
  })
  assert.equal(promised.status, 404)
  assert.equal(promised.headers['retry-after'], '1')
})

test('says 503 while workflows cannot be reached, and goes on selling what needs none', async () => {
  const cart = await aFullCart()
  const handle = handleOf(await order(api, { cart: await aFullCart() }))
  api.flows.down = true
  const down = await order(api, { cart, key: 'down' })
  assert.equal(down.status, 503)
  assert.equal(down.problem.code, 'service.unavailable')
  assert.equal(down.headers['retry-after'], '5')
  assert.equal((await pay(handle, 'pm_card_visa')).status, 503)
  assert.equal((await api.ask({ url: '/v1/store/products' })).status, 200)
  assert.equal((await api.ask({ url: cart.url, headers: cart.headers })).status, 200)
  assert.equal((await api.ask({ url: handle.url, headers: handle.headers })).status, 200)
  assert.equal((await api.ask({ url: '/readyz' })).status, 200)

  api.flows.down = false
  assert.equal((await order(api, { cart, key: 'down' })).status, 201, 'the same key goes on where it was')
})

test('gives a key that met an outage an order of its own', async () => {
  const cart = await aFullCart()
  const unlucky = await order(api, { cart, body: paidBy('pm_unlucky'), key: 'unlucky' })
  assert.equal(unlucky.status, 503)
  const [first] = api.flows.asked.slice(-1)
  await order(api, { cart, body: paidBy('pm_unlucky'), key: 'unlucky' })
  const [second] = api.flows.asked.slice(-1)
  assert.notEqual(first?.orderId, second?.orderId)
  assert.equal(first?.updateId, second?.updateId)
})
