import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { berlin, handleOf, insist } from '../../dev/customer.ts'
import type { CartHandle, Customer, OrderHandle, Wishes } from '../../dev/customer.ts'
import type { OrderId } from '../../domain/ids.ts'
import { rows } from '../../store/db.ts'
import { readPayment } from '../../store/payments.ts'
import { clientOf } from './stripe.ts'
import type { TestShop } from './shop.ts'

/** Customers who get what they want however long it takes: each request is repeated, with its key, until it is answered. */

const challenging = 'pm_card_authenticationRequired'

type Wanted = Omit<Wishes, 'email'>

/** A customer's way to his order, up to where nobody but the shop has anything to do. */
export type Story = (shop: TestShop, sku: string) => Promise<void>

export const stories = {
  'pays in one call': async (shop, sku) => {
    await bought(shop, sku, { card: 'pm_card_visa' })
  },
  'passes the challenge of his bank': async (shop, sku) => {
    const { order, url } = await challenged(shop, sku)
    await choose(url, 'pass')
    assert.match(await decided(shop.customer, order), /^(confirmed|shipped|delivered)$/)
  },
  'fails the challenge, and cancels': async (shop, sku) => {
    const { order, url } = await challenged(shop, sku)
    await choose(url, 'leave')
    await cancel(shop.customer, order)
    assert.equal(await decided(shop.customer, order), 'cancelled')
  },
  'is sent no label': async (shop, sku) => {
    const shipTo = { ...berlin, line2: 'label refused' }
    const order = await bought(shop, sku, { card: 'pm_card_visa', shipTo })
    await flagged(shop, order)
  },
  'gets money back that nobody here gave him': async (shop, sku) => {
    const order = await bought(shop, sku, { card: 'pm_card_visa' })
    const payment = await readPayment(shop.databases.order, order.id as OrderId)
    const stripe = clientOf(shop.stripe, shop.config.stripe.apiKey)
    await stripe.refunds.create({ payment_intent: payment?.intentId ?? '', amount: 100 })
    await flagged(shop, order)
  },
} as const satisfies Readonly<Record<string, Story>>

let buyers = 0

async function placed(shop: TestShop, sku: string, wanted: Wanted) {
  buyers += 1
  const wishes = { email: `buyer${buyers}@patient.example`, key: `place ${buyers}`, ...wanted }
  const cart: CartHandle = await shop.customer.fill([{ sku, quantity: 1 }])
  return insist(() => shop.customer.order(cart, wishes))
}

async function bought(shop: TestShop, sku: string, wanted: Wanted): Promise<OrderHandle> {
  const reply = await placed(shop, sku, wanted)
  assert.deepEqual([reply.status, reply.body.status], [201, 'confirmed'])
  return handleOf(reply)
}

/** An order whose payment waits for the bank. */
async function challenged(shop: TestShop, sku: string): Promise<{ order: OrderHandle; url: string }> {
  const reply = await placed(shop, sku, { card: challenging })
  assert.equal(reply.body.status, 'pending_payment')
  return { order: handleOf(reply), url: reply.body.payment?.next_action?.url ?? '' }
}

/** On the page of the bank. */
const choose = (url: string, outcome: 'pass' | 'fail' | 'leave'): Promise<Response> =>
  fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome }) })

const cancel = (customer: Customer, { id, token }: OrderHandle) =>
  customer.ask<{ status: string }>('POST', `/v1/store/orders/${id}/cancel`, {
    headers: { 'x-order-token': token, 'idempotency-key': `cancel ${id}` },
    body: {},
  })

/** Waits until an order is paid or has ended, and answers how it stands then. */
async function decided(customer: Customer, order: OrderHandle): Promise<string> {
  for (;;) {
    const { body } = await insist(() => customer.readOrder(order, { wait: 'settled' }))
    if (body.status !== 'pending_payment') return body.status
    await sleep(50)
  }
}

/** Waits until an admin is asked to look at an order, and answers why. */
async function flagged({ databases }: TestShop, { id }: OrderHandle): Promise<string> {
  for (;;) {
    const [row] = await rows<{ reason: string | null }>(
      databases.order,
      `select attention_reason as reason from orders.orders where id = :id and needs_attention`,
      { id },
    )
    if (row) return row.reason ?? ''
    await sleep(50)
  }
}
