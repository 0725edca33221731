import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { activitiesOf } from '../../activities/index.ts'
import { shipmentIdOf } from '../../domain/ids.ts'
import type { OrderLineId, WarehouseId } from '../../domain/ids.ts'
import { createCarrierGateway } from '../../gateways/easypost.ts'
import { easyPostHook } from '../../gateways/easypost/webhook.ts'
import { rows } from '../../store/db.ts'
import { routeParcels } from '../../workers/route-parcels.ts'
import { mostAttempts } from '../../workers/router.ts'
import { aCarrier } from '../support/doubles.ts'
import { anAddress, aRate } from '../support/factories.ts'
import { ears, manners } from '../support/hearing.ts'
import type { Manner } from '../support/hearing.ts'
import { anOrderId, aSku } from '../support/parts.ts'
import { aPostbox } from '../support/postbox.ts'
import type { Posted } from '../support/postbox.ts'
import { openStore } from '../support/stores.ts'
import { until } from '../support/stripe.ts'

const pollEveryMs = 60_000

let store: Awaited<ReturnType<typeof openStore>>
before(async () => {
  store = await openStore()
})
after(() => store.close())

/** A parcel that was bought, the carrier that tells of it, and our ears. */
async function theParcel(t: TestContext) {
  const { db } = store
  await db('shipping.provider_events').delete()
  const postbox = await aPostbox(t)
  const webhookSecret = 'a secret of the carrier'
  const double = await aCarrier(t, { webhookUrl: postbox.url, webhookSecret })
  const carrier = createCarrierGateway({ ...double, timeoutMs: 5_000 })
  const services = { db, carrier, shipFrom: anAddress(), pollEveryMs }
  const { buyLabel, followParcels } = activitiesOf.shipping(services)
  const orderId = anOrderId()
  const shipmentId = shipmentIdOf(orderId, 1)
  const its = ears({
    ...{ db, schema: 'shipping', route: routeParcels(services) },
    read: easyPostHook(['an older secret', webhookSecret]),
    resign: ({ headers }) => headers,
  })
  const buy = () =>
    buyLabel({
      plan: {
        ...{
          shipmentId,
          orderId,
          number: 1,
          warehouseId: 'berlin' as WarehouseId,
          grams: 600,
          rate: aRate(),
        },
        lines: [{ lineId: 'line_1' as OrderLineId, sku: aSku('MUG'), quantity: 2 }],
      },
      personal: { shipTo: anAddress() },
      cause: 'req_1',
    })
  const trackerId = async (): Promise<string> =>
    ((await (await fetch(`${double.url}/_control/trackers`)).json()) as { id: string }[])[0]?.id ?? ''

  /** Moves the parcel, and waits until the carrier has told us. */
  async function move(...statuses: string[]): Promise<Posted[]> {
    const moved = (): Posted[] => postbox.posted.filter(({ body }) => body.includes('"tracker.updated"'))
    for (const status of statuses) {
      const before = moved().length
      await double.send(`trackers/${await trackerId()}`, { status })
      await until(() => moved().length > before)
    }
    return moved()
  }
  const deliver = async (posts: readonly Posted[], manner: Manner): Promise<void> =>
    void (await manner(its, posts, Date.now()))

  async function books() {
    const [parcel] = await rows<{ status: string; next: string | null }>(
      db,
      `select status, next_poll_at as next from shipping.shipments where id = :shipmentId`,
      { shipmentId },
    )
    const told = await rows<{ type: string }>(
      db,
      `select type from shipping.outbox where subject = :orderId order by position`,
      { orderId },
    )
    const scans = await rows(db, `select 1 from shipping.scans where shipment_id = :shipmentId`, {
      shipmentId,
    })
    return {
      status: parcel?.status,
      asksAgain: parcel?.next !== null,
      told: told.map(({ type }) => type),
      scans: scans.length,
    }
  }
  return {
    ...{ db, double, carrier, services, its, shipmentId, orderId, followParcels },
    ...{ buy, move, deliver, books, trackerId },
  }
}

const inOrder = manners['in their order, each looked at before the next']!

const journeys = {
  'a parcel that arrives': {
    statuses: ['in_transit', 'out_for_delivery', 'delivered'],
    ends: {
      ...{ status: 'delivered', asksAgain: false, scans: 3 },
      told: ['Shipment Ready', 'Shipment Handed Over', 'Shipment Delivered'],
    },
  },
  'a parcel that is lost': {
    statuses: ['in_transit', 'failure'],
    ends: {
      ...{ status: 'lost', asksAgain: false, scans: 2 },
      told: ['Shipment Ready', 'Shipment Handed Over', 'Shipment Failed'],
    },
  },
  'a parcel on its way': {
    statuses: ['pre_transit', 'in_transit'],
    ends: {
      ...{ status: 'handed_over', asksAgain: true, scans: 2 },
      told: ['Shipment Ready', 'Shipment Handed Over'],
    },
  },
} as const

for (const [journey, { statuses, ends }] of Object.entries(journeys)) {
  describe(journey, () => {
    for (const [how, manner] of Object.entries(manners)) {
      it(`ends with the same books when it is told ${how}`, async (t) => {
        const parcel = await theParcel(t)
        await parcel.buy()
        await parcel.deliver(await parcel.move(...statuses), manner)

        assert.deepEqual(await parcel.books(), ends)
        const states = (await parcel.its.events()).map(({ state }) => state)
        assert.ok(
          states.every((state) => state === 'filed' || state === 'routed'),
          states.join(', '),
        )
      })
    }
  })
}

