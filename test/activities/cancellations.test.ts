import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { typeid } from 'typeid-js'
import { refundIdOf } from '../../domain/ids.ts'
import type { CancellationId, RefundId } from '../../domain/ids.ts'
import { rows } from '../../store/db.ts'
import { readOrder } from '../../store/orders.ts'
import { readPayment } from '../../store/payments.ts'
import { cause, takeAwayTaken, theShop } from '../support/paid-orders.ts'
import { anOrderId, assertInvariants, levelOf, refuses, stock } from '../support/parts.ts'

describe('a cancellation on a real database', () => {
  it('has exactly one winner against the capture, the carrier and another cancellation, 200 times', async (t) => {
    const shop = await theShop(t)
    const { databases, db, inventory, double, authorized, cancel, takeAway, relay } = shop
    await stock(inventory, { sku: 'MUG', onHand: 1_000 })
    const endings: Record<string, number> = {}

    const round = async (number: number): Promise<void> => {
      const { orderId, pay } = await authorized(1)
      const shipped = pay().then(() => (number % 2 === 0 ? takeAway(orderId) : undefined))
      const [, ...cancelled] = await Promise.all([shipped, cancel(orderId), cancel(orderId)])
      // What the carrier took while we asked for it back is heard of in the end.
      await takeAwayTaken(shop, orderId)
      await relay(orderId)

      const order = await readOrder(db, orderId)
      const payment = await readPayment(db, orderId)
      const kept = (payment?.capturedMinor ?? 0) - (payment?.refundedMinor ?? 0)
      const done = cancelled.filter(({ outcome }) => outcome === 'done').length
      const ending = order?.status ?? 'gone'
      endings[ending] = (endings[ending] ?? 0) + 1
      assert.ok(
        (ending === 'cancelled' && done === 1 && kept === 0) ||
          (ending === 'shipped' && done === 0 && kept > 0),
        `round ${number}: ${ending}, ${kept} kept, ${JSON.stringify(cancelled)}`,
      )
    }
    for (let from = 0; from < 200; from += 8) {
      await Promise.all(Array.from({ length: 8 }, (_, index) => round(from + index)))
    }

    assert.ok((endings['cancelled'] ?? 0) > 0 && (endings['shipped'] ?? 0) > 0, JSON.stringify(endings))
    await assertInvariants(databases)
    const refunds = (await double.deeds('refunds.create')).length
    assert.equal(refunds, endings['cancelled'], 'one refund for each cancelled order')
    assert.deepEqual(await levelOf(inventory, 'MUG'), {
      onHand: 1_000 - (endings['shipped'] ?? 0),
      reserved: 0,
    })
  })

  it('does each of its steps once, however often and beside itself it runs', async (t) => {
    const { databases, orders, parcels, stocks, inventory, double, authorized } = await theShop(t)
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const { orderId, pay } = await authorized(3)
    await pay()
    const cancellationId = typeid('can').toString() as CancellationId
    const begin = {
      ...{ cancellationId, orderId, version: null, reason: 'why not', actor: 'customer' as const },
      ...{ wanted: null, askedBy: null, cause },
    }
    const thrice = async <T>(step: () => Promise<T>): Promise<T> => {
      await Promise.allSettled([step(), step()])
      return step()
    }
    const begun = await thrice(() => orders.beginCancellation(begin))
    assert.ok(begun.outcome === 'begun')
    const recall = await thrice(() =>
      parcels.recallParcels({ cancellationId, orderId, wanted: null, parcels: 1, cause }),
    )
    assert.ok(recall.outcome === 'recalled')
    await thrice(() => orders.announceCancellation({ ...recall, cancellationId, replaced: 0, cause }))
    const refund = {
      ...{ refundId: refundIdOf(cancellationId), orderId, amountMinor: 'rest' as const, reason: 'why not' },
      ...{ cancellationId, lines: null, askedBy: null, cause },
    }
    await thrice(() => orders.refundPayment(refund))
    await thrice(() => stocks.releaseCancelled({ cancellationId, orderId, units: null, cause }))
    await thrice(() => orders.finishCancellation({ cancellationId, cause }))

    await assertInvariants(databases)
    assert.equal((await double.deeds('refunds.create')).length, 1)
    const types = await rows<{ type: string }>(
      databases.order,
      `select type from payments.outbox where subject = :orderId and type = 'Refund Processed'`,
      { orderId },
    )
    assert.equal(types.length, 1)
    assert.deepEqual(await levelOf(inventory, 'MUG'), { onHand: 10, reserved: 0 })
    const updates = await rows<{ available: number }>(
      inventory,
      `select cast(data #>> '{levels,0,available}' as integer) as available
       from inventory.outbox where subject = :orderId and type = 'Inventory Updated' order by position`,
      { orderId },
    )
    assert.deepEqual(
      updates.map(({ available }) => available),
      [7, 10],
      'promised, then sellable again, each announced once',
    )
  })

  it('puts what is left of a parcel into one of its own', async (t) => {
    const { databases, db, inventory, authorized, cancel, known } = await theShop(t)
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const { orderId, pay } = await authorized(3)
    await pay()
    const line = (await readOrder(db, orderId))?.lines[0]?.lineId ?? ''

    await cancel(orderId, [{ lineId: line, quantity: 2 }])

    const parcels = await rows<{
      number: number
      status: string
      lines: { quantity: number }[]
      grams: number
    }>(
      databases.shipping,
      `select number, status, lines, grams from shipping.shipments where order_id = :orderId order by number`,
      { orderId },
    )
    assert.deepEqual(
      parcels.map(({ number, status, lines, grams }) => [number, status, lines[0]?.quantity, grams]),
      [
        [1, 'closed', 3, 900],
        [2, 'pending', 1, 300],
      ],
    )
    assert.deepEqual([...known.values()], ['void'])
    assert.deepEqual(await levelOf(inventory, 'MUG'), { onHand: 10, reserved: 1 })
    await assertInvariants(databases)
  })

  it('refuses a label that is bought too late', async (t) => {
    const { databases, orders, inventory, parcels, authorized, cancel } = await theShop(t)
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const { orderId } = await authorized(1)
    await orders.capturePayment({ orderId, cause })
    await orders.confirmOrder({ orderId, parcels: 1, paidMinor: 1490, cause })

    assert.equal((await cancel(orderId)).outcome, 'done')

    const shipmentId = orderId.replace('ord_', 'shp_') + '_1'
    assert.equal(await parcels.labelParcel({ shipmentId: shipmentId as never }), null)
    await assertInvariants(databases)
  })
})

