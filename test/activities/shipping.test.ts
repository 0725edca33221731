import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { activitiesOf } from '../../activities/index.ts'
import { shipmentIdOf } from '../../domain/ids.ts'
import type { CancellationId, OrderId, OrderLineId, WarehouseId } from '../../domain/ids.ts'
import { createCarrierGateway } from '../../gateways/easypost.ts'
import type { CarrierGateway } from '../../gateways/easypost.ts'
import { registerShipment } from '../../store/shipments.ts'
import type { ShipmentPlan } from '../../store/shipments.ts'
import { aCarrier } from '../support/doubles.ts'
import { untilCertain } from '../support/paid-orders.ts'
import { anAddress, aRate } from '../support/factories.ts'
import { anOrderId, aSku, refuses, someDatabases } from '../support/parts.ts'

const cause = 'req_1'
const shipFrom = anAddress({ name: 'Cartwright', line1: 'Köpenicker Straße 10', postalCode: '10997' })
const personal = { shipTo: anAddress() }

async function theCarrier(t: TestContext) {
  const { shipping: db } = await someDatabases(t)
  const double = await aCarrier(t)
  const carrier = createCarrierGateway({ apiKey: double.apiKey, baseUrl: double.baseUrl, timeoutMs: 2_000 })
  const activities = activitiesOf.shipping({ db, carrier, shipFrom, pollEveryMs: 0 })
  const plan = (orderId: OrderId = anOrderId()): Omit<ShipmentPlan, 'shipTo'> => ({
    shipmentId: shipmentIdOf(orderId, 1),
    orderId,
    number: 1,
    warehouseId: 'berlin' as WarehouseId,
    lines: [{ lineId: 'line_1' as OrderLineId, sku: aSku('MUG'), quantity: 2 }],
    grams: 600,
    rate: aRate(),
  })
  const events = async (): Promise<string[]> => {
    const rows = await db<{ type: string; position: number }>('shipping.outbox')
      .orderBy('position')
      .select('type')
    return rows.map(({ type }) => type)
  }
  const bought = async (): Promise<number> => (await double.deeds('shipments.buy')).length
  const withCarrier = (other: CarrierGateway) =>
    activitiesOf.shipping({ db, carrier: other, shipFrom, pollEveryMs: 0 })
  /** A carrier that is asked, and says nothing. */
  const silent = (asked: Parameters<CarrierGateway['buy']>[0][]) =>
    withCarrier({
      ...carrier,
      buy: async (input) => {
        asked.push(input)
        throw new Error('nobody answers')
      },
    })
  const recall = async (orderId: OrderId) =>
    activities.recallParcels({
      ...{ cancellationId: `can_${orderId}` as CancellationId, orderId, wanted: null, parcels: 1, cause },
    })
  const follow = async () => activities.followParcels({ limit: 10, pollEveryMs: 0 })
  const purchases = async (): Promise<unknown[]> => db('shipping.purchases').select()
  /** What a purchase looks like that can no longer take effect. */
  const unheard = { asked_at: db.raw(`now() - interval '1 minute'`) }
  const seen = { events, bought, purchases, unheard }
  return { db, double, carrier, ...activities, withCarrier, silent, plan, recall, follow, ...seen }
}

/** Runs a step as Temporal would: again and again until it stops failing. */
async function tried<T>(step: () => Promise<T>): Promise<T> {
  for (let run = 0; ; run += 1) {
    try {
      return await step()
    } catch (error) {
      if (run === 5) throw error
    }
  }
}

const parcel = { orderId: anOrderId(), grams: 600, subtotalMinor: 1800, currency: 'EUR', personal } as const

describe('quoteShipping', () => {
  it('answers with the carrier’s cheapest rate in the order’s currency', async (t) => {
    const { quoteShipping } = await theCarrier(t)

    const { rate } = await quoteShipping(parcel)

    assert.equal(rate.source, 'carrier')
    assert.ok(rate.amountMinor > 0)
    assert.match(rate.carrierRateId ?? '', /^rate_/)
  })

  for (const kind of ['fail_before', 'drop_before', 'fail_after'] as const) {
    it(`falls back to our table, and says so, when the carrier has the fault ${kind}`, async (t) => {
      const { double, quoteShipping } = await theCarrier(t)
      await double.fault({ operation: 'shipments.create', kind, count: 5 })

      const { rate } = await quoteShipping(parcel)

      assert.deepEqual([rate.source, rate.carrier, rate.carrierRateId], ['table', 'Cartwright Table', null])
      assert.ok((await double.faults())[0]!.fired > 0)
    })
  }

  it('falls back to our table when the carrier is slower than a customer waits', async (t) => {
    const { double, quoteShipping } = await theCarrier(t)
    await double.fault({ operation: 'shipments.create', kind: 'delay', delayMs: 4_000 })

    assert.equal((await quoteShipping(parcel)).rate.source, 'table')
  })

  it('refuses a country that we do not ship to, and an address that the carrier does not know', async (t) => {
    const { quoteShipping } = await theCarrier(t)

    await refuses(
      'shipping.no_service',
      quoteShipping({ ...parcel, personal: { shipTo: anAddress({ country: 'KP' }) } }),
    )
    const undeliverable = { shipTo: anAddress({ line1: 'undeliverable 1' }) }
    await refuses('shipping.no_service', quoteShipping({ ...parcel, personal: undeliverable }))
  })
})

