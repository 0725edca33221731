import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import { sku as asSku, warehouseId } from '../../domain/ids.ts'
import { asAdmin } from '../support/admin.ts'
import type { Send } from '../support/admin.ts'
import { aKey, aProduct, openApi } from '../support/api.ts'
import type { Reply, TestApi } from '../support/api.ts'
import { assertInvariants } from '../support/parts.ts'

const policy = { windowDays: 28, coverDays: 28, leadTimeDays: 14 }
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()

interface Order {
  id: string
  number: string
  status: string
  needs_attention: boolean
  total: { amount: number; currency: string }
  lines: { sku: string; ordered: number; received: number; damaged: number; outstanding: number }[]
}

let api: TestApi
let send: Send
before(async () => {
  api = await openApi()
  const permissions = ['stock:read', 'stock:write', 'purchasing:read', 'purchasing:write'] as const
  send = asAdmin(api, await aKey(api.databases, permissions))
})
after(async () => {
  await assertInvariants(api.databases)
  await api.close()
})

let suppliers = 0

/** Somebody who sells these SKUs in packs of six, at least twelve. */
async function aSupplier(skus: readonly string[], changes: object = {}): Promise<string> {
  const name = `Supplier ${(suppliers += 1)}`
  const supplier = { name, email: 'orders@furrow.example', currency: 'EUR', lead_time_days: 9, active: true }
  const made = await send('POST', '/suppliers', { body: { ...supplier, ...changes } })
  assert.equal(made.status, 201, made.text)
  const { id } = made.body as { id: string }
  for (const sku of skus) assert.equal((await putItem(id, sku)).status, 200)
  return id
}

const item = { unit_cost: { amount: 450, currency: 'EUR' }, pack_size: 6, minimum_quantity: 12, rank: 100 }
const putItem = (id: string, sku: string, changes: object = {}, version = '"0"'): Promise<Reply> =>
  send('PUT', `/suppliers/${id}/items/${sku}`, {
    body: { ...item, ...changes },
    headers: { 'if-match': version },
  })

/** A product of the catalog that is sold out, and kept at ten or more. */
async function aProductThatIsLow(sku: string): Promise<void> {
  await aProduct(api.databases, { sku, units: 0 })
  const body = { safety_stock: 0, reorder_point: 10, order_up_to: 40, replenished: true }
  const set = await send('PUT', `/stock/main/${sku}/settings`, { body, headers: { 'if-match': '"1"' } })
  assert.equal(set.status, 200, set.text)
}

/** The shortage of a SKU, as the check would open it. */
async function aShortage(sku: string, expiresAt = day(14)): Promise<string> {
  const { openReplenishment } = activitiesOf.inventory({ db: api.databases.inventory })
  const opened = await openReplenishment({
    ...{ sku: asSku(sku), warehouseId: warehouseId('main'), checkId: 'check', cause: 'test', policy },
    ...{ now: new Date().toISOString(), expiresAt },
  })
  assert.ok(opened)
  return opened.id
}

/** Low SKUs, somebody who sells them, and their shortages. */
async function shortages(...skus: string[]): Promise<string[]> {
  for (const sku of skus) await aProductThatIsLow(sku)
  await aSupplier(skus)
  return Promise.all(skus.map((sku) => aShortage(sku)))
}

/** A purchase order over 42 of a SKU. */
async function anOrder(sku: string): Promise<Order> {
  const [id] = await shortages(sku)
  const approved = await send('POST', `/replenishments/${id}/approve`)
  assert.equal(approved.status, 201, approved.text)
  const [made] = (approved.body as { purchase_orders: { id: string }[] }).purchase_orders
  return orderNow(made?.id)
}

const orderNow = async (id: string | undefined): Promise<Order> =>
  (await send('GET', `/purchase-orders/${id}`)).body as Order
const receive = (id: string, body: object, headers = {}): Promise<Reply> =>
  send('POST', `/purchase-orders/${id}/receipts`, { body, headers })
const says = (answer: Reply): [number, string] => [answer.status, answer.problem.code]

