import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import type { OpenOrder } from '../../activities/orders.ts'
import type { OrderId } from '../../domain/ids.ts'
import { rows } from '../../store/db.ts'
import { readOrder, readTimeline } from '../../store/orders.ts'
import { anAddress, aRate } from '../support/factories.ts'
import { aCart, anOrderId, refuses, someDatabases, untilSomebodyWaits } from '../support/parts.ts'
import type { CartLine } from '../support/parts.ts'
import { noStripe } from '../support/no-stripe.ts'

const cause = 'req_1'
const mugs: CartLine[] = [{ sku: 'MUG', quantity: 2 }]

async function theOrders(t: TestContext) {
  const { order: db } = await someDatabases(t)
  const activities = activitiesOf.order({
    db,
    stripe: noStripe,
    orderUrl: (id) => `https://shop.example/orders/${id}`,
  })
  const request = async (
    changes: Partial<OpenOrder> = {},
    lines = mugs,
    currency = 'EUR',
  ): Promise<OpenOrder> => ({
    orderId: anOrderId(),
    ...(await aCart(db, { lines, currency })),
    customerRef: 'guest',
    currency: currency as 'EUR',
    personal: { email: 'ada@example.com', shipTo: anAddress(), billTo: null },
    rate: null,
    expectedTotalMinor: null,
    placedAt: '2026-01-01T10:00:00.000Z',
    expiresAt: '2026-01-01T10:15:00.000Z',
    cause,
    ...changes,
  })
  const opened = async (
    changes?: Partial<OpenOrder>,
    lines?: CartLine[],
    currency?: string,
  ): Promise<OrderId> => {
    const order = await request(changes, lines, currency)
    await activities.openOrder(order)
    return order.orderId
  }
  const price = { rate: aRate(), expectedTotalMinor: null }
  return { db, ...activities, request, opened, price }
}

