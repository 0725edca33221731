import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CancellationId } from '../../domain/ids.ts'
import { registerShipment } from '../../store/shipments.ts'
import { untilCertain } from '../support/paid-orders.ts'
import { untilSomebodyWaits } from '../support/parts.ts'
import { cause, personal, theCarrier } from '../support/shipping-desk.ts'

describe('recallParcels', () => {
  it('takes back what was bought while the parcel was being closed', async (t) => {
    const { double, carrier, buyLabel, recall, plan, events, withCarrier } = await theCarrier(t)
    const late = plan()
    const slow = withCarrier({
      ...carrier,
      buy: async (input) => {
        const label = await carrier.buy(input)
        assert.equal((await recall(late.orderId)).outcome, 'recalled')
        return label
      },
    })

    assert.equal(await slow.buyLabel({ plan: late, personal, cause }), null)
    assert.equal(await buyLabel({ plan: late, personal, cause }), null)
    assert.equal((await double.deeds('shipments.refund')).length, 1)
    assert.deepEqual(await events(), [])
  })

  it('waits for a purchase whose answer nobody heard, and takes its label back', async (t) => {
    const { double, carrier, buyLabel, recall, plan, bought, purchases, silent } = await theCarrier(t)
    const label = { plan: plan(), personal, cause }
    const asked: Parameters<typeof carrier.buy>[0][] = []
    await assert.rejects(silent(asked).buyLabel(label), /nobody answers/)

    await assert.rejects(recall(label.plan.orderId), /may still be selling/)
    assert.equal(await buyLabel(label), null)
    await carrier.buy(asked[0]!)
    assert.equal((await recall(label.plan.orderId)).outcome, 'recalled')

    assert.equal(await bought(), 1)
    assert.equal((await double.deeds('shipments.refund')).length, 1)
    assert.deepEqual(await purchases(), [])
  })

  it('leaves no label behind, however it meets the step that buys it', async (t) => {
    const { double, buyLabel, recall, plan, purchases } = await theCarrier(t)
    for (let round = 0; round < 25; round += 1) {
      const label = { plan: plan(), personal, cause }
      const [, answer] = await Promise.all([
        buyLabel(label),
        sleep(round % 5).then(() => untilCertain(() => recall(label.plan.orderId))),
      ])
      assert.equal(answer.outcome, 'recalled')
    }

    const given = await double.deeds('shipments.refund')
    const bought = await double.deeds('shipments.buy')
    assert.deepEqual(new Set(bought.map(({ id }) => id)), new Set(given.map(({ id }) => id)))
    assert.deepEqual(await purchases(), [])
  })

  it('begins anew when a parcel is registered while it shuts those that are not', async (t) => {
    const { db, recall, plan } = await theCarrier(t)
    const parcel = { ...plan(), ...personal }
    const registering = await db.transaction()
    await registerShipment(registering, { plan: parcel, cause })

    const refused = assert.rejects(recall(parcel.orderId), /registered meanwhile/)
    await untilSomebodyWaits(db)
    await registering.commit()
    await refused

    assert.equal((await recall(parcel.orderId)).outcome, 'recalled')
  })

  it('takes nothing back of an order whose parcels are not all known', async (t) => {
    const { db, buyLabel, recallParcels, plan } = await theCarrier(t)
    const label = { plan: plan(), personal, cause }
    await buyLabel(label)
    const { orderId } = label.plan
    const whole = { cancellationId: 'can_1' as CancellationId, orderId, wanted: null, parcels: 2, cause }

    await assert.rejects(recallParcels(whole), /not registered yet/)
    assert.deepEqual(await db('shipping.shipments').select('status'), [{ status: 'ready' }])
  })

  it('waits no longer than a purchase can take', async (t) => {
    const { db, buyLabel, recall, plan, bought, purchases, silent, unheard } = await theCarrier(t)
    const label = { plan: plan(), personal, cause }
    await assert.rejects(silent([]).buyLabel(label), /nobody answers/)
    await db('shipping.purchases').update(unheard)

    assert.equal((await recall(label.plan.orderId)).outcome, 'recalled')
    assert.equal(await buyLabel(label), null)
    assert.equal(await bought(), 0)
    assert.deepEqual(await purchases(), [])
  })

  it('lets a parcel go that its carrier has, under a label of which nobody had heard', async (t) => {
    const world = await theCarrier(t)
    const { db, double, carrier, buyLabel, recall, plan, events, purchases, silent } = world
    const label = { plan: plan(), personal, cause }
    const asked: Parameters<typeof carrier.buy>[0][] = []
    await assert.rejects(silent(asked).buyLabel(label), /nobody answers/)
    const sold = await carrier.buy(asked[0]!)
    assert.ok(sold.outcome === 'bought')
    await double.send(`trackers/${sold.trackerId}`, { status: 'in_transit' })

    const answer = await recall(label.plan.orderId)

    assert.ok(answer.outcome === 'left')
    assert.deepEqual(
      answer.left.map(({ trackingCode }) => trackingCode),
      [sold.trackingCode],
    )
    assert.deepEqual(await buyLabel(label), { trackingCode: sold.trackingCode })
    assert.deepEqual(await events(), ['Shipment Ready'])
    assert.deepEqual(await db('shipping.shipments').select('status', 'tracking_code'), [
      { status: 'ready', tracking_code: sold.trackingCode },
    ])
    assert.deepEqual(await purchases(), [])
  })
})