describe('an event of a carrier', () => {
  it('is asked about only when it would move the parcel on; any other scan is written down as it was told', async (t) => {
    const parcel = await theParcel(t)
    await parcel.buy()
    const asked = t.mock.method(parcel.carrier, 'track')
    const scan = async (status: string): Promise<number> => {
      await parcel.deliver((await parcel.move(status)).slice(-1), inOrder)
      return asked.mock.calls.filter(({ arguments: [trackers] }) => trackers.length > 0).length
    }

    assert.equal(await scan('pre_transit'), 0)
    assert.equal(await scan('in_transit'), 1)
    assert.equal(await scan('out_for_delivery'), 1)
    assert.equal((await parcel.books()).scans, 3)
    assert.equal((await parcel.books()).status, 'handed_over')
    assert.equal(await scan('delivered'), 2)

    const told = await rows<{ status: string; message: string; place: string | null }>(
      parcel.db,
      `select status, message, place from shipping.scans where shipment_id = :shipmentId order by at`,
      { shipmentId: parcel.shipmentId },
    )
    const known = await parcel.carrier.track([await parcel.trackerId()])
    const scans = known[0]?.scans.map(({ status, message, city }) => ({
      status,
      message,
      place: city ?? null,
    }))
    assert.deepEqual(told, scans)
  })
})

describe('events of a carrier', () => {
  it('wait for the label that they have overtaken', async (t) => {
    const parcel = await theParcel(t)
    await parcel.buy()
    const now = Date.now()
    const posts = await parcel.move('in_transit')
    const hidden = await parcel.db('shipping.shipments').where({ id: parcel.shipmentId }).select('tracker_id')
    await parcel.db('shipping.shipments').where({ id: parcel.shipmentId }).update({ tracker_id: null })
    for (const post of posts) await parcel.its.hear(post, now)
    await parcel.its.look(now)
    const [early] = await parcel.its.events()
    assert.deepEqual(
      [early?.state, early?.lastError],
      ['waiting', 'no parcel of ours has this tracker (yet)'],
    )

    await parcel
      .db('shipping.shipments')
      .where({ id: parcel.shipmentId })
      .update(hidden[0] as object)
    await parcel.its.rest(now)
    assert.equal((await parcel.books()).status, 'handed_over')
  })

  it('of a parcel that is not ours are kept, tried again and given up', async (t) => {
    const parcel = await theParcel(t)
    await parcel.buy()
    const posts = await parcel.move('in_transit')
    await parcel.db('shipping.shipments').where({ id: parcel.shipmentId }).update({ tracker_id: 'trk_other' })
    for (const post of posts) await parcel.its.hear(post, Date.now())
    await parcel.its.rest(Date.now())

    const [event] = await parcel.its.events()
    assert.deepEqual([event?.state, event?.attempts], ['failed', mostAttempts])
  })

  it('are not believed: the carrier is asked, once for all of a round', async (t) => {
    const parcel = await theParcel(t)
    await parcel.buy()
    const posts = await parcel.move('in_transit', 'out_for_delivery')
    let asked = 0
    const { track } = parcel.carrier
    parcel.services.carrier = {
      ...parcel.carrier,
      track: async (ids) => {
        asked += ids.length
        return track(ids)
      },
    }
    await parcel.double.send(`trackers/${await parcel.trackerId()}`, { status: 'delivered' })
    for (const post of posts) await parcel.its.hear(post, Date.now())
    await parcel.its.look(Date.now())

    assert.equal(asked, 1)
    assert.equal(
      (await parcel.books()).status,
      'delivered',
      'what the carrier says now, not what the events say',
    )
  })

  it('wait while the carrier cannot be asked', async (t) => {
    const parcel = await theParcel(t)
    await parcel.buy()
    const posts = await parcel.move('in_transit')
    await parcel.double.fault({ operation: 'trackers.retrieve', kind: 'status', status: 503 })
    const now = Date.now()
    for (const post of posts) await parcel.its.hear(post, now)
    await parcel.its.look(now)
    const [stuck] = await parcel.its.events()
    assert.equal(stuck?.state, 'waiting')
    assert.match(stuck?.lastError ?? '', /easypost answered 503/)

    await parcel.its.rest(now)
    assert.equal((await parcel.books()).status, 'handed_over')
  })

  it('put off the next question about their parcel', async (t) => {
    const parcel = await theParcel(t)
    await parcel.buy()
    await parcel.deliver(await parcel.move('pre_transit', 'in_transit'), inOrder)

    await parcel.db('shipping.shipments').whereNot({ id: parcel.shipmentId }).update({ next_poll_at: null })
    assert.deepEqual(await parcel.followParcels({ limit: 10, pollEveryMs }), { asked: 0 })
  })

  it('tell nothing new of a parcel that has arrived', async (t) => {
    const parcel = await theParcel(t)
    await parcel.buy()
    await parcel.db('shipping.shipments').where({ id: parcel.shipmentId }).update({ status: 'delivered' })
    await parcel.deliver(await parcel.move('in_transit'), inOrder)

    assert.deepEqual(
      (await parcel.its.events()).map(({ state }) => state),
      ['filed'],
    )
  })
})