describe('suppliers over HTTP', () => {
  it('are named once, changed by whoever saw the last version, and listed', async () => {
    const id = await aSupplier([])
    const body = {
      name: 'Ada & Co',
      email: 'a@ada.example',
      currency: 'EUR',
      lead_time_days: 3,
      active: true,
    }

    const changed = await send('PUT', `/suppliers/${id}`, { body, headers: { 'if-match': '"1"' } })
    const stale = await send('PUT', `/suppliers/${id}`, { body, headers: { 'if-match': '"1"' } })
    const again = await send('POST', '/suppliers', { body: { ...body, name: 'ADA & CO' } })
    const other = await aSupplier([])
    const taken = await send('PUT', `/suppliers/${other}`, { body, headers: { 'if-match': '"1"' } })

    assert.deepEqual([changed.status, changed.headers['etag']], [200, '"2"'])
    assert.deepEqual(says(stale), [412, 'precondition.failed'])
    assert.deepEqual(says(again), [409, 'supplier.exists'])
    assert.deepEqual(says(taken), [409, 'supplier.exists'])
    const listed = (await send('GET', '/suppliers?limit=100')).body as { data: { name: string }[] }
    assert.ok(listed.data.some(({ name }) => name === 'Ada & Co'))
  })

  it('sell SKUs in packs, from a minimum, at a price in their currency', async () => {
    await aProduct(api.databases, { sku: 'SUP-1', units: 0 })
    const id = await aSupplier([])

    const put = await putItem(id, 'SUP-1', { supplier_sku: 'F-1', lead_time_days: 4 })
    const racing = await putItem(id, 'SUP-1')
    const dollars = await putItem(id, 'SUP-1', { unit_cost: { amount: 1, currency: 'USD' } }, '"1"')
    const unknown = await putItem(id, 'NOBODY-KNOWS-IT')
    const odd = await Promise.all(
      [{ pack_size: 0 }, { minimum_quantity: -1 }, { lead_time_days: 900 }].map((change) =>
        putItem(id, 'SUP-1', change, '"1"'),
      ),
    )
    const yen = {
      ...{ name: 'Yen', email: 'y@yen.example', currency: 'JPY', lead_time_days: 3, active: true },
    }
    const currency = await send('PUT', `/suppliers/${id}`, { body: yen, headers: { 'if-match': '"1"' } })

    assert.deepEqual([put.status, put.headers['etag']], [200, '"1"'])
    assert.deepEqual(says(racing), [412, 'precondition.failed'])
    assert.deepEqual(says(dollars), [400, 'request.invalid'])
    assert.deepEqual(says(unknown), [422, 'sku.unknown'])
    for (const answer of [...odd, currency]) assert.deepEqual(says(answer), [400, 'request.invalid'])
    const { data } = (await send('GET', `/suppliers/${id}/items`)).body as { data: unknown[] }
    assert.deepEqual(data, [
      { sku: 'SUP-1', supplier_id: id, ...item, supplier_sku: 'F-1', lead_time_days: 4, version: 1 },
    ])
    assert.equal((await send('DELETE', `/suppliers/${id}/items/SUP-1`)).status, 204)
    assert.deepEqual(says(await send('DELETE', `/suppliers/${id}/items/SUP-1`)), [
      422,
      'supplier.does_not_sell',
    ])
    assert.deepEqual(says(await send('GET', '/suppliers/sup_1')), [404, 'supplier.not_found'])
  })
})

