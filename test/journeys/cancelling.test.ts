import assert from 'node:assert/strict'
import { afterEach, before, describe, it } from 'node:test'
import type { OrderView } from '../../api/schemas/order-views.ts'
import { handleOf } from '../../dev/customer.ts'
import type { OrderHandle, Reply } from '../../dev/customer.ts'
import { cancellationsOf } from '../../store/cancellations.ts'
import { rows } from '../../store/db.ts'
import type { OrderId } from '../../domain/ids.ts'
import { assertSettled } from '../support/books.ts'
import { sell } from '../support/goods.ts'
import { levelOf } from '../support/parts.ts'
import { sharedShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'

describe('cancelling', () => {
  let shop: TestShop
  before(async () => {
    shop = await sharedShop()
  })
  afterEach(() => assertSettled(shop))

  let number = 0
  async function anOrder(
    quantity = 3,
  ): Promise<{ order: OrderHandle; sku: string; view: OrderView; email: string }> {
    number += 1
    const email = `cancel${number}@shop.example`
    const sku = await sell(shop.databases, { sku: `CANCEL-${number}`, units: 10, priceMinor: 1999 })
    const cart = await shop.customer.fill([{ sku, quantity }])
    const reply = await shop.customer.order(cart, { email, card: 'pm_card_visa' })
    return { order: handleOf(reply), sku, view: reply.body, email }
  }

  const cancel = (
    { id, token }: OrderHandle,
    body: object = {},
    key: string = crypto.randomUUID(),
  ): Promise<Reply<OrderView>> =>
    shop.customer.ask('POST', `/v1/store/orders/${id}/cancel`, {
      headers: { 'x-order-token': token, 'idempotency-key': key },
      body,
    })

  const journal = async (orderId: string): Promise<[string, number][]> => {
    const entries = await rows<{ kind: string; amount: number }>(
      shop.databases.order,
      `select kind, amount_minor as amount from payments.journal where order_id = :orderId order by position`,
      { orderId },
    )
    return entries.map(({ kind, amount }) => [kind, amount])
  }
  const mailsTo = async (email: string): Promise<string[]> => {
    const found = (await shop.mailbox.deeds('smtp.data')).filter(({ detail }) =>
      JSON.stringify(detail).includes(email),
    )
    return found.map(({ detail }) => String(detail['messageId']))
  }

  it('gives all of it back: the money, the goods, a mail that says so', async () => {
    const { order, sku, view, email } = await anOrder()
    const total = view.total?.amount ?? 0

    const cancelled = await cancel(order, { reason: 'ordered twice' })
    assert.equal(cancelled.status, 202)
    assert.match(cancelled.body.status, /^cancel/)
    await assertSettled(shop)

    const now = (await shop.customer.readOrder(order)).body
    assert.equal(now.status, 'cancelled')
    assert.deepEqual(await levelOf(shop.databases.inventory, sku), { onHand: 10, reserved: 0 })
    assert.deepEqual(await journal(order.id), [
      ['authorized', total],
      ['captured', total],
      ['refunded', total],
    ])
    const types = (await shop.customer.timeline(order)).body.data.map(({ type }) => type)
    for (const type of [
      'Cancellation Requested',
      'Order Cancelled',
      'Refund Processed',
      'Cancellation Completed',
    ]) {
      assert.ok(types.includes(type), `${type} in ${types.join(', ')}`)
    }
    assert.equal((await mailsTo(email)).filter((id) => id.startsWith('<refund.rfd_')).length, 1)
    assert.equal((await cancel(order)).body.status, 'cancelled', 'the same answer as the first time')
  })

  it('gives parts of it back, and with the last of them the shipping', async () => {
    const { order, sku, view } = await anOrder(3)
    const [line] = view.lines
    const one = { lines: [{ line_id: line?.id, quantity: 1 }] }

    const first = await cancel(order, one)
    assert.deepEqual([first.status, first.body.status], [202, 'confirmed'])
    assert.equal(first.body.lines[0]?.cancelled_quantity, 1)
    await assertSettled(shop)
    assert.deepEqual(await levelOf(shop.databases.inventory, sku), { onHand: 10, reserved: 2 })
    await cancel(order, one)
    await assertSettled(shop)
    const last = await cancel(order, one)
    assert.match(last.body.status, /^cancel/)
    await assertSettled(shop)

    const total = view.total?.amount ?? 0
    assert.deepEqual((await journal(order.id)).slice(2), [
      ['refunded', 1999],
      ['refunded', 1999],
      ['refunded', total - 2 * 1999],
    ])
    assert.equal((await shop.customer.readOrder(order)).body.status, 'cancelled')
    assert.deepEqual(await levelOf(shop.databases.inventory, sku), { onHand: 10, reserved: 0 })
  })

  it('waits out a payment provider that is down, and then gives the money back', async () => {
    const { order, view } = await anOrder()
    await assertSettled(shop)
    await shop.stripe.fault({ operation: 'refunds.create', kind: 'status', status: 503, count: 5 })

    assert.match((await cancel(order)).body.status, /^cancel/)
    await assertSettled(shop)

    assert.equal((await shop.customer.readOrder(order)).body.status, 'cancelled')
    assert.deepEqual((await journal(order.id)).at(-1), ['refunded', view.total?.amount])
  })

  it('lets exactly one of ten clicks cancel it', async () => {
    const { order } = await anOrder()
    const replies = await Promise.all(Array.from({ length: 10 }, () => cancel(order)))
    await assertSettled(shop)

    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [202])
    const begun = await cancellationsOf(shop.databases.order, order.id as OrderId)
    assert.deepEqual(
      begun.map(({ status }) => status),
      ['done'],
    )
  })
})
