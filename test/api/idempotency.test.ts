import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { OrderView } from '../../api/schemas/order-views.ts'
import { aCart, aProduct, berlin, openApi, order, paidBy } from '../support/api.ts'
import type { CartHandle, Reply, TestApi } from '../support/api.ts'

let api: TestApi

before(async () => {
  api = await openApi()
  await aProduct(api.databases, { sku: 'MUG', units: 1000 })
})
afterEach(() => {
  Object.assign(api.flows, { down: false, slow: false, before: async () => {} })
})
after(() => api.close())

const aFullCart = (): Promise<CartHandle> => aCart(api, { lines: [{ sku: 'MUG', quantity: 1 }] })
const idOf = (reply: Reply): string => (reply.body as OrderView).id

/** Holds the next order in the middle of its work; `go` lets it on, `begun` resolves when it has got there. */
function held(): { begun: Promise<void>; go: () => void } {
  let go = (): void => {}
  let arrive = (): void => {}
  const begun = new Promise<void>((resolve) => (arrive = resolve))
  const gate = new Promise<void>((resolve) => (go = resolve))
  api.flows.before = () => {
    arrive()
    return gate
  }
  return { begun, go: () => go() }
}

test('does the work of twenty simultaneous duplicates once', async () => {
  const cart = await aFullCart()
  const opened = api.flows.opened
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => order(api, { cart, body: paidBy('pm_card_visa'), key: 'twenty' })),
  )
  const done = answers.filter((answer) => answer.status === 201)
  const others = answers.filter((answer) => answer.status !== 201)
  assert.ok(done.length >= 1)
  assert.equal(new Set(done.map(idOf)).size, 1)
  for (const other of others) {
    assert.equal(other.status, 409)
    assert.equal(other.problem.code, 'idempotency.in_flight')
    assert.ok(Number(other.headers['retry-after']) >= 1)
  }
  assert.equal(api.flows.opened, opened + 1)
})

test('replays an answer byte for byte, refusals too', async () => {
  const cart = await aFullCart()
  const first = await order(api, { cart, body: paidBy('pm_card_visa'), key: 'replay' })
  const second = await order(api, { cart, body: paidBy('pm_card_visa'), key: 'replay' })
  assert.equal(second.text, first.text)
  assert.equal(second.status, first.status)
  for (const name of ['location', 'etag', 'content-type'])
    assert.equal(second.headers[name], first.headers[name])
  assert.equal(first.headers['idempotency-replayed'], undefined)
  assert.equal(second.headers['idempotency-replayed'], 'true')

  const declined = { cart: await aFullCart(), body: paidBy('pm_card_visa_chargeDeclined'), key: 'declined' }
  const refused = await order(api, declined)
  const again = await order(api, declined)
  assert.equal(refused.status, 402)
  assert.equal(again.status, 402)
  assert.equal(again.text, refused.text)
  assert.equal(again.headers['content-type'], refused.headers['content-type'])
  assert.equal(again.headers['idempotency-replayed'], 'true')
})

test('refuses a key that was used for another body', async () => {
  const cart = await aFullCart()
  await order(api, { cart, key: 'other' })
  const other = await order(api, { cart, key: 'other', body: { email: 'grace@example.com' } })
  assert.equal(other.status, 422)
  assert.equal(other.problem.code, 'idempotency.key_reused')
})

test('keeps the same key of two callers apart', async () => {
  const one = await order(api, { cart: await aFullCart(), key: 'same' })
  const two = await order(api, { cart: await aFullCart(), key: 'same' })
  assert.equal(two.status, 201)
  assert.notEqual(idOf(two), idOf(one))
})

test('asks for a key where there is an effect', async () => {
  const cart = await aFullCart()
  const body = { cart_id: cart.id, email: 'ada@example.com', shipping_address: berlin }
  const without = await api.ask({ method: 'POST', url: '/v1/store/orders', headers: cart.headers, body })
  assert.equal(without.status, 400)
  assert.equal(without.problem.code, 'idempotency.key_required')
})

test('says that a request is in flight while it is, and answers afterwards', async () => {
  const cart = await aFullCart()
  const { begun, go } = held()
  const first = order(api, { cart, key: 'flight' })
  await begun
  const second = await order(api, { cart, key: 'flight' })
  assert.equal(second.status, 409)
  assert.equal(second.problem.code, 'idempotency.in_flight')
  go()
  assert.equal((await first).status, 201)
  const third = await order(api, { cart, key: 'flight' })
  assert.equal(third.headers['idempotency-replayed'], 'true')
})

test('attaches to the same order once the lease of a lost request has ended', async () => {
  const cart = await aFullCart()
  const { begun, go } = held()
  const lost = order(api, { cart, body: paidBy('pm_card_visa'), key: 'lease' })
  await begun
  const opened = api.flows.opened
  // What is left of a process that was killed in the middle: a row, and a lease that nobody ends.
  await api.databases
    .accounts('accounts.idempotency_keys')
    .where({ key: 'lease' })
    .update({ leased_until: '2000-01-01' })
  const repeat = order(api, { cart, body: paidBy('pm_card_visa'), key: 'lease' })
  go()
  const [one, two] = [await lost, await repeat]
  assert.deepEqual([one.status, two.status], [201, 201])
  assert.equal(idOf(one), idOf(two))
  assert.equal(one.text, two.text, 'both are given the answer that is kept')
  assert.equal(api.flows.opened, opened + 1)
})

test('does not keep what is our fault', async () => {
  const cart = await aFullCart()
  api.flows.down = true
  assert.equal((await order(api, { cart, key: 'fault' })).status, 503)
  api.flows.down = false
  const opened = api.flows.opened
  assert.equal((await order(api, { cart, key: 'fault' })).status, 201)
  assert.equal(api.flows.opened, opened + 1)
})

test('answers for the order that it found, when the cart had one', async () => {
  const cart = await aFullCart()
  const open = await order(api, { cart })
  api.flows.slow = true
  const accepted = await order(api, { cart, body: paidBy('pm_card_visa'), key: 'found' })
  assert.equal(accepted.status, 202)
  assert.equal(idOf(accepted), idOf(open))
  api.flows.slow = false
  const repeat = await order(api, { cart, body: paidBy('pm_card_visa'), key: 'found' })
  assert.equal(repeat.status, 201)
  assert.equal(idOf(repeat), idOf(open))
  assert.equal((repeat.body as OrderView).status, 'confirmed')
})