describe('replenishments over HTTP', () => {
  it('are listed with their reasons, and approved with another quantity, once', async () => {
    const [id] = await shortages('RPL-1')
    const { data } = (await send('GET', '/replenishments?status=waiting&sku=RPL-1')).body as {
      data: { id: string; suggested_quantity: number; because: string[] }[]
    }
    assert.deepEqual([data.length, data[0]?.id, data[0]?.suggested_quantity], [1, id, 42])
    assert.ok(data[0]?.because.some((sentence) => sentence.includes('order 42')))

    const headers = { 'idempotency-key': 'approve-rpl-1' }
    const body = { quantity: 48 }
    const [first, again, other] = [
      await send('POST', `/replenishments/${id}/approve`, { body, headers }),
      await send('POST', `/replenishments/${id}/approve`, { body, headers }),
      await send('POST', `/replenishments/${id}/approve`, { body }),
    ]

    assert.deepEqual([first.status, again.text], [201, first.text])
    assert.deepEqual(says(other), [409, 'replenishment.decided'])
    const [made] = (first.body as { purchase_orders: { id: string; number: string }[] }).purchase_orders
    const order = await orderNow(made?.id)
    assert.deepEqual([order.number, order.total], [made?.number, { amount: 48 * 450, currency: 'EUR' }])
    assert.match(order.number, /^PO-\d{6}$/)
  })

  it('approved by two at once are ordered once', async () => {
    const [id] = await shortages('RPL-2')
    const answers = await Promise.all([1, 2, 3].map(() => send('POST', `/replenishments/${id}/approve`)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
    const { data } = (await send('GET', '/purchase-orders?limit=100')).body as { data: Order[] }
    assert.equal(data.filter(({ lines }) => lines.some(({ sku }) => sku === 'RPL-2')).length, 1)
  })

  it('approved together are one purchase order for each supplier', async () => {
    const both = await shortages('RPL-3', 'RPL-4')
    const others = await shortages('RPL-5')
    const items = [...both, ...others].map((id) => ({ id }))

    const answer = await send('POST', '/replenishments/approve', {
      body: { items, expected_on: day(5).slice(0, 10) },
    })

    assert.equal(answer.status, 201, answer.text)
    const { purchase_orders: made } = answer.body as { purchase_orders: { replenishment_ids: string[] }[] }
    assert.deepEqual(
      made.map(({ replenishment_ids: ids }) => ids),
      [both, others],
    )
  })

  it('order nothing at all when one of several cannot be ordered', async () => {
    const [good, bad] = await shortages('RPL-6', 'RPL-7')
    const answers = [
      await send('POST', '/replenishments/approve', {
        body: { items: [{ id: good }, { id: bad, quantity: 13 }] },
      }),
      await send('POST', '/replenishments/approve', { body: { items: [{ id: good }, { id: good }] } }),
      await send('POST', '/replenishments/approve', {
        body: { items: [{ id: good }, { id: 'rpl_01hzzzzzzzzzzzzzzzzzzzzzzz' }] },
      }),
    ]
    assert.deepEqual(answers.map(says), [
      [422, 'replenishment.quantity'],
      [409, 'replenishment.decided'],
      [404, 'replenishment.not_found'],
    ])
    const { data } = (await send('GET', '/replenishments?status=waiting&sku=RPL-6')).body as {
      data: unknown[]
    }
    assert.equal(data.length, 1)
  })

  it('refuse quantities, days and suppliers that nobody can mean', async () => {
    const [id] = await shortages('RPL-8')
    const stranger = await aSupplier([])
    const asleep = await aSupplier(['RPL-8'], { active: false })
    const tries: [object, [number, string]][] = [
      [{ quantity: 0 }, [400, 'request.invalid']],
      [{ quantity: -6 }, [400, 'request.invalid']],
      [{ quantity: 10_000_000 }, [400, 'request.invalid']],
      [{ quantity: 1.5 }, [400, 'request.invalid']],
      [{ quantity: 6 }, [422, 'replenishment.quantity']],
      [{ quantity: 44 }, [422, 'replenishment.quantity']],
      [{ expected_on: 'tomorrow' }, [400, 'request.invalid']],
      [{ expected_on: '2020-01-01' }, [400, 'request.invalid']],
      [{ expected_on: '2199-01-01' }, [400, 'request.invalid']],
      [{ supplier_id: 'sup_nobody' }, [422, 'supplier.unknown']],
      [{ supplier_id: asleep }, [422, 'supplier.unknown']],
      [{ supplier_id: stranger }, [422, 'supplier.does_not_sell']],
    ]
    for (const [body, expected] of tries) {
      const answer = await send('POST', `/replenishments/${id}/approve`, { body })
      assert.deepEqual(says(answer), expected, JSON.stringify(body))
    }
    const { status } = (await send('GET', `/replenishments/${id}`)).body as { status: string }
    assert.equal(status, 'waiting')
  })

  it('that nobody sells name no supplier, and cannot be approved without one', async () => {
    await aProductThatIsLow('RPL-9')
    const id = await aShortage('RPL-9')
    assert.deepEqual(says(await send('POST', `/replenishments/${id}/approve`)), [422, 'supplier.unknown'])
    const supplier_id = await aSupplier(['RPL-9'])
    const answer = await send('POST', `/replenishments/${id}/approve`, {
      body: { supplier_id, quantity: 42 },
    })
    assert.equal(answer.status, 201, answer.text)
  })

  it('are rejected with a reason, and not approved any more after that, nor after they expired or came', async () => {
    const [rejected, expired] = await shortages('RPL-10', 'RPL-11')
    assert.deepEqual(says(await send('POST', `/replenishments/${rejected}/reject`, { body: {} })), [
      400,
      'request.invalid',
    ])
    const body = { reason: 'out of season' }
    const answer = await send('POST', `/replenishments/${rejected}/reject`, { body })
    assert.deepEqual(
      [answer.status, (answer.body as { status: string; reason: string }).status],
      [200, 'rejected'],
    )
    const { expireReplenishment } = activitiesOf.inventory({ db: api.databases.inventory })
    await expireReplenishment({ replenishmentId: expired as never, now: day(15) })
    const done = await anOrder('RPL-12')
    await receive(done.id, { lines: [{ sku: 'RPL-12', received: 42 }] })
    const { data } = (await send('GET', '/replenishments?sku=RPL-12')).body as {
      data: { id: string; status: string }[]
    }
    assert.equal(data[0]?.status, 'fulfilled')

    for (const [id, status] of [
      [rejected, 'rejected'],
      [expired, 'expired'],
      [data[0]?.id, 'fulfilled'],
    ]) {
      for (const verb of ['approve', 'reject']) {
        const late = await send('POST', `/replenishments/${id}/${verb}`, {
          body: verb === 'reject' ? body : {},
        })
        assert.deepEqual(
          [...says(late), late.problem['status'] && late.problem.detail.includes(status!)],
          [409, 'replenishment.decided', true],
        )
      }
    }
    assert.deepEqual(says(await send('POST', '/replenishments/rpl_1/approve')), [
      404,
      'replenishment.not_found',
    ])
  })
})

describe('purchase orders over HTTP', () => {
  it('are received in pieces, broken, and to the end', async () => {
    const { id, number } = await anOrder('PO-1')
    const first = { reference: 'LS-1', order_number: number, lines: [{ sku: 'PO-1', received: 20 }] }
    const part = await receive(id, first)
    const twice = await receive(id, first)
    const changed = await receive(id, { ...first, lines: [{ sku: 'PO-1', received: 21 }] })
    const incoming = (await send('GET', '/stock/main/PO-1')).body as { on_hand: number; incoming: number }
    const rest = await receive(id, { lines: [{ sku: 'PO-1', received: 18, damaged: 3, quarantined: 1 }] })

    assert.deepEqual([part.status, (part.body as Order).status], [201, 'partly_received'])
    assert.deepEqual([twice.status, (twice.body as Order).lines[0]?.received], [201, 20])
    assert.deepEqual(says(changed), [409, 'receipt.exists'])
    assert.deepEqual([incoming.on_hand, incoming.incoming], [20, 22])
    assert.deepEqual(
      [(rest.body as Order).status, (rest.body as Order).lines[0]?.outstanding],
      ['received', 0],
    )
    const level = (await send('GET', '/stock/main/PO-1')).body as Record<string, number>
    assert.deepEqual(
      [level['on_hand'], level['damaged'], level['quarantined'], level['incoming']],
      [38, 3, 1, 0],
    )
    const { data } = (await send('GET', `/purchase-orders/${id}/receipts`)).body as { data: unknown[] }
    assert.equal(data.length, 2)
  })

  it('take the same receipt once, by its key', async () => {
    const { id } = await anOrder('PO-2')
    const headers = { 'idempotency-key': 'receipt-po-2' }
    const body = { lines: [{ sku: 'PO-2', received: 5 }] }
    const [one, other] = [await receive(id, body, headers), await receive(id, body, headers)]
    assert.deepEqual([one.status, other.text], [201, one.text])
    assert.equal((await orderNow(id)).lines[0]?.received, 5)
  })

  it('take more than was ordered, as it came, and are complete with it', async () => {
    const { id } = await anOrder('PO-8')
    await receive(id, { lines: [{ sku: 'PO-8', received: 40 }] })
    const over = await receive(id, { lines: [{ sku: 'PO-8', received: 10, damaged: 2 }] })

    const { status, lines } = over.body as Order
    assert.deepEqual(
      [over.status, status, lines[0]?.received, lines[0]?.outstanding],
      [201, 'received', 50, 0],
    )
    const level = (await send('GET', '/stock/main/PO-8')).body as Record<string, number>
    assert.deepEqual([level['on_hand'], level['damaged'], level['incoming']], [50, 2, 0])
  })

  it('refuse what cannot have come, and book nothing of it', async () => {
    const { id } = await anOrder('PO-3')
    const fine = { sku: 'PO-3', received: 5 }
    const tries: [object, [number, string]][] = [
      [{ lines: [] }, [400, 'request.invalid']],
      [{ lines: [{ sku: 'PO-3', received: -1 }] }, [400, 'request.invalid']],
      [{ lines: [{ sku: 'PO-3', received: 0 }] }, [400, 'request.invalid']],
      [{ lines: [{ sku: 'PO-3', received: 1e9 }] }, [400, 'request.invalid']],
      [{ lines: [{ sku: 'PO-3', received: 85 }] }, [422, 'receipt.absurd']],
      [{ lines: [fine, { sku: 'OTHER', received: 1 }] }, [422, 'receipt.line_unknown']],
      [{ lines: [fine, fine] }, [422, 'receipt.line_unknown']],
      [{ lines: [{ ...fine, warehouse_id: 'atlantis' }] }, [422, 'receipt.line_unknown']],
      [{ lines: [fine], order_number: 'PO-000001' }, [422, 'receipt.other_order']],
      [{ lines: [fine], received_at: day(1) }, [422, 'receipt.in_future']],
      [{ lines: [fine], received_at: 'yesterday' }, [400, 'request.invalid']],
    ]
    for (const [body, expected] of tries) {
      assert.deepEqual(says(await receive(id, body)), expected, JSON.stringify(body))
    }
    assert.deepEqual(says(await receive('po_01hzzzzzzzzzzzzzzzzzzzzzzz', { lines: [fine] })), [
      404,
      'purchase_order.not_found',
    ])
    const { status, lines } = await orderNow(id)
    assert.deepEqual([status, lines[0]?.received], ['open', 0])
  })

  it('are cancelled while nothing has come, and closed short after that', async () => {
    const [cancelled, closed] = [await anOrder('PO-4'), await anOrder('PO-5')]
    const body = { reason: 'too late' }
    await receive(closed.id, { lines: [{ sku: 'PO-5', received: 1 }] })

    const cancel = await send('POST', `/purchase-orders/${cancelled.id}/cancel`, { body })
    const refused = await send('POST', `/purchase-orders/${closed.id}/cancel`, { body })
    const close = await send('POST', `/purchase-orders/${closed.id}/close`, { body })
    const late = await send('POST', `/purchase-orders/${closed.id}/close`, { body })

    assert.deepEqual([cancel.status, (cancel.body as Order).status], [200, 'cancelled'])
    assert.deepEqual(says(refused), [409, 'purchase_order.partly_received'])
    assert.deepEqual([close.status, (close.body as Order).status], [200, 'closed_short'])
    assert.deepEqual(says(late), [409, 'purchase_order.ended'])
    assert.deepEqual(says(await send('POST', '/purchase-orders/po_1/close', { body })), [
      404,
      'purchase_order.not_found',
    ])
  })

  it('that were cancelled still book what comes, and ask somebody to look', async () => {
    const { id } = await anOrder('PO-6')
    await send('POST', `/purchase-orders/${id}/cancel`, { body: { reason: 'too dear' } })
    const answer = await receive(id, { lines: [{ sku: 'PO-6', received: 42 }] })
    const { status, needs_attention } = answer.body as Order
    assert.deepEqual([answer.status, status, needs_attention], [201, 'cancelled', true])
    assert.equal(((await send('GET', '/stock/main/PO-6')).body as { on_hand: number }).on_hand, 42)
  })

  it('are listed by supplier and status', async () => {
    const { data } = (await send('GET', '/purchase-orders?status=cancelled&limit=1')).body as {
      data: Order[]
    }
    assert.deepEqual([data.length, data[0]?.status], [1, 'cancelled'])
    const none = await send('GET', '/purchase-orders?supplier_id=nobody')
    assert.deepEqual(none.body, { data: [], page: { has_more: false } })
  })
})

describe('the daily check over HTTP', () => {
  it('tells when it runs, is paused, resumed, and triggered once per key', async () => {
    const paused = await send('POST', '/stock-check/pause', { body: { note: 'inventory day' } })
    assert.deepEqual(
      [paused.status, (paused.body as { paused: boolean }).paused, (paused.body as { note: string }).note],
      [200, true, 'inventory day'],
    )
    const resumed = await send('POST', '/stock-check/resume')
    assert.equal((resumed.body as { paused: boolean }).paused, false)
    const headers = { 'idempotency-key': 'trigger-once' }
    const [one, other] = [
      await send('POST', '/stock-check/trigger', { headers }),
      await send('POST', '/stock-check/trigger', { headers }),
    ]
    assert.deepEqual([one.status, other.status, one.body], [202, 202, { triggered: true }])
    const { next_runs } = (await send('GET', '/stock-check')).body as { next_runs: string[] }
    assert.equal(next_runs.length, 1)
  })

  it('is for those who may', async () => {
    const reader = asAdmin(api, await aKey(api.databases, ['purchasing:read']))
    for (const url of ['/stock-check/trigger', '/stock-check/pause', '/replenishments/rpl_1/approve']) {
      assert.deepEqual(says(await reader('POST', url)), [403, 'auth.forbidden'])
    }
    assert.equal((await reader('GET', '/stock-check')).status, 200)
  })
})
