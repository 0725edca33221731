import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { serviceNames } from '../../config.ts'
import { handleOf } from '../../dev/customer.ts'
import { rows } from '../../store/db.ts'
import { services } from '../../workers/services.ts'
import { assertSettled } from '../support/books.ts'
import { sell } from '../support/goods.ts'
import { levelOf } from '../support/parts.ts'
import { openShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'

describe('five services apart', () => {
  let shop: TestShop
  before(async () => {
    shop = await openShop({ apart: true, parcelStepMs: 500 })
  })
  after(() => shop?.close())

  it('bring goods from the cart to the door, with five processes and six databases', async () => {
    const { customer, databases } = shop
    const sku = await sell(databases, { sku: 'APART', units: 5 })
    const cart = await customer.fill([{ sku, quantity: 2 }])
    const placed = await customer.order(cart, { email: 'ada@apart.example', card: 'pm_card_visa' })
    assert.deepEqual([placed.status, placed.body.status], [201, 'confirmed'])
    const order = handleOf(placed)
    while ((await customer.readOrder(order)).body.status !== 'delivered') await sleep(50)
    await assertSettled(shop)

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
    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 3, reserved: 0 })
    const mails = await rows<{ kind: string }>(databases.notification, 'select kind from notifications.mails')
    assert.deepEqual(mails.map(({ kind }) => kind).sort(), ['confirmation', 'shipped'])
  })

  it('let go of an order that nobody pays, though its stock is kept elsewhere', async () => {
    const { customer, databases } = shop
    const sku = await sell(databases, { sku: 'APART-LET-GO', units: 5 })
    const cart = await customer.fill([{ sku, quantity: 5 }])
    const order = handleOf(await customer.order(cart, { email: 'ben@apart.example' }))
    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 5, reserved: 5 })
    const headers = { 'x-order-token': order.token, 'idempotency-key': 'let go' }
    await customer.ask('POST', `/v1/store/orders/${order.id}/cancel`, { headers, body: {} })
    await assertSettled(shop)

    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 5, reserved: 0 })
  })

  it('see nothing of each other: neither a schema nor a database', async () => {
    for (const service of serviceNames) {
      const own = await rows<{ schema: string }>(
        shop.databases[service],
        `select nspname as schema from pg_namespace
         where nspname !~ '^pg_' and nspname not in ('information_schema', 'public') order by 1`,
      )
      assert.deepEqual(
        own.map(({ schema }) => schema),
        [...services[service].schemas].sort(),
      )

      for (const other of ['accounts', ...serviceNames].filter((name) => name !== service)) {
        const url = new URL(shop.config.databases[service].url)
        url.pathname = `/${other}`
        const client = new pg.Client({ connectionString: url.href })
        await assert.rejects(client.connect(), /permission denied for database/, `${service} sees ${other}`)
      }
    }
  })
})
