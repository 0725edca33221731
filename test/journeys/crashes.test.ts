import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, before, describe, it } from 'node:test'
import { WorkflowNotFoundError } from '@temporalio/client'
import type { Connection } from '@temporalio/client'
import { handleOf, insist } from '../../dev/customer.ts'
import type { OrderId } from '../../domain/ids.ts'
import { placeOrderId } from '../../workflows/contract.ts'
import { assertSettled } from '../support/books.ts'
import { sell } from '../support/goods.ts'
import { levelOf } from '../support/parts.ts'
import { sharedShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'

describe('crashes', () => {
  let shop: TestShop
  before(async () => {
    shop = await sharedShop()
  })
  afterEach(() => assertSettled(shop))

  it('ends all of twenty orders when the workers are killed in the middle of placing them', async () => {
    const { customer, databases, stripe, mailbox } = shop
    const sku = await sell(databases, { sku: 'KILLED', units: 100 })
    const carts = await Promise.all(Array.from({ length: 20 }, () => customer.fill([{ sku, quantity: 2 }])))

    const made = async (operation: string): Promise<number> => (await stripe.deeds(operation)).length
    const [confirmed, captured] = [
      await made('payment_intents.confirm'),
      await made('payment_intents.capture'),
    ]
    const mailed = (await mailbox.deeds('smtp.data')).length
    const placing = Promise.all(
      carts.map(async (cart, index) => {
        const wishes = { email: `buyer${index}@crash.example`, card: 'pm_card_visa', key: 'place' }
        const reply = await insist(() => customer.order(cart, wishes))
        return reply.body.status
      }),
    )
    // Some cards are held by then, and few orders are whole: the kill falls between any two steps.
    while ((await made('payment_intents.confirm')) < confirmed + 3) await sleep(5)
    const mailsBefore = (await mailbox.deeds('smtp.data')).length - mailed
    await shop.killWorkers()
    const statuses = await placing
    await assertSettled(shop)

    assert.ok(mailsBefore < 20, 'the kill came too late to prove anything')
    assert.deepEqual(
      statuses,
      Array.from({ length: 20 }, () => 'confirmed'),
    )
    assert.equal((await made('payment_intents.capture')) - captured, 20)
    assert.deepEqual(await levelOf(databases.inventory, sku), { onHand: 100, reserved: 40 })
  })

  it('gives one order to whoever asks again after the API died in the middle of his request', async () => {
    const { customer, databases, stripe } = shop
    const sku = await sell(databases, { sku: 'API-DIED', units: 3 })
    const cart = await customer.fill([{ sku, quantity: 1 }])
    const wishes = { email: 'again@crash.example', card: 'pm_card_visa', key: 'again' }
    const operation = 'payment_intents.confirm'
    await stripe.fault({ operation, kind: 'delay', delayMs: 1_500 })

    const first = customer.order(cart, wishes).catch((error: unknown) => error)
    while ((await stripe.faults()).some(({ fired }) => fired === 0)) await sleep(5)
    await shop.killApi()
    assert.ok((await first) instanceof TypeError, 'the API was killed too late: it had answered')
    // Whoever died in the middle still seems to be at it, until its lease of thirty seconds ends.
    const early = await customer.order(cart, wishes)
    assert.deepEqual([early.status, early.problem.code], [409, 'idempotency.in_flight'])
    await databases
      .accounts('accounts.idempotency_keys')
      .where({ key: 'again' })
      .update({ leased_until: early.headers.get('date') })
    const reply = await insist(() => customer.order(cart, wishes))

    assert.deepEqual([reply.status, reply.body.status], [201, 'confirmed'])
    const orders = await databases.order('orders.orders').where({ cart_id: cart.id })
    assert.equal(orders.length, 1)
    assert.equal((await customer.order(cart, wishes)).text, reply.text)
  })

  it('answers a repeat for good, though Temporal has long forgotten the order', async () => {
    const { customer, databases, temporal } = shop
    const sku = await sell(databases, { sku: 'FORGOTTEN', units: 3 })
    const cart = await customer.fill([{ sku, quantity: 1 }])
    const wishes = { email: 'later@crash.example', card: 'pm_card_visa', key: 'later' }
    const first = await customer.order(cart, wishes)
    const order = handleOf(first)
    await assertSettled(shop)

    const { workflow } = temporal.client
    const { workflowService } = workflow.connection as Connection
    const workflowId = placeOrderId(order.id as OrderId)
    // What the server does by itself when the days of its retention are over.
    await workflowService.deleteWorkflowExecution({
      namespace: temporal.namespace,
      workflowExecution: { workflowId },
    })
    const isGone = (error: unknown): boolean => error instanceof WorkflowNotFoundError
    while (
      !(await workflow
        .getHandle(workflowId)
        .describe()
        .then(() => false, isGone))
    )
      await sleep(20)

    assert.equal((await customer.order(cart, wishes)).text, first.text)
    const anew = await customer.order(cart, { ...wishes, key: 'anew' })
    assert.deepEqual([anew.status, anew.problem.code], [409, 'cart.closed'])
    const paid = await customer.pay(order, { card: 'pm_card_mastercard' })
    assert.deepEqual([paid.status, paid.body.status], [201, 'confirmed'])
    assert.equal((await databases.order('orders.orders').where({ cart_id: cart.id })).length, 1)
  })
})
