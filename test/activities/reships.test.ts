import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { typeid } from 'typeid-js'
import { shipmentIdOf } from '../../domain/ids.ts'
import type { OrderId, RefundId, ReshipId, RestockId } from '../../domain/ids.ts'
import type { LineQuantity } from '../../domain/proration.ts'
import { Refusal } from '../../domain/refusals.ts'
import { rows } from '../../store/db.ts'
import { readOrder } from '../../store/orders.ts'
import { restock } from '../../store/restocks.ts'
import { countStock } from '../../store/stock-changes.ts'
import { goodsAreGone } from '../../workers/effects/attention.ts'
import { cause, theShop } from '../support/paid-orders.ts'
import { assertInvariants, levelOf, stock } from '../support/parts.ts'
import { reshipHere } from '../support/reshipping.ts'

type Shop = Awaited<ReturnType<typeof theShop>>

const asked = (orderId: OrderId, wanted: LineQuantity[] | null = null) => ({
  ...{
    reshipId: typeid('rsp').toString() as ReshipId,
    orderId,
    shipmentId: shipmentIdOf(orderId, 1),
    wanted,
  },
  ...{ version: null, reason: 'lost, says the carrier', askedBy: 'key_1', cause },
})

/** The code of a refusal; `done` where there was none. */
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  )

const lineOf = async ({ db }: Shop, orderId: OrderId): Promise<string> =>
  (await readOrder(db, orderId))?.lines[0]?.lineId ?? ''

const movements = async ({ inventory }: Shop): Promise<string[]> =>
  (
    await rows<{ kind: string; quantity: number }>(
      inventory,
      `select kind, quantity from inventory.stock_movements order by position`,
    )
  ).map(({ kind, quantity }) => `${kind} ${quantity}`)

describe('sending again', () => {
  it('takes other units from the shelf when they leave, and the order arrives when they do', async (t) => {
    const shop = await theShop(t)
    const { databases, db, inventory, parcels, shipped, takeAway, relay, carrierSays } = shop
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const orderId = await shipped(2, 'failure')

    const { shipments } = await reshipHere(databases, asked(orderId))
    assert.deepEqual(await levelOf(inventory, 'MUG'), { onHand: 8, reserved: 2 })
    for (const shipmentId of shipments) await parcels.labelParcel({ shipmentId })
    await takeAway(orderId)
    await relay(orderId)
    assert.deepEqual(await levelOf(inventory, 'MUG'), { onHand: 6, reserved: 0 })
    assert.deepEqual(await movements(shop), ['received 10', 'shipped -2', 'shipped -2'])

    assert.equal((await readOrder(db, orderId))?.status, 'shipped')
    await carrierSays(orderId, 'delivered')
    assert.equal((await readOrder(db, orderId))?.status, 'delivered')
    await assertInvariants(databases)
  })

  it('never sends more than was in the parcel, whoever asks at once', async (t) => {
    const shop = await theShop(t)
    const { databases, inventory, shipped } = shop
    await stock(inventory, { sku: 'MUG', onHand: 20 })
    const orderId = await shipped(3, 'return_to_sender')
    const lineId = await lineOf(shop, orderId)
    const two = [{ lineId, quantity: 2 }]

    const codes = await Promise.all(
      Array.from({ length: 4 }, () => codeOf(reshipHere(databases, asked(orderId, two)))),
    )
    assert.deepEqual(codes.sort(), ['done', ...Array<string>(3).fill('order.quantity_too_large')])
    assert.equal(await codeOf(reshipHere(databases, asked(orderId))), 'done', 'the one that is left')
    assert.equal(await codeOf(reshipHere(databases, asked(orderId))), 'shipment.sent_again')
    assert.deepEqual(await levelOf(inventory, 'MUG'), { onHand: 17, reserved: 3 })
    await assertInvariants(databases)
  })

  it('does each of its steps once, however often and beside itself it runs', async (t) => {
    const { databases, db, inventory, shipped } = await theShop(t)
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const orderId = await shipped(2, 'failure')
    const again = asked(orderId)

    // One whose number is taken meanwhile is tried again, as any activity that fails.
    const all = await Promise.allSettled(Array.from({ length: 3 }, () => reshipHere(databases, again)))
    const first = await reshipHere(databases, again)
    for (const each of all) if (each.status === 'fulfilled') assert.deepEqual(each.value, first)

    assert.equal(first.shipments.length, 1)
    assert.deepEqual(await levelOf(inventory, 'MUG'), { onHand: 8, reserved: 2 })
    const told = await rows(
      db,
      `select 1 from orders.order_events where order_id = :orderId and type = 'Parcel Sent Again'`,
      { orderId },
    )
    assert.equal(told.length, 1)
  })

  it('refuses what is on its way, what is not there, and what is not in stock, and changes nothing', async (t) => {
    const { databases, inventory, orders, shipped, carrierSays } = await theShop(t)
    await stock(inventory, { sku: 'MUG', onHand: 2 })
    const orderId = await shipped(2)
    const ask = asked(orderId)

    assert.equal(await codeOf(reshipHere(databases, ask)), 'shipment.not_lost')
    await carrierSays(orderId, 'failure')
    const stranger = { ...ask, shipmentId: shipmentIdOf(orderId, 7) }
    assert.equal(await codeOf(reshipHere(databases, stranger)), 'shipment.unknown')
    const wanted = [{ lineId: 'line_of_another', quantity: 1 }]
    assert.equal(await codeOf(reshipHere(databases, { ...ask, wanted })), 'order.line_unknown')
    assert.equal(await codeOf(reshipHere(databases, { ...ask, version: 1 })), 'order.changed')
    assert.equal(await codeOf(reshipHere(databases, ask)), 'stock.insufficient')
    await orders.dropReship({
      ...{ reshipId: ask.reshipId, refusal: { code: 'stock.insufficient', detail: 'none', facts: {} } },
    })

    await stock(inventory, { sku: 'MUG', onHand: 5, warehouseId: 'rome', rank: 20 })
    assert.equal(await codeOf(reshipHere(databases, asked(orderId))), 'done')
    assert.deepEqual(await levelOf(inventory, 'MUG'), { onHand: 5, reserved: 2 })
    await assertInvariants(databases)
  })

  it('sends nothing whose money went back', async (t) => {
    const shop = await theShop(t)
    const { databases, inventory, shipped } = shop
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const orderId = await shipped(2, 'failure')
    await refundLine(shop, { orderId, quantity: 1 })
    const lineId = await lineOf(shop, orderId)

    const both = asked(orderId, [{ lineId, quantity: 2 }])
    assert.equal(await codeOf(reshipHere(databases, both)), 'order.quantity_too_large')
    assert.equal(await codeOf(reshipHere(databases, asked(orderId))), 'done')
    assert.equal((await levelOf(inventory, 'MUG')).reserved, 1)
  })

  it('asks an admin to look when a count takes its units away', async (t) => {
    const { databases, db, inventory, shipped } = await theShop(t)
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const orderId = await shipped(2, 'failure')
    await reshipHere(databases, asked(orderId))
    await db('orders.orders')
      .where({ id: orderId })
      .update({ needs_attention: false, attention_reason: null })

    await countStock(inventory, {
      ...{ id: typeid('chg').toString() as never, sku: 'MUG' as never, warehouseId: 'berlin' as never },
      ...{ counted: 0, reason: 'stolen', actor: 'key_1', cause, at: new Date().toISOString() },
    })
    const [event] = await rows<never>(
      inventory,
      `select type, at, cause, data from inventory.outbox where type = 'Reservation Taken'`,
    )
    assert.ok(event)
    await db.transaction((trx) => goodsAreGone(trx, event))
    assert.match((await readOrder(db, orderId))?.attentionReason ?? '', /a count took 2 of MUG/)
  })
})

