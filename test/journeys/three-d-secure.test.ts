import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import { handleOf } from '../../dev/customer.ts'
import type { OrderHandle } from '../../dev/customer.ts'
import { rows } from '../../store/db.ts'
import { readPayment } from '../../store/payments.ts'
import type { OrderId } from '../../domain/ids.ts'
import { assertSettled } from '../support/books.ts'
import { sell } from '../support/goods.ts'
import { clientOf, until } from '../support/stripe.ts'
import { openShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'

const challenging = 'pm_card_authenticationRequired'

describe('a shop to which providers talk', () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ parcelStepMs: 700 })
    await sell(shop.databases, { sku: 'LANTERN', units: 50 })
  })
  afterEach(() => assertSettled(shop))
  after(() => shop?.close())

  /** An order whose payment waits for the bank. */
  async function challenged(card = challenging): Promise<{ order: OrderHandle; url: string }> {
    const cart = await shop.customer.fill([{ sku: 'LANTERN', quantity: 1 }])
    const reply = await shop.customer.order(cart, { email: 'ada@bank.example', card })
    assert.equal(reply.status, 200)
    const { status, payment } = reply.body
    assert.equal(status, 'pending_payment')
    return { order: handleOf(reply), url: payment?.next_action?.url ?? '' }
  }

  const choose = (url: string, outcome: 'pass' | 'fail' | 'leave'): Promise<Response> =>
    fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome }) })

  async function paymentOf(order: OrderHandle) {
    return (await shop.customer.readOrder(order)).body.payment
  }

  it('gives a customer his order when he passes the check of his bank, though nobody but the provider tells us', async () => {
    const { order, url } = await challenged()
    assert.deepEqual(await paymentOf(order), { next_action: { kind: 'redirect', url } })
    await choose(url, 'pass')

    const { status, payment } = (await shop.customer.readOrder(order, { wait: 'settled' })).body
    assert.deepEqual([status, payment], ['confirmed', undefined])
    const types = (await shop.customer.timeline(order)).body.data.map(({ type }) => type)
    assert.deepEqual(types.slice(0, 4), [
      'Order Placed',
      'Payment Challenged',
      'Payment Processed',
      'Order Confirmed',
    ])
  })

  it('gives him his order when he comes back and pays again with the same card, and charges him once', async () => {
    const { order, url } = await challenged()
    await choose(url, 'pass')
    const paid = await shop.customer.pay(order, { card: challenging })

    assert.deepEqual([paid.status, paid.body.status], [201, 'confirmed'])
  })

  it('tells him that he failed, and takes another card', async () => {
    const { order, url } = await challenged()
    await choose(url, 'fail')
    while ((await paymentOf(order))?.declined === undefined) await sleep(50)

    assert.deepEqual(await paymentOf(order), { declined: 'payment_intent_authentication_failure' })
    const paid = await shop.customer.pay(order, { card: 'pm_card_visa' })
    assert.deepEqual([paid.status, paid.body.status], [201, 'confirmed'])
  })

  it('lets him leave the bank’s page, and cancel', async () => {
    const { order, url } = await challenged()
    await choose(url, 'leave')
    const cancelled = await shop.customer.ask<{ status: string }>(
      'POST',
      `/v1/store/orders/${order.id}/cancel`,
      { headers: { 'x-order-token': order.token, 'idempotency-key': `cancel ${order.id}` }, body: {} },
    )

    assert.equal(cancelled.body.status, 'cancelled')
    const late = await (await choose(url, 'pass')).text()
    assert.match(late, /Nothing to do here/)
  })

  it('believes no news that somebody invents', async () => {
    const { order, url } = await challenged()
    const payment = await readPayment(shop.databases.order, order.id as OrderId)
    const invented = { id: 'evt_invented', object: 'event', type: 'payment_intent.succeeded', created: 1 }
    const forged = await fetch(`${shop.api}/v1/hooks/stripe`, {
      method: 'POST',
      headers: { 'stripe-signature': `t=${Math.floor(Date.now() / 1000)},v1=00` },
      body: JSON.stringify({ ...invented, data: { object: { id: payment?.intentId } } }),
    })
    assert.equal(forged.status, 400)
    assert.equal((await shop.customer.readOrder(order)).body.status, 'pending_payment')

    await choose(url, 'pass')
    assert.equal((await shop.customer.readOrder(order, { wait: 'settled' })).body.status, 'confirmed')
  })

  it('loses nothing when its workers are killed while he is at the bank', async () => {
    const { order, url } = await challenged()
    const killed = shop.killWorkers()
    await choose(url, 'pass')
    await killed

    assert.equal((await shop.customer.readOrder(order, { wait: 'settled' })).body.status, 'confirmed')
  })

  async function bought(): Promise<OrderHandle> {
    const cart = await shop.customer.fill([{ sku: 'LANTERN', quantity: 1 }])
    return handleOf(await shop.customer.order(cart, { email: 'ada@hooks.example', card: 'pm_card_visa' }))
  }

  async function attentionOf(order: OrderHandle): Promise<string> {
    for (;;) {
      const [row] = await rows<{ reason: string | null }>(
        shop.databases.order,
        `select attention_reason as reason from orders.orders where id = :id and needs_attention`,
        { id: order.id },
      )
      if (row) return row.reason ?? ''
      await sleep(50)
    }
  }

  it('brings a parcel to its door, though nobody asks the carrier', async () => {
    const order = await bought()
    while ((await shop.customer.readOrder(order)).body.status !== 'delivered') await sleep(50)
  })

  it('shows an admin a refund that was made over there, and a dispute', async () => {
    const [refunded, disputed] = [await bought(), await bought()]
    const { order: db } = shop.databases
    const intentOf = async ({ id }: OrderHandle): Promise<string> =>
      (await readPayment(db, id as OrderId))?.intentId ?? ''
    const stripe = clientOf(shop.stripe, shop.config.stripe.apiKey)
    await stripe.refunds.create({ payment_intent: await intentOf(refunded), amount: 500 })
    await shop.stripe.send(`payment_intents/${await intentOf(disputed)}/dispute`, {})

    assert.match(await attentionOf(refunded), /€5\.00 were refunded at the payment provider/)
    assert.match(await attentionOf(disputed), /The customer disputes/)
    assert.equal((await readPayment(db, refunded.id as OrderId))?.refundedMinor, 500)
    // Lists are brought up to date once a second.
    const { workflow } = shop.temporal.client
    const listed = async (): Promise<number> => (await workflow.count(`WorkflowType = 'providerEvent'`)).count
    await until(async () => (await listed()) >= 2)
    assert.equal(await listed(), 2)
  })
})