describe('openOrder', () => {
  it('freezes the lines of the cart at our prices', async (t) => {
    const { db, openOrder, request } = await theOrders(t)
    const order = await request()

    const { lines } = await openOrder(order)

    assert.deepEqual(
      lines.map(({ sku, name, quantity, unitPriceMinor }) => [sku, name, quantity, unitPriceMinor]),
      [['MUG', 'A MUG', 2, 900]],
    )
    const stored = await readOrder(db, order.orderId)
    assert.equal(stored?.status, 'pending_payment')
    assert.match(stored?.number ?? '', /^\d{6,}$/)
    assert.deepEqual(stored?.shipTo, anAddress())
  })

  it('opens once when it runs twice, and when it runs beside itself', async (t) => {
    const { db, openOrder, request } = await theOrders(t)
    const order = await request()

    const answers = await Promise.all([openOrder(order), openOrder(order), openOrder(order)])
    answers.push(await openOrder(order))

    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal((await readTimeline(db, order.orderId)).length, 1)
    const events = await db('orders.outbox').where({ type: 'Order Placed' })
    assert.equal(events.length, 1)
  })

  it('freezes the total at once where the rate is known, however often it runs', async (t) => {
    const { db, openOrder, request } = await theOrders(t)
    const order = await request({ rate: aRate(), expectedTotalMinor: 2390 })

    const answers = await Promise.all([openOrder(order), openOrder(order)])
    answers.push(await openOrder(order))

    assert.deepEqual(
      answers.map(({ totalMinor }) => totalMinor),
      [2390, 2390, 2390],
    )
    // A worker whose prices or taxes are newer does it again: what was frozen stands.
    const again = await openOrder({ ...order, rate: aRate({ amountMinor: 1 }), expectedTotalMinor: null })
    assert.equal(again.totalMinor, 2390)
    const stored = await readOrder(db, order.orderId)
    assert.deepEqual([stored?.totals?.totalMinor, stored?.rate?.amountMinor], [2390, 590])
  })

  it('refuses another total than the customer was shown, and leaves an order that can be ended', async (t) => {
    const { db, openOrder, abandonOrder, request } = await theOrders(t)
    const order = await request({ rate: aRate(), expectedTotalMinor: 2389 })
    const { orderId } = order

    const facts = await refuses('order.total_changed', openOrder(order))
    assert.equal((facts['totals'] as { totalMinor: number }).totalMinor, 2390)

    const opened = await readOrder(db, orderId)
    assert.deepEqual([opened?.status, opened?.totals], ['pending_payment', null])
    await abandonOrder({ orderId, ending: 'rejected', reason: 'another total', actor: 'system', cause })
    assert.equal((await readOrder(db, orderId))?.status, 'rejected')
  })

  it('lets a cart have one live order, and names it to whoever comes second', async (t) => {
    const { openOrder, request } = await theOrders(t)
    const first = await request()
    const second = { ...first, orderId: anOrderId() }

    const outcomes = await Promise.allSettled([openOrder(first), openOrder(second)])
    const loser = outcomes[0]?.status === 'rejected' ? first : second
    const winner = loser === first ? second : first

    assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1)
    const facts = await refuses('order.exists', openOrder(loser))
    assert.equal(facts['orderId'], winner.orderId)
  })

  it('lets a cart be ordered again once its order has ended', async (t) => {
    const { openOrder, abandonOrder, request } = await theOrders(t)
    const first = await request()
    await openOrder(first)
    await abandonOrder({
      orderId: first.orderId,
      ending: 'expired',
      reason: 'unpaid',
      actor: 'system',
      cause,
    })

    await openOrder({ ...first, orderId: anOrderId() })
  })

  it('refuses an unknown cart, an empty one, and one that changed', async (t) => {
    const { openOrder, request } = await theOrders(t)

    const unknown = await request()
    await refuses('cart.not_found', openOrder({ ...unknown, cartId: 'cart_none' as OpenOrder['cartId'] }))
    await refuses('cart.empty', openOrder(await request({}, [])))
    const changed = await refuses('cart.changed', openOrder(await request({ cartVersion: 7 })))
    assert.equal(changed['version'], 1)
  })

  it('refuses a cart that changes between being seen and being ordered, and one that is paid meanwhile', async (t) => {
    const { db, openOrder, request } = await theOrders(t)
    for (const [code, change] of [
      ['cart.changed', { version: 2 }],
      ['cart.closed', { status: 'ordered' }],
    ] as const) {
      const order = await request()
      const faster = await db.transaction()
      await faster('orders.carts').where({ id: order.cartId }).update(change)
      const refused = refuses(code, openOrder(order))
      await untilSomebodyWaits(db)
      await faster.commit()

      await refused
      assert.equal(await readOrder(db, order.orderId), null)
    }
  })

  it('writes the same, be it priced at once or later', async (t) => {
    const { db, opened, priceOrder, price } = await theOrders(t)
    const rate = aRate()
    const goods: CartLine[] = [...mugs, { sku: 'TENT', quantity: 1, unitPriceMinor: 12_345 }]
    const later = await opened({}, goods)
    await priceOrder({ orderId: later, ...price, rate })
    const atOnce = await opened({ rate }, goods)

    const written = (orderId: OrderId) =>
      rows<{ row: { total_minor: number } }>(
        db,
        `select 0 as position, to_jsonb(o) - cast(:own as text[]) as row from orders.orders as o where id = :orderId
         union all
         select position, to_jsonb(l) - cast(:own as text[]) from orders.order_lines as l where order_id = :orderId
         order by position`,
        { orderId, own: ['id', 'order_id', 'number', 'cart_id'] },
      )
    const [order, ...lines] = await written(atOnce)
    assert.deepEqual([order, ...lines], await written(later))
    assert.equal(lines.length, 2)
    assert.equal(order?.row.total_minor, 14_735)
  })

  it('refuses a country that we do not ship to, and a state whose tax we cannot tell', async (t) => {
    const { openOrder, request } = await theOrders(t)
    const to = (country: string, region?: string) => ({
      personal: {
        email: 'ada@example.com',
        shipTo: anAddress({ country, ...(region !== undefined && { region }) }),
        billTo: null,
      },
    })

    await refuses('shipping.no_service', openOrder(await request(to('KP'))))
    await refuses('address.region_unknown', openOrder(await request(to('US', 'Texarcana'))))
    await openOrder(await request(to('US', 'TX')))
  })
})

