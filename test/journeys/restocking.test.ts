import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import { sku as asSku, warehouseId } from '../../domain/ids.ts'
import { createApiKey } from '../../store/accounts.ts'
import { replenishStockId } from '../../workflows/stock-contract.ts'
import { assertSettled } from '../support/books.ts'
import { sell } from '../support/goods.ts'
import { openShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'

interface Shortage {
  readonly id: string
  readonly status: string
  readonly suggested_quantity: number
  readonly purchase_order_id?: string
}
interface Order {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly sent_at?: string
}
interface Page<Row> {
  readonly data: readonly Row[]
}

describe('restocking', () => {
  let shop: TestShop
  let authorization = ''
  before(async () => {
    shop = await openShop()
    const { secret } = await createApiKey(shop.databases.accounts, { name: 'test', permissions: ['*'] })
    authorization = `Bearer ${secret}`
  })
  afterEach(() => assertSettled(shop))
  after(() => shop?.close())

  const get = async <Body>(url: string): Promise<Body> =>
    (await shop.customer.ask<Body>('GET', `/v1/admin${url}`, { headers: { authorization } })).body
  const send = async <Body>(
    method: 'POST' | 'PUT',
    url: string,
    body: unknown = {},
    headers: Record<string, string> = {},
  ): Promise<Body> => {
    const more = { authorization, 'idempotency-key': randomUUID(), ...headers }
    return (await shop.customer.ask<Body>(method, `/v1/admin${url}`, { body, headers: more })).body
  }

  /** Waits for what a workflow does behind an answer. */
  async function seen<Thing>(look: () => Promise<Thing | undefined | false>): Promise<Thing> {
    const deadline = Date.now() + 40_000
    for (;;) {
      const thing = await look()
      if (thing) return thing
      assert.ok(Date.now() < deadline, `never seen: ${look.toString()}`)
      await sleep(50)
    }
  }

  /** Something on sale that somebody sells us, kept at ten or more. */
  async function aProduct(name: string, units: number): Promise<string> {
    const sku = await sell(shop.databases, { sku: name, units })
    const place = {
      name: 'Berlin',
      line1: 'Westhafenstr. 1',
      city: 'Berlin',
      postal_code: '13353',
      country: 'DE',
    }
    const { version } = await get<{ version: number }>('/warehouses/berlin')
    const warehouse = { name: 'Berlin', rank: 10, address: place }
    await send('PUT', '/warehouses/berlin', warehouse, { 'if-match': `"${version}"` })
    const supplier = { email: `${name.toLowerCase()}@supplier.example`, currency: 'EUR', lead_time_days: 9 }
    const { id } = await send<{ id: string }>('POST', '/suppliers', { ...supplier, name, active: true })
    const item = { unit_cost: { amount: 450, currency: 'EUR' }, pack_size: 6, minimum_quantity: 12, rank: 10 }
    await send('PUT', `/suppliers/${id}/items/${sku}`, item, { 'if-match': '"0"' })
    const settings = { safety_stock: 2, reorder_point: 10, order_up_to: 40, replenished: true }
    await send('PUT', `/stock/berlin/${sku}/settings`, settings, { 'if-match': '"1"' })
    return sku
  }

  const shortageOf = async (sku: string): Promise<Shortage> =>
    seen(async () => (await get<Page<Shortage>>(`/replenishments?sku=${sku}`)).data[0])
  const isForSale = async (sku: string): Promise<boolean> => {
    const products = (await shop.customer.products('?limit=100')).body.data
    const variant = products.flatMap(({ variants }) => variants).find((each) => each.sku === sku)
    return variant?.availability === 'in_stock'
  }

  async function mailsTo(email: string): Promise<{ id: string; subject: string; text: string }[]> {
    const read = async (path: string): Promise<unknown> => (await fetch(`${shop.mailbox.url}${path}`)).json()
    const { mails } = (await read(`/api/mails?to=${email}&limit=1000`)) as { mails: { id: string }[] }
    return Promise.all(mails.map(({ id }) => read(`/api/mails/${id}`))) as never
  }

  it('goes from sold out to for sale again: check, alert, approval, order, three deliveries', async () => {
    const sku = await aProduct('MUG', 12)
    const cart = await shop.customer.fill([{ sku, quantity: 12 }])
    const bought = await shop.customer.order(cart, { email: 'ada@example.com', card: 'pm_card_visa' })
    assert.equal(bought.body.status, 'confirmed')
    await seen(async () => !(await isForSale(sku)))

    await send('POST', '/stock-check/trigger')
    const shortage = await shortageOf(sku)
    assert.deepEqual([shortage.status, shortage.suggested_quantity], ['waiting', 42])
    const digest = await seen(async () => (await mailsTo('stock@example.com'))[0])
    assert.match(digest.text, /MUG/)
    assert.equal(digest.subject, '1 item runs low; 1 to decide about')
    const { running, recent_runs: runs } = await get<{ running: string[]; recent_runs: unknown[] }>(
      '/stock-check',
    )
    assert.ok(running.length + runs.length > 0)

    await send('POST', `/replenishments/${shortage.id}/approve`, { quantity: 48 })
    const { purchase_order_id: orderId } = await shortageOf(sku)
    const order = await seen(async () => {
      const now = await get<Order>(`/purchase-orders/${orderId}`)
      return now.sent_at !== undefined && now
    })
    const [mail, ...more] = await mailsTo('mug@supplier.example')
    assert.ok(mail && more.length === 0)
    assert.ok(mail.subject.includes(order.number) && /48/.test(mail.text), mail.text)
    const raw = await (await fetch(`${shop.mailbox.url}/api/mails/${mail.id}/raw`)).text()
    assert.ok(raw.includes(`${order.number}.pdf`) && raw.includes('application/pdf'))

    const receive = (lines: object): Promise<Order> =>
      send<Order>('POST', `/purchase-orders/${order.id}/receipts`, { lines: [{ sku, ...lines }] })
    assert.equal((await receive({ received: 20 })).status, 'partly_received')
    await seen(() => isForSale(sku))
    assert.equal((await receive({ received: 20 })).status, 'partly_received')
    assert.equal((await receive({ received: 4, damaged: 4 })).status, 'received')

    await seen(async () => (await shortageOf(sku)).status === 'fulfilled')
    const level = await get<Record<string, number>>(`/stock/berlin/${sku}`)
    const { on_hand, available, damaged, incoming } = level
    assert.deepEqual(
      { on_hand, available, damaged, incoming },
      { on_hand: 56, available: 44, damaged: 4, incoming: 0 },
    )
    const story = shop.temporal.client.workflow.getHandle(
      replenishStockId({ sku: asSku(sku), warehouseId: warehouseId('berlin') }),
    )
    assert.equal(((await story.result()) as { outcome: string }).outcome, 'ordered')
  })

  it('writes one purchase order and one mail when the workers are killed between the two', async () => {
    const sku = await aProduct('KETTLE', 4)
    await send('POST', '/stock-check/trigger')
    const { id } = await shortageOf(sku)
    // The mail server takes its time: the order stands in the books by then, and nobody was told.
    await seen(async () => (await mailsTo('stock@example.com')).some(({ text }) => text.includes(sku)))
    await shop.mailbox.fault({ operation: 'smtp.rcpt', kind: 'delay', delayMs: 30_000 })

    await send('POST', `/replenishments/${id}/approve`)
    await seen(async () => (await shop.mailbox.faults()).some(({ fired }) => fired > 0))
    const { purchase_order_id: orderId } = await shortageOf(sku)
    const before = await get<Order>(`/purchase-orders/${orderId}`)
    const told = await mailsTo('kettle@supplier.example')
    await shop.killWorkers()

    assert.deepEqual([before.sent_at, told.length], [undefined, 0])
    await seen(async () => (await get<Order>(`/purchase-orders/${orderId}`)).sent_at)
    assert.equal((await mailsTo('kettle@supplier.example')).length, 1)
    const { data } = await get<Page<Order & { lines: { sku: string }[] }>>('/purchase-orders?limit=100')
    assert.equal(data.filter(({ lines }) => lines.some((line) => line.sku === sku)).length, 1)
  })

  it('is one shortage and one order, though the check is triggered three times at once and three approve', async () => {
    const sku = await aProduct('LAMP', 0)
    await Promise.all([1, 2, 3].map(() => send('POST', '/stock-check/trigger')))
    const { id } = await shortageOf(sku)
    const approvals = await Promise.allSettled(
      [1, 2, 3].map(() => send('POST', `/replenishments/${id}/approve`)),
    )
    assert.equal(approvals.filter(({ status }) => status === 'fulfilled').length, 1)
    await send('POST', '/stock-check/trigger')
    await seen(async () => (await get<{ running: string[] }>('/stock-check')).running.length === 0)

    assert.equal((await get<Page<Shortage>>(`/replenishments?sku=${sku}`)).data.length, 1)
    const { data } = await get<Page<Order & { lines: { sku: string }[] }>>('/purchase-orders?limit=100')
    assert.equal(data.filter(({ lines }) => lines.some((line) => line.sku === sku)).length, 1)
    await seen(async () => (await mailsTo('lamp@supplier.example')).length === 1)
  })

  it('tells an order that a count took its goods away, and asks somebody to look', async () => {
    const sku = await sell(shop.databases, { sku: 'GHOST', units: 3 })
    const cart = await shop.customer.fill([{ sku, quantity: 2 }])
    const { id } = (await shop.customer.order(cart, { email: 'ada@example.com', card: 'pm_card_visa' })).body
    const count = { sku, warehouse_id: 'berlin', counted: 1, reason: 'inventory day' }
    const { orders_without_stock: taken } = await send<{ orders_without_stock: unknown }>(
      'POST',
      '/stock/counts',
      count,
    )
    assert.deepEqual(taken, [{ order_id: id, quantity: 2 }])
    const order = await seen(async () => {
      const now = await get<{ needs_attention: boolean; attention_reason?: string }>(`/orders/${id}`)
      return now.needs_attention && now
    })
    assert.match(order.attention_reason ?? '', /a count took 2 of GHOST in berlin away/)
    const { data } = await get<Page<{ type: string }>>(`/orders/${id}/timeline`)
    assert.equal(data.filter(({ type }) => type === 'Reservation Taken').length, 1)
  })
})
