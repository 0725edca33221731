import assert from 'node:assert/strict'
import { afterEach, before, describe, it } from 'node:test'
import { handleOf, insist } from '../../dev/customer.ts'
import type { CartHandle, Wishes } from '../../dev/customer.ts'
import type { Sku, WarehouseId } from '../../domain/ids.ts'
import { newId } from '../../store/ids.ts'
import { countStock } from '../../store/stock-changes.ts'
import { assertSettled } from '../support/books.ts'
import { sell } from '../support/goods.ts'
import { levelOf } from '../support/parts.ts'
import { sharedShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'

const visa = 'pm_card_visa'

describe('races', () => {
  let shop: TestShop
  before(async () => {
    shop = await sharedShop()
  })
  afterEach(() => assertSettled(shop))

  /** How an order ended that was placed and paid in one call, however long that took. */
  async function outcomeOf(cart: CartHandle, wishes: Wishes): Promise<string> {
    const reply = await insist(() => shop.customer.order(cart, wishes))
    return reply.status < 300 ? reply.body.status : reply.problem.code
  }

  it('sells a hundred units to exactly a hundred of three hundred buyers', async () => {
    const { customer, databases, stripe } = shop
    const sku = await sell(databases, { sku: 'HUNDRED', units: 100 })
    const buyers = Array.from({ length: 300 }, (_, index) => `buyer${index}@race.example`)
    const carts = await Promise.all(buyers.map(() => customer.fill([{ sku, quantity: 1 }])))
    const before = (await stripe.deeds('payment_intents.capture')).length

    const outcomes = await Promise.all(
      carts.map((cart, index) => outcomeOf(cart, { email: buyers[index]!, card: visa, key: 'place' })),
    )
    await assertSettled(shop)

    const confirmed = outcomes.filter((outcome) => outcome === 'confirmed')
    assert.equal(confirmed.length, 100)
    const others = outcomes.filter((outcome) => outcome !== 'confirmed')
    // Who came back after the order was turned down hears only that it is closed.
    assert.deepEqual(
      others.filter((code) => !['stock.insufficient', 'order.closed'].includes(code)),
      [],
    )
    assert.equal((await stripe.deeds('payment_intents.capture')).length - before, 100)
    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 100, reserved: 100 })
  })

  it('makes one order and one charge of each cart that is placed five times at once', async () => {
    const { customer, databases, stripe } = shop
    const sku = await sell(databases, { sku: 'FIVE-TIMES', units: 1000 })
    const carts = await Promise.all(Array.from({ length: 10 }, () => customer.fill([{ sku, quantity: 3 }])))
    const before = (await stripe.deeds('payment_intents.capture')).length

    const replies = await Promise.all(
      carts.map((cart, index) => {
        // A double click sends the same key; five open windows of one shop send five.
        const keyOf = (time: number): string => (index % 2 === 0 ? 'click' : `window ${time}`)
        const wishes = { email: `cart${index}@race.example`, card: visa }
        return Promise.all(
          [1, 2, 3, 4, 5].map((time) => insist(() => customer.order(cart, { ...wishes, key: keyOf(time) }))),
        )
      }),
    )
    await assertSettled(shop)

    const ids = replies.map(
      (five) => new Set(five.flatMap((reply) => (reply.status < 300 ? [reply.body.id] : []))),
    )
    assert.deepEqual(
      ids.map((distinct) => distinct.size),
      Array.from({ length: 10 }, () => 1),
    )
    const refusals = replies.flat().flatMap((reply) => (reply.status < 300 ? [] : [reply.problem.code]))
    assert.deepEqual(
      [...new Set(refusals)].filter((code) => code !== 'cart.closed'),
      [],
    )
    assert.equal((await stripe.deeds('payment_intents.capture')).length - before, 10)
    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 1000, reserved: 30 })
  })

  it('does not sell what a count found gone between hold and payment without telling an admin', async () => {
    const { customer, databases } = shop
    const sku = await sell(databases, { sku: 'COUNTED-AWAY', units: 2 })
    const cart = await customer.fill([{ sku, quantity: 2 }])
    const order = handleOf(await customer.order(cart, { email: 'count@race.example' }))
    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 2, reserved: 2 })

    await countStock(databases.inventory, {
      id: newId('chg'),
      ...{ sku: sku as Sku, warehouseId: 'berlin' as WarehouseId, counted: 0 },
      ...{ reason: 'the shelf is empty', actor: 'admin', cause: 'req_count', at: new Date().toISOString() },
    })
    const paid = await insist(() => customer.pay(order, { card: visa, key: 'pay' }))
    await assertSettled(shop)

    assert.equal(paid.body.status, 'confirmed')
    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 0, reserved: 0 })
    const [row] = await databases
      .order<{ id: string; attention_reason: string }>('orders.orders')
      .where({ id: order.id })
    assert.match(row?.attention_reason ?? 'nobody was told', /a count took 2 of COUNTED-AWAY in berlin away/)
  })
})
