import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import { shipmentIdOf } from '../../domain/ids.ts'
import type { OrderId, OrderLineId, WarehouseId } from '../../domain/ids.ts'
import { createCarrierGateway } from '../../gateways/easypost.ts'
import type { ShipmentPlan } from '../../store/shipments.ts'
import { aCarrier } from '../support/doubles.ts'
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
  return { db, double, carrier, ...activities, plan, events, bought }
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

  it('buys nothing for a parcel that was closed, and takes back what was bought while it was being closed', async (t) => {
    const { db, double, carrier, buyLabel, plan, events } = await theCarrier(t)
    const close = async (orderId: OrderId): Promise<unknown> =>
      db('shipping.shipments').where({ order_id: orderId }).update({ status: 'closed', next_poll_at: null })
    const late = plan()
    const slow = activitiesOf.shipping({
      db,
      shipFrom,
      pollEveryMs: 0,
      carrier: {
        ...carrier,
        buy: async (input) => {
          const label = await carrier.buy(input)
          await close(late.orderId)
          return label
        },
      },
    })

    assert.equal(await slow.buyLabel({ plan: late, personal, cause }), null)
    assert.equal(await buyLabel({ plan: late, personal, cause }), null)
    assert.equal((await double.deeds('shipments.refund')).length, 1)
    assert.deepEqual(await events(), [])
  })

  it('takes back what was bought after its parcel was closed, by a purchase whose answer nobody heard', async (t) => {
    const { db, double, carrier, buyLabel, plan, bought } = await theCarrier(t)
    let buyAfterAll = (): Promise<unknown> => assert.fail('nothing was bought')
    const unheard = activitiesOf.shipping({
      db,
      shipFrom,
      pollEveryMs: 0,
      carrier: {
        ...carrier,
        buy: async (input) => {
          buyAfterAll = () => carrier.buy(input)
          throw new Error('nobody answers')
        },
      },
    })
    const label = { plan: plan(), personal, cause }
    await assert.rejects(unheard.buyLabel(label), /nobody answers/)
    await db('shipping.shipments').update({ status: 'closed', next_poll_at: null })

    await assert.rejects(buyLabel(label), /may still be selling/)
    await buyAfterAll()
    assert.equal(await buyLabel(label), null)

    assert.equal(await bought(), 1)
    assert.equal((await double.deeds('shipments.refund')).length, 1)
  })

  it('leaves a closed parcel alone once no purchase can take effect any more', async (t) => {
    const { db, carrier, buyLabel, plan, bought } = await theCarrier(t)
    const silent = { ...carrier, buy: async () => Promise.reject(new Error('nobody answers')) }
    const unheard = activitiesOf.shipping({ db, shipFrom, pollEveryMs: 0, carrier: silent })
    const label = { plan: plan(), personal, cause }
    await assert.rejects(unheard.buyLabel(label), /nobody answers/)
    const asked = { asked_at: db.raw(`now() - interval '1 minute'`) }
    await db('shipping.shipments').update({ status: 'closed', next_poll_at: null, ...asked })

    assert.equal(await buyLabel(label), null)
    assert.equal(await bought(), 0)
  })
})

describe('followParcels', () => {
  it('moves a parcel as its carrier says, never skips a step and never goes back', async (t) => {
    const { db, double, buyLabel, followParcels, plan, events } = await theCarrier(t)
    await buyLabel({ plan: plan(), personal, cause })
    const [shipment] = await db<{ tracker_id: string }>('shipping.shipments').select('tracker_id')
    const move = (status: string): Promise<Response> =>
      double.send(`trackers/${shipment?.tracker_id}`, { status })
    const follow = () => followParcels({ limit: 10, pollEveryMs: 0 })

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
