import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sku as asSku } from '../../domain/ids.ts'
import { activitiesOf } from '../../activities/index.ts'
import type { OrderLineId } from '../../domain/ids.ts'
import { asAdmin } from '../support/admin.ts'
import type { Send } from '../support/admin.ts'
import { aKey, aProduct, openApi } from '../support/api.ts'
import type { TestApi } from '../support/api.ts'
import { anOrderId, assertInvariants } from '../support/parts.ts'

describe('stock over HTTP', () => {
  let api: TestApi
  let secret: string
  before(async () => {
    api = await openApi()
    secret = await aKey(api.databases, ['stock:read', 'stock:write'])
  })
  after(() => api.close())

  const send: Send = (...asked) => asAdmin(api, secret)(...asked)

  interface Level {
    on_hand: number
    reserved: number
    quarantined: number
    damaged: number
    version: number
    low: boolean
    suggested_quantity: number
  }
  const level = async (sku: string): Promise<Level> => (await send('GET', `/stock/main/${sku}`)).body as Level

  /** A SKU with units, and the line in the journal that explains them. */
  async function shelf(sku: string, units: number): Promise<void> {
    await aProduct(api.databases, { sku, units: 0 })
    if (units === 0) return
    const body = { sku, warehouse_id: 'main', quantity: units, expected: 0, reason: 'for a test' }
    assert.equal((await send('POST', '/stock/adjustments', { body })).status, 201)
  }

  it('is adjusted with a reason, once per key, and only from the number that was seen', async () => {
    await shelf('ADJ', 10)
    const body = { sku: 'ADJ', warehouse_id: 'main', quantity: -2, expected: 10, reason: 'two are broken' }
    const headers = { 'idempotency-key': 'adjust-once' }

    const first = await send('POST', '/stock/adjustments', { body, headers })
    const again = await send('POST', '/stock/adjustments', { body, headers })
    const stale = await send('POST', '/stock/adjustments', { body })

    assert.equal(first.status, 201)
    assert.deepEqual([again.status, again.text], [201, first.text])
    assert.deepEqual([stale.status, stale.problem.code, stale.problem['present']], [409, 'stock.changed', 8])
    assert.equal((await level('ADJ')).on_hand, 8)
    const { data } = (await send('GET', '/stock/movements?sku=ADJ&limit=1')).body as {
      data: { quantity: number; kind: string; reason: string }[]
    }
    assert.deepEqual(
      data.map(({ quantity, kind, reason }) => [quantity, kind, reason]),
      [[-2, 'adjusted', 'two are broken']],
    )
  })

  it('refuses numbers that nobody can mean', async () => {
    await shelf('ODD', 3)
    const adjust = { sku: 'ODD', warehouse_id: 'main', expected: 3, reason: 'x' }
    for (const quantity of [0, 1.5, 10_000_000, '3']) {
      const answer = await send('POST', '/stock/adjustments', { body: { ...adjust, quantity } })
      assert.equal(answer.status, 400, String(quantity))
    }
    const count = await send('POST', '/stock/counts', {
      body: { sku: 'ODD', warehouse_id: 'main', counted: -1 },
    })
    const below = await send('POST', '/stock/adjustments', { body: { ...adjust, quantity: -4 } })
    assert.deepEqual([count.status, below.status, below.problem.code], [400, 409, 'stock.insufficient'])
    assert.equal((await level('ODD')).on_hand, 3)
  })

  it('refuses a SKU that a warehouse does not keep, and a warehouse that is not there', async () => {
    await shelf('KNOWN', 3)
    const body = { quantity: 1, expected: 0, reason: 'x' }
    const sku = await send('POST', '/stock/adjustments', {
      body: { ...body, sku: 'NOPE', warehouse_id: 'main' },
    })
    const place = await send('POST', '/stock/transfers', {
      body: { sku: 'KNOWN', from_warehouse_id: 'main', to_warehouse_id: 'atlantis', quantity: 1 },
    })
    assert.deepEqual([sku.status, sku.problem.code], [404, 'stock.level_not_found'])
    assert.deepEqual([place.status, place.problem.code], [422, 'warehouse.unknown'])
  })

  it('names the orders whose goods a count took away', async () => {
    await shelf('CNT', 5)
    const { reserveStock } = activitiesOf.inventory({ db: api.databases.inventory })
    const orderId = anOrderId()
    const lines = [{ lineId: 'line_1' as OrderLineId, sku: asSku('CNT'), quantity: 4 }]
    await reserveStock({ orderId, lines, deadline: '2046-01-01T00:00:00.000Z' })

    const answer = await send('POST', '/stock/counts', {
      body: { sku: 'CNT', warehouse_id: 'main', counted: 3, expected: 5, reason: 'inventory day' },
    })

    assert.equal(answer.status, 201)
    const { orders_without_stock } = answer.body as { orders_without_stock: unknown }
    assert.deepEqual(orders_without_stock, [{ order_id: orderId, quantity: 4 }])
    const { on_hand, reserved } = await level('CNT')
    assert.deepEqual([on_hand, reserved], [3, 0])
  })

  it('goes into quarantine, and to another warehouse', async () => {
    await shelf('MOVE', 10)
    const address = { name: 'W', line1: 'Kai 1', city: 'Kiel', postal_code: '24103', country: 'DE' }
    const made = await send('POST', '/warehouses', { body: { id: 'kiel', name: 'Kiel', rank: 20, address } })
    assert.equal(made.status, 201)
    assert.equal(
      (await send('POST', '/warehouses', { body: { id: 'kiel', name: 'K', rank: 1, address } })).status,
      409,
    )

    const regrade = {
      sku: 'MOVE',
      warehouse_id: 'main',
      from: 'sellable',
      to: 'quarantined',
      quantity: 3,
      reason: 'wet',
    }
    assert.equal((await send('POST', '/stock/regradings', { body: regrade })).status, 201)
    const transfer = { sku: 'MOVE', from_warehouse_id: 'main', to_warehouse_id: 'kiel', quantity: 5 }
    assert.equal((await send('POST', '/stock/transfers', { body: transfer })).status, 201)

    const { on_hand, quarantined } = await level('MOVE')
    assert.deepEqual([on_hand, quarantined], [2, 3])
    const { data } = (await send('GET', '/stock?sku=MOVE')).body as { data: unknown[] }
    assert.equal(data.length, 2)
    await assertInvariants(api.databases)
  })

  it('is ordered anew where an admin says, if nobody said otherwise meanwhile', async () => {
    await shelf('SET', 4)
    const url = '/stock/main/SET/settings'
    const body = { safety_stock: 2, reorder_point: 5, order_up_to: 20, replenished: true }

    assert.equal((await send('PUT', url, { body })).status, 428)
    const set = await send('PUT', url, { body, headers: { 'if-match': '"1"' } })
    const stale = await send('PUT', url, { body, headers: { 'if-match': '"1"' } })
    const backwards = { ...body, order_up_to: 5 }
    const odd = await send('PUT', url, { body: backwards, headers: { 'if-match': '"2"' } })

    assert.deepEqual([set.status, set.headers['etag'], stale.status, odd.status], [200, '"2"', 412, 422])
    const { low, suggested_quantity } = await level('SET')
    assert.deepEqual([low, suggested_quantity], [true, 16])
    const { data } = (await send('GET', '/stock?low=true')).body as { data: { sku: string }[] }
    assert.deepEqual(
      data.map(({ sku }) => sku),
      ['SET'],
    )
  })

  it('is for those who may', async () => {
    const reader = await aKey(api.databases, ['stock:read'])
    const headers = { authorization: `Bearer ${reader}`, 'idempotency-key': 'nosy' }
    const body = { sku: 'SET', warehouse_id: 'main', counted: 0 }
    const answer = await api.ask({ method: 'POST', url: '/v1/admin/stock/counts', body, headers })
    assert.deepEqual([answer.status, answer.problem.code], [403, 'auth.forbidden'])
  })
})