describe('buyLabel', () => {
  it('buys one label and announces it once, however often it runs', async (t) => {
    const { buyLabel, plan, events, bought } = await theCarrier(t)
    const label = { plan: plan(), personal, cause }

    const first = await buyLabel(label)
    const second = await buyLabel(label)

    assert.ok(first?.trackingCode)
    assert.deepEqual(second, first)
    assert.equal(await bought(), 1)
    assert.deepEqual(await events(), ['Shipment Ready'])
  })

  it('buys the very rate that the customer was quoted', async (t) => {
    const { double, quoteShipping, buyLabel, plan, bought } = await theCarrier(t)
    const { rate } = await quoteShipping(parcel)

    await buyLabel({ plan: { ...plan(), rate }, personal, cause })

    assert.equal(await bought(), 1)
    assert.equal((await double.deeds('shipments.create')).length, 1)
  })

  for (const operation of ['shipments.create', 'shipments.buy'] as const) {
    for (const kind of ['fail_before', 'fail_after', 'drop_before', 'drop_after'] as const) {
      it(`buys one label though ${operation} has the fault ${kind}`, async (t) => {
        const { double, buyLabel, plan, events, bought } = await theCarrier(t)
        await double.fault({ operation, kind })
        const parcel = plan()

        const label = await tried(() => buyLabel({ plan: parcel, personal, cause }))

        assert.ok(label?.trackingCode)
        assert.equal(await bought(), 1)
        assert.deepEqual(await events(), ['Shipment Ready'])
        assert.ok((await double.faults())[0]!.fired > 0)
      })
    }
  }

  it('refuses where the carrier sells none, neither by the rate that was quoted nor by another', async (t) => {
    const { db, quoteShipping, buyLabel, plan, bought, follow, purchases, unheard } = await theCarrier(t)
    const unlucky = { shipTo: anAddress({ line2: 'label refused' }) }
    const { rate } = await quoteShipping({ ...parcel, personal: unlucky })
    const label = { plan: { ...plan(), rate }, personal: unlucky, cause }

    await refuses('shipping.label_refused', buyLabel(label))
    await db('shipping.purchases').update(unheard)
    await follow()

    assert.equal(await bought(), 0)
    assert.deepEqual(await purchases(), [])
  })

  it('takes back the labels of two tries that asked for offers of their own, all but the one that goes', async (t) => {
    const world = await theCarrier(t)
    const { db, double, carrier, plan, bought, follow, purchases, withCarrier, unheard, judgeParcels } = world
    const label = { plan: plan(), personal, cause }
    const faster = withCarrier({
      ...carrier,
      buy: async (input) => {
        await carrier.buy(input)
        throw new Error('nobody answers')
      },
    })
    const slower = withCarrier({
      ...carrier,
      quote: async (input) => {
        const answer = await carrier.quote(input)
        await assert.rejects(faster.buyLabel(label), /nobody answers/)
        return answer
      },
    })

    const sent = await slower.buyLabel(label)
    await follow()
    assert.equal((await double.deeds('shipments.refund')).length, 0, 'it might still be bought')
    await db('shipping.purchases').update(unheard)
    const later = new Date(Date.now() + 600_000).toISOString()
    const judged = await judgeParcels({ now: later, relayedBefore: '1970-01-01T00:00:00Z' })
    await follow()
    assert.deepEqual(
      judged.map(({ invariant, subject }) => [invariant, subject]),
      [['I16', label.plan.orderId]],
    )

    const refunds = await double.deeds('shipments.refund')
    assert.equal(await bought(), 2)
    assert.equal(refunds.length, 1)
    assert.notEqual(refunds[0]?.detail['trackingCode'], sent?.trackingCode)
    assert.deepEqual(await purchases(), [])
  })
})

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
    const waiting = db('pg_stat_activity').whereRaw(
      `datname = current_database() and wait_event_type = 'Lock'`,
    )
    while ((await waiting.clone()).length === 0) await sleep(5)
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

describe('followParcels', () => {
  it('moves a parcel as its carrier says, never skips a step and never goes back', async (t) => {
    const { db, double, buyLabel, follow, plan, events } = await theCarrier(t)
    await buyLabel({ plan: plan(), personal, cause })
    const [shipment] = await db<{ tracker_id: string }>('shipping.shipments').select('tracker_id')
    const move = (status: string): Promise<Response> =>
      double.send(`trackers/${shipment?.tracker_id}`, { status })

    await move('delivered')
    await follow()
    await follow()
    await move('in_transit')
    await Promise.all([follow(), follow()])

    assert.deepEqual(await events(), ['Shipment Ready', 'Shipment Handed Over', 'Shipment Delivered'])
    const [now] = await db<{ status: string; next_poll_at: null }>('shipping.shipments').select(
      'status',
      'next_poll_at',
    )
    assert.deepEqual(now, { status: 'delivered', next_poll_at: null })
  })

  for (const [status, becomes] of [
    ['return_to_sender', 'returned'],
    ['failure', 'lost'],
  ] as const) {
    it(`says that a parcel failed when its carrier says ${status}`, async (t) => {
      const { db, double, buyLabel, followParcels, plan, events } = await theCarrier(t)
      await buyLabel({ plan: plan(), personal, cause })
      const [shipment] = await db<{ tracker_id: string }>('shipping.shipments').select('tracker_id')
      await double.send(`trackers/${shipment?.tracker_id}`, { status })

      await followParcels({ limit: 10, pollEveryMs: 0 })

      assert.deepEqual(await events(), ['Shipment Ready', 'Shipment Handed Over', 'Shipment Failed'])
      const [now] = await db<{ status: string }>('shipping.shipments').select('status')
      assert.equal(now?.status, becomes)
    })
  }
})
