import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import { berlin, handleOf, insist } from '../../dev/customer.ts'
import type { OrderHandle } from '../../dev/customer.ts'
import { seedCatalog } from '../../dev/seed.ts'
import type { OrderId } from '../../domain/ids.ts'
import type { OrderStatus } from '../../domain/orders.ts'
import { placeOrderId } from '../../workflows/contract.ts'
import { assertSettled } from '../support/books.ts'
import { emptyShelf, sell } from '../support/goods.ts'
import { aLineTo } from '../support/line.ts'
import { levelOf } from '../support/parts.ts'
import { openShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'

const visa = 'pm_card_visa'

describe('buying', () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ parcelStepMs: 700 })
    await seedCatalog(shop.databases)
  })
  afterEach(() => assertSettled(shop))
  after(() => shop?.close())

  async function untilItIs(order: OrderHandle, status: OrderStatus): Promise<void> {
    while ((await shop.customer.readOrder(order)).body.status !== status) await sleep(50)
  }

  interface Mail {
    readonly subject: string
    readonly text: string
    readonly html: string
  }

  /** The mails that somebody got, oldest first. */
  async function mailsTo(email: string): Promise<Mail[]> {
    const read = async (path: string): Promise<unknown> => (await fetch(`${shop.mailbox.url}${path}`)).json()
    const { mails } = (await read(`/api/mails?to=${email}`)) as { mails: { id: string }[] }
    const opened = await Promise.all(mails.map(({ id }) => read(`/api/mails/${id}`)))
    return (opened as Mail[]).reverse()
  }

  it('brings goods from the shop window to the door', async () => {
    const { customer } = shop
    const email = 'ada@journey.example'
    const window = (await customer.products('?limit=20')).body.data
    assert.equal(window.length, 20)
    const [jacket, other] = window.map((product) => product.variants[0]!)
    const cart = await customer.fill([
      { sku: jacket!.sku, quantity: 1 },
      { sku: other!.sku, quantity: 2 },
    ])
    const { lines, subtotal } = (await customer.readCart(cart)).body
    assert.deepEqual(
      lines.map(({ availability }) => availability),
      ['in_stock', 'in_stock'],
    )
    const [rate] = (await customer.ratesTo(cart, berlin)).body.data

    const reply = await customer.order(cart, { email, rateId: rate!.id })
    assert.equal(reply.status, 201)
    const { status, total, totals, number } = reply.body
    assert.equal(status, 'pending_payment')
    assert.equal(total!.amount, subtotal.amount + rate!.amount.amount)
    assert.equal(totals!.tax_included.amount > 0, true)
    const order = handleOf(reply)

    const declined = await customer.pay(order, { card: 'pm_card_visa_chargeDeclined' })
    assert.deepEqual([declined.status, declined.problem.code], [402, 'payment.declined'])
    const paid = await customer.pay(order, { card: visa })
    assert.deepEqual([paid.status, paid.body.status], [201, 'confirmed'])

    await untilItIs(order, 'delivered')
    await assertSettled(shop)
    const { shipments } = (await customer.readOrder(order)).body
    assert.deepEqual(
      shipments.map((parcel) => parcel.status),
      ['delivered'],
    )
    const timeline = (await customer.timeline(order)).body.data
    assert.deepEqual(
      timeline.map(({ type }) => type),
      [
        'Order Placed',
        'Payment Processed',
        'Order Confirmed',
        'Shipment Ready',
        'Shipment Handed Over',
        'Order Shipped',
        'Shipment Delivered',
        'Order Delivered',
      ],
    )
    const [confirmation, shipped, ...more] = await mailsTo(email)
    assert.deepEqual(more, [])
    for (const mail of [confirmation!, shipped!]) {
      assert.match(mail.subject, new RegExp(number))
      for (const line of lines) assert.ok(mail.text.includes(line.name) && mail.html.includes(line.name))
      assert.ok(mail.text.includes(berlin.line1) && mail.html.includes(berlin.line1))
    }
    assert.match(confirmation!.subject, /confirmed/)
    assert.match(shipped!.subject, /on its way/)
    assert.ok(shipped!.text.includes(shipments[0]!.tracking_code))
    const [link] = new RegExp(`http\\S+/orders/${order.id}\\S+`).exec(confirmation!.text) ?? []
    const page = await fetch(link!.replace(/^http:\/\/[^/]+/, shop.api))
    assert.equal(page.status, 200)
    assert.ok((await page.text()).includes(number))
  })

  it('places and pays in one call, and answers a repeat with the same bytes', async () => {
    const { customer, databases } = shop
    const sku = await sell(databases, { sku: 'ONE-CALL', units: 3 })
    const cart = await customer.fill([{ sku, quantity: 2 }])

    const wishes = { email: 'one@journey.example', card: visa, key: 'one-call' }
    const first = await customer.order(cart, wishes)
    const again = await customer.order(cart, wishes)

    assert.deepEqual([first.status, first.body.status], [201, 'confirmed'])
    assert.equal(again.text, first.text)
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    const late = await customer.addLine(cart, { sku, quantity: 1 })
    assert.equal(late.problem.code, 'cart.closed')
  })

  it('lets everything go when nobody pays in time', async () => {
    const { databases } = shop
    const hasty = await shop.door({ HOLD_MS: '1000' })
    const sku = await sell(databases, { sku: 'EXPIRES', units: 5 })
    const cart = await hasty.fill([{ sku, quantity: 5 }])

    const order = handleOf(await hasty.order(cart, { email: 'late@journey.example' }))
    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 5, reserved: 5 })
    await untilItIs(order, 'expired')
    await assertSettled(shop)

    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 5, reserved: 0 })
    assert.equal((await hasty.pay(order, { card: visa })).problem.code, 'hold.expired')
    const next = await shop.customer.order(cart, { email: 'late@journey.example', card: visa })
    assert.equal(next.body.status, 'confirmed')
  })

  it('lets everything go when an operator cancels the workflow, a card that was tried included', async () => {
    const { customer, databases, temporal } = shop
    const sku = await sell(databases, { sku: 'CANCELLED', units: 4 })
    const cart = await customer.fill([{ sku, quantity: 4 }])
    const order = handleOf(await customer.order(cart, { email: 'stop@journey.example' }))
    await customer.pay(order, { card: 'pm_card_visa_chargeDeclined' })

    const handle = temporal.client.workflow.getHandle(placeOrderId(order.id as OrderId))
    await handle.cancel()
    await untilItIs(order, 'cancelled')
    await assertSettled(shop)

    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 4, reserved: 0 })
    const last = (await customer.timeline(order)).body.data.at(-1)
    assert.deepEqual([last?.type, last?.actor], ['Order Cancelled', 'operator'])
    assert.equal((await customer.pay(order, { card: visa })).problem.code, 'order.closed')
  })

  it('sells nothing that is not there', async () => {
    const { customer, databases } = shop
    const none = await sell(databases, { sku: 'NONE-LEFT', units: 0 })
    const gone = await sell(databases, { sku: 'SOON-GONE', units: 2 })
    const cart = await customer.fill([{ sku: gone, quantity: 2 }])

    const refused = await customer.addLine(cart, { sku: none, quantity: 1 })
    assert.deepEqual([refused.status, refused.problem.code], [409, 'stock.insufficient'])

    await emptyShelf(databases.inventory, gone)
    const placed = await customer.order(cart, { email: 'none@journey.example', card: visa })
    assert.deepEqual([placed.status, placed.problem.code], [409, 'stock.insufficient'])
    assert.equal((await customer.readCart(cart)).body.lines[0]?.availability, 'out_of_stock')
  })

  it('lets a changed cart take the place of its unpaid order, with the same last units', async () => {
    const { customer, databases } = shop
    const scarce = await sell(databases, { sku: 'SCARCE', units: 3 })
    const more = await sell(databases, { sku: 'MORE', units: 10 })
    const cart = await customer.fill([{ sku: scarce, quantity: 3 }])
    const email = 'change@journey.example'

    const first = handleOf(await customer.order(cart, { email }))
    const again = await customer.order(cart, { email })
    assert.equal(again.body.id, first.id, 'an unchanged cart has one order')
    await customer.addLine(cart, { sku: more, quantity: 1 })
    const second = await customer.order(cart, { email, card: visa })

    assert.deepEqual([second.status, second.body.status], [201, 'confirmed'])
    assert.notEqual(second.body.id, first.id)
    assert.equal((await customer.readOrder(first)).body.status, 'cancelled')
    await assertSettled(shop)
  })

  it('goes on with shop windows and carts while Temporal is away, and takes the order when it is back', async (t) => {
    const { databases, temporal } = shop
    const sku = await sell(databases, { sku: 'PATIENT', units: 2 })
    const line = await aLineTo(temporal.address)
    t.after(() => line.close())
    const customer = await shop.door({ TEMPORAL_ADDRESS: line.address })
    const before = await customer.fill([{ sku, quantity: 1 }])
    assert.equal((await customer.order(before, { email: 'a@journey.example', card: visa })).status, 201)

    line.cut()
    assert.equal((await customer.products()).status, 200)
    const cart = await customer.fill([{ sku, quantity: 1 }])
    const wishes = { email: 'b@journey.example', card: visa, key: 'patient' }
    const refused = await customer.order(cart, wishes)
    assert.deepEqual([refused.status, refused.problem.code], [503, 'service.unavailable'])
    assert.ok(Number(refused.headers.get('retry-after')) >= 1)

    line.mend()
    const placed = await insist(() => customer.order(cart, wishes))
    assert.deepEqual([placed.status, placed.body.status], [201, 'confirmed'])
  })
})
