import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anAddress } from '../support/factories.ts'
import { anOrderId, refuses } from '../support/parts.ts'
import { cause, personal, theCarrier } from '../support/shipping-desk.ts'

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