describe('priceOrder', () => {
  for (const [currency, total] of [
    ['EUR', 2390],
    ['JPY', 2390],
    ['KWD', 2390],
  ] as const) {
    it(`freezes the total in ${currency}, once`, async (t) => {
      const { db, opened, priceOrder, price } = await theOrders(t)
      const orderId = await opened({}, mugs, currency)

      assert.deepEqual(await priceOrder({ orderId, ...price }), { totalMinor: total })
      assert.deepEqual(await priceOrder({ orderId, ...price, rate: aRate({ amountMinor: 1 }) }), {
        totalMinor: total,
      })

      const order = await readOrder(db, orderId)
      assert.equal(order?.totals?.totalMinor, total)
      assert.equal(order?.rate?.amountMinor, 590)
      assert.equal(order?.lines[0]?.taxIncludedMinor, 287)
    })
  }

  it('rounds three-decimal totals to what a card can be charged in, on a line of its own', async (t) => {
    const { db, opened, priceOrder, price } = await theOrders(t)
    const orderId = await opened({}, [{ sku: 'MUG', quantity: 1, unitPriceMinor: 1234 }], 'KWD')

    await priceOrder({ orderId, ...price, rate: aRate({ amountMinor: 0 }) })

    const order = await readOrder(db, orderId)
    assert.deepEqual([order?.totals?.totalMinor, order?.totals?.roundingMinor], [1230, -4])
  })

  it('refuses a total that no card can be charged, before anything is frozen', async (t) => {
    const { db, opened, priceOrder, price } = await theOrders(t)
    const orderId = await opened({}, [{ sku: 'STICKER', quantity: 1, unitPriceMinor: 49 }])

    await refuses('order.total_too_small', priceOrder({ orderId, ...price, rate: aRate({ amountMinor: 0 }) }))

    assert.equal((await readOrder(db, orderId))?.totals, null)
  })

  it('refuses a total that is not the one that the customer was shown, with the new breakdown', async (t) => {
    const { opened, priceOrder, price } = await theOrders(t)
    const orderId = await opened()

    const facts = await refuses(
      'order.total_changed',
      priceOrder({ orderId, ...price, expectedTotalMinor: 2389 }),
    )

    assert.equal((facts['totals'] as { totalMinor: number }).totalMinor, 2390)
    await priceOrder({ orderId, ...price, expectedTotalMinor: 2390 })
  })
})

describe('confirmOrder', () => {
  it('confirms once, closes the cart, and answers with the same letter again', async (t) => {
    const { db, opened, priceOrder, confirmOrder, price, openOrder, request } = await theOrders(t)
    const order = await request()
    await openOrder(order)
    const { orderId, cartId } = order
    await priceOrder({ orderId, ...price })

    const letters = await Promise.all([
      confirmOrder({ orderId, parcels: 1, paidMinor: 2390, cause }),
      confirmOrder({ orderId, parcels: 1, paidMinor: 2390, cause }),
    ])
    letters.push(await confirmOrder({ orderId, parcels: 1, paidMinor: 2390, cause }))

    for (const { letter } of letters) assert.deepEqual(letter, letters[0]?.letter)
    assert.equal(letters[0]?.letter.personal.email, 'ada@example.com')
    assert.equal(letters[0]?.letter.orderUrl, `https://shop.example/orders/${orderId}`)
    assert.deepEqual(
      (await readTimeline(db, orderId)).map(({ version, type, status }) => [version, type, status]),
      [
        [1, 'Order Placed', 'pending_payment'],
        [2, 'Payment Processed', 'pending_payment'],
        [3, 'Order Confirmed', 'confirmed'],
      ],
    )
    assert.equal((await db('orders.outbox').where({ type: 'Order Confirmed' })).length, 1)
    await refuses('cart.closed', openOrder({ ...order, orderId: anOrderId() }))
    assert.ok(await opened({ cartId: (await aCart(db, { lines: mugs })).cartId }))
    assert.ok(cartId)
  })

  it('never confirms an order that was let go: that is an accident, not an answer', async (t) => {
    const { opened, abandonOrder, confirmOrder } = await theOrders(t)
    const orderId = await opened()
    await abandonOrder({ orderId, ending: 'expired', reason: 'unpaid', actor: 'system', cause })

    await assert.rejects(confirmOrder({ orderId, parcels: 1, paidMinor: 2390, cause }), /cannot be confirmed/)
  })
})