describe('refunds on a real database', () => {
  it('never promise more than was taken, however many are asked for at once', async (t) => {
    const { db, inventory, orders, double, authorized } = await theShop(t)
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const { orderId, pay } = await authorized(1)
    await pay()
    const total = (await readPayment(db, orderId))?.capturedMinor ?? 0
    const ask = async (amount: number): Promise<RefundId | null> => {
      const refundId = typeid('rfd').toString() as RefundId
      const what = { amount: { amount, currency: 'EUR' } } as const
      const asked = { refundId, orderId, what, version: null, reason: 'why not', askedBy: 'key_1', cause }
      return orders.openRefund(asked).then(
        () => refundId,
        () => null,
      )
    }
    const asked = await Promise.all(Array.from({ length: 10 }, () => ask(Math.floor(total / 3))))
    const opened = asked.filter((id) => id !== null)
    assert.equal(opened.length, 3)

    for (const refundId of opened) {
      const rest = { reason: 'why not', cancellationId: null, lines: null, askedBy: null, cause }
      await orders.refundPayment({ refundId, orderId, amountMinor: Math.floor(total / 3), ...rest })
    }
    assert.equal((await double.deeds('refunds.create')).length, 3)
    assert.equal((await readPayment(db, orderId))?.refundedMinor, 3 * Math.floor(total / 3))
  })

  for (const kind of ['fail_before', 'fail_after', 'drop_before', 'drop_after'] as const) {
    it(`give the money back once though the call has the fault ${kind}`, async (t) => {
      const { db, databases, inventory, double, authorized, orders } = await theShop(t)
      await stock(inventory, { sku: 'MUG', onHand: 10 })
      const { orderId, pay } = await authorized(1)
      await pay()
      await double.fault({ operation: 'refunds.create', kind })
      const refund = {
        ...{ refundId: typeid('rfd').toString() as RefundId, orderId, amountMinor: 500, reason: 'why not' },
        ...{ cancellationId: null, lines: null, askedBy: null, cause },
      }
      for (let run = 0; run < 4; run += 1) await orders.refundPayment(refund).catch(() => {})

      assert.equal((await readPayment(db, orderId))?.refundedMinor, 500)
      assert.equal((await double.deeds('refunds.create')).length, 1)
      assert.deepEqual(
        (await double.faults()).map(({ fired }) => fired),
        [1],
      )
      await assertInvariants(databases)
    })
  }

  it('re-open the case when the bank sends the money back days later', async (t) => {
    const { db, inventory, double, authorized, orders } = await theShop(t)
    await stock(inventory, { sku: 'MUG', onHand: 10 })
    const { orderId, pay } = await authorized(1)
    await pay()
    const refundId = typeid('rfd').toString() as RefundId
    const rest = { reason: 'why not', cancellationId: null, lines: null, askedBy: null, cause }
    await orders.refundPayment({ refundId, orderId, amountMinor: 500, ...rest })
    const [made] = await double.deeds('refunds.create')
    await double.send(`refunds/${made?.id}/fail`, {})

    await orders.bookProviderNews({
      ...{ orderId, topic: 'refund', objectId: made?.id ?? '', orphaned: false, cause: 'evt_1' },
    })

    const order = await readOrder(db, orderId)
    assert.equal(order?.needsAttention, true)
    assert.match(order?.attentionReason ?? '', /€5.00 failed \(expired_or_canceled_card\)/)
    assert.equal((await readPayment(db, orderId))?.refundedMinor, 0)
    const again = {
      refundId: typeid('rfd').toString() as RefundId,
      orderId,
      amountMinor: 'rest' as const,
      ...rest,
    }
    await orders.refundPayment(again)
    assert.equal((await readPayment(db, orderId))?.status, 'refunded')
  })

  it('of a stranger are refused', async (t) => {
    const { orders } = await theShop(t)
    const what = { amount: { amount: 1, currency: 'EUR' } } as const
    const refundId = typeid('rfd').toString() as RefundId
    const asked = { refundId, orderId: anOrderId(), what, version: null, reason: 'x', askedBy: null, cause }
    await refuses('order.not_found', orders.openRefund(asked))
  })
})