describe('taking back into stock', () => {
  const back = (orderId: OrderId, lineId: string, changes: object = {}) => ({
    ...{ restockId: typeid('rst').toString() as RestockId, orderId, lineId: lineId as never, quantity: 1 },
    ...{ condition: 'sellable' as const, warehouseId: null, resellable: 99, reason: 'came back' },
    ...{ actor: 'key_1', cause, at: new Date().toISOString() },
    ...changes,
  })

  it('takes never more than left, whoever asks at once, each time once', async (t) => {
    const shop = await theShop(t)
    const { databases, inventory, authorized, shipped } = shop
    await stock(inventory, { sku: 'MUG', onHand: 20 })
    const { orderId: unsent, pay } = await authorized(1)
    await pay()
    const early = back(unsent, await lineOf(shop, unsent))
    assert.equal(await codeOf(restock(inventory, early)), 'restock.too_many', 'it has not left')

    const orderId = await shipped(2)
    const lineId = await lineOf(shop, orderId)
    const codes = await Promise.all(
      Array.from({ length: 4 }, () => codeOf(restock(inventory, back(orderId, lineId)))),
    )
    assert.deepEqual(codes.sort(), ['done', 'done', 'restock.too_many', 'restock.too_many'])
    assert.deepEqual(await levelOf(inventory, 'MUG'), { onHand: 20, reserved: 1 })
    assert.deepEqual((await movements(shop)).slice(-2), ['returned 1', 'returned 1'])
    await assertInvariants(databases)
  })

  it('does it once, however often one asks for the same', async (t) => {
    const shop = await theShop(t)
    const { databases, inventory, shipped } = shop
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const orderId = await shipped(3)
    const same = back(orderId, await lineOf(shop, orderId))

    await Promise.all([restock(inventory, same), restock(inventory, same)])
    await restock(inventory, same)

    assert.equal((await levelOf(inventory, 'MUG')).onHand, 8)
    await assertInvariants(databases)
  })

  it('sells to somebody else only what was paid back or sent again; others wait apart', async (t) => {
    const shop = await theShop(t)
    const { databases, inventory, shipped } = shop
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const orderId = await shipped(3)
    const lineId = await lineOf(shop, orderId)
    const one = { resellable: 1 }

    assert.equal(await codeOf(restock(inventory, back(orderId, lineId, one))), 'done')
    assert.equal(await codeOf(restock(inventory, back(orderId, lineId, one))), 'restock.money_first')
    const apart = { resellable: 1, condition: 'quarantined' }
    assert.equal(await codeOf(restock(inventory, back(orderId, lineId, apart))), 'done')
    const nowhere = { warehouseId: 'atlantis', resellable: 99 }
    assert.equal(await codeOf(restock(inventory, back(orderId, lineId, nowhere))), 'warehouse.unknown')

    assert.equal((await levelOf(inventory, 'MUG')).onHand, 8)
    await assertInvariants(databases)
  })
})

async function refundLine(
  shop: Shop,
  { orderId, quantity }: { orderId: OrderId; quantity: number },
): Promise<void> {
  const lines = [{ lineId: await lineOf(shop, orderId), quantity }]
  const refundId = typeid('rfd').toString() as RefundId
  const rest = { reason: 'lost', askedBy: null, cause }
  const { amountMinor } = await shop.orders.openRefund({
    ...{ refundId, orderId, what: { lines }, version: null, ...rest },
  })
  await shop.orders.refundPayment({ refundId, orderId, amountMinor, cancellationId: null, lines, ...rest })
}