describe('abandonOrder', () => {
  for (const ending of ['expired', 'rejected', 'cancelled'] as const) {
    it(`ends an unpaid order as ${ending}, with reason and actor, once`, async (t) => {
      const { db, opened, abandonOrder } = await theOrders(t)
      const orderId = await opened()
      const end = { orderId, ending, reason: 'because', actor: 'system', cause } as const

      await Promise.all([abandonOrder(end), abandonOrder(end)])
      await abandonOrder(end)

      const timeline = await readTimeline(db, orderId)
      assert.equal(timeline.length, 2)
      assert.deepEqual(
        [timeline[1]?.status, timeline[1]?.reason, timeline[1]?.actor],
        [ending, 'because', 'system'],
      )
    })
  }

  it('does nothing to an order that was never opened, or that is confirmed', async (t) => {
    const { db, opened, priceOrder, confirmOrder, abandonOrder, price } = await theOrders(t)
    const end = { ending: 'cancelled', reason: 'because', actor: 'system', cause } as const
    await abandonOrder({ orderId: anOrderId(), ...end })

    const orderId = await opened()
    await priceOrder({ orderId, ...price })
    await confirmOrder({ orderId, parcels: 1, paidMinor: 2390, cause })
    await abandonOrder({ orderId, ...end })

    assert.equal((await readOrder(db, orderId))?.status, 'confirmed')
  })
})

describe('extendOrder', () => {
  it('keeps an order open for longer, and says once why', async (t) => {
    const { db, extendOrder, opened } = await theOrders(t)
    const orderId = await opened()
    const later = { orderId, expiresAt: '2026-01-01T10:45:00.000Z', cause }

    await Promise.all([extendOrder(later), extendOrder(later)])
    await extendOrder({ ...later, expiresAt: '2026-01-01T10:20:00.000Z' })

    const order = await readOrder(db, orderId)
    assert.equal(order?.status === 'pending_payment' && order.expiresAt, later.expiresAt)
    assert.deepEqual(
      (await readTimeline(db, orderId)).map(({ version, type }) => [version, type]),
      [
        [1, 'Order Placed'],
        [2, 'Payment Challenged'],
      ],
    )
  })

  it('leaves an order alone that has ended', async (t) => {
    const { db, extendOrder, abandonOrder, opened } = await theOrders(t)
    const orderId = await opened()
    await abandonOrder({ orderId, ending: 'expired', reason: 'late', actor: 'system', cause })
    await extendOrder({ orderId, expiresAt: '2026-01-01T10:45:00.000Z', cause })

    assert.equal((await readTimeline(db, orderId)).length, 2)
  })
})

describe('the database itself', () => {
  it('refuses a transition that is not in the table', async (t) => {
    const { db, opened } = await theOrders(t)
    const orderId = await opened()

    await assert.rejects(
      async () => db('orders.orders').where({ id: orderId }).update({ status: 'delivered' }),
      /cannot go from pending_payment to delivered/,
    )
  })

  it('refuses a total that is not the sum of its parts', async (t) => {
    const { db, opened, priceOrder, price } = await theOrders(t)
    const orderId = await opened()
    await priceOrder({ orderId, ...price })

    await assert.rejects(
      async () => db('orders.orders').where({ id: orderId }).update({ total_minor: 1 }),
      /a_total_is_the_sum_of_its_parts/,
    )
  })
})
