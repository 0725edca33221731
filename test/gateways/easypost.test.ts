import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import type { Address } from '../../domain/addresses.ts'
import { createCarrierGateway } from '../../gateways/easypost.ts'
import type { CarrierGateway } from '../../gateways/easypost.ts'
import { minorOf } from '../../gateways/easypost/answers.ts'
import { ProviderFault } from '../../gateways/provider-fault.ts'
import { aCarrier } from '../support/doubles.ts'

const warehouse: Address = {
  name: 'Warehouse',
  line1: 'Lagerstr. 1',
  city: 'Berlin',
  postalCode: '10115',
  country: 'DE',
}
const ada: Address = {
  name: 'Ada Lovelace',
  line1: 'Secret Lane 7',
  city: 'Bonn',
  postalCode: '53111',
  country: 'DE',
}

async function aGateway(t: TestContext, settings: Parameters<typeof aCarrier>[1] = {}) {
  const carrier = await aCarrier(t, settings)
  return { carrier, gateway: createCarrierGateway({ ...carrier, timeoutMs: 5000 }) }
}

const ask = (gateway: CarrierGateway, changes: Partial<Parameters<CarrierGateway['quote']>[0]> = {}) =>
  gateway.quote({ reference: 'shp_1', from: warehouse, to: ada, parcel: { grams: 800 }, ...changes })

/** The cheapest offer for a parcel to Ada. */
async function anOffer(gateway: CarrierGateway, to: Partial<Address> = {}) {
  const quote = await ask(gateway, { to: { ...ada, ...to } })
  assert.equal(quote.outcome, 'rates')
  const [rate] = quote.rates
  assert.ok(rate)
  return { carrierShipmentId: quote.carrierShipmentId, rateId: rate.rateId, rate }
}

async function aLabel(gateway: CarrierGateway, to: Partial<Address> = {}) {
  const offer = await anOffer(gateway, to)
  const label = await gateway.buy(offer)
  assert.equal(label.outcome, 'bought')
  return { ...offer, label }
}

/** The fault that this ends in; it names nobody. */
async function faultOf(work: Promise<unknown>): Promise<ProviderFault> {
  const fault = await work.then(
    () => assert.fail('It should have failed.'),
    (error: unknown) => error,
  )
  assert.ok(fault instanceof ProviderFault, String(fault))
  assert.doesNotMatch(JSON.stringify([fault.message, fault]), /Ada|Secret|53111/)
  return fault
}

/** Something that is not EasyPost. */
async function aStranger(t: TestContext, listener: RequestListener): Promise<CarrierGateway> {
  const server = createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return createCarrierGateway({ apiKey: 'k', baseUrl: `http://127.0.0.1:${address.port}`, timeoutMs: 300 })
}

describe('asking for rates', () => {
  it('answers what carriers ask, in minor units of their currency', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    const quote = await ask(gateway, {
      reference: 'shp_42',
      parcel: { grams: 800, lengthCm: 30, widthCm: 20, heightCm: 10 },
    })

    assert.equal(quote.outcome, 'rates')
    assert.match(quote.carrierShipmentId, /^shp_[0-9a-f]{32}$/)
    const parcel = quote.rates.find(({ carrier: name }) => name === 'DHLParcel')
    assert.deepEqual(
      { ...parcel, rateId: '' },
      {
        rateId: '',
        carrier: 'DHLParcel',
        service: 'Parcel',
        amountMinor: 594,
        currency: 'USD',
        deliveryDays: 2,
      },
    )
    const [deed] = await carrier.deeds('shipments.create')
    assert.equal(deed?.detail['reference'], 'shp_42')
  })

  it('takes a refused address for an answer', async (t) => {
    const { gateway } = await aGateway(t)
    const to = (changes: Partial<Address>) => ask(gateway, { to: { ...ada, ...changes } })

    assert.deepEqual(await to({ line1: 'Undeliverable 1' }), { outcome: 'no_service', code: 'no_rates' })
    assert.deepEqual(await to({ postalCode: '00000' }), { outcome: 'no_service', code: 'no_rates' })
    assert.deepEqual(await to({ country: 'germany' }), {
      outcome: 'no_service',
      code: 'ADDRESS.COUNTRY.INVALID',
    })
    assert.deepEqual(await ask(gateway, { parcel: { grams: 40_000 } }), {
      outcome: 'no_service',
      code: 'no_rates',
    })
  })

  it('does not take carriers that are down for carriers that say no', async (t) => {
    const gateway = await aStranger(t, (_request, answer) => {
      const messages = [
        { carrier: 'USPS', type: 'rate_error', message: 'The request timed out. Please try again.' },
      ]
      answer
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ id: 'shp_1', rates: [], messages }))
    })

    assert.equal((await faultOf(ask(gateway))).code, 'carriers_silent')
  })

  it('gives up after its own time-out, which the client of EasyPost does not keep', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    await carrier.fault({ operation: 'shipments.create', kind: 'delay', delayMs: 600_000 })

    const fault = await faultOf(ask(gateway, { timeoutMs: 200 }))

    assert.equal(fault.outcomeUnknown, false)
    assert.equal(fault.operation, 'shipments.create')
  })

  it('asks again over the connection that it has', async (t) => {
    const callers = new Set<number | undefined>()
    const gateway = await aStranger(t, (request, response) => {
      callers.add(request.socket.remotePort)
      response.writeHead(503).end()
    })

    await faultOf(ask(gateway))
    await faultOf(ask(gateway, { timeoutMs: 200 }))

    assert.equal(callers.size, 1)
  })

  it('reads amounts without losing a cent', () => {
    assert.equal(minorOf({ amount: '19.99', currency: 'USD' }), 1999)
    assert.equal(minorOf({ amount: '5.9', currency: 'EUR' }), 590)
    assert.equal(minorOf({ amount: '5.93000', currency: 'EUR' }), 593)
    assert.equal(minorOf({ amount: '0.005', currency: 'EUR' }), 1)
    assert.equal(minorOf({ amount: '880', currency: 'JPY' }), 880)
    assert.equal(minorOf({ amount: '880.50', currency: 'JPY' }), 881)
    assert.equal(minorOf({ amount: '1.999', currency: 'KWD' }), 1999)
    for (const amount of ['', '-1', '1,5', 'free', '1.2.3'])
      assert.equal(minorOf({ amount, currency: 'USD' }), null)
    assert.equal(minorOf({ amount: '1', currency: 'dollars' }), null)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), (minor) => {
        const amount = `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`
        assert.equal(minorOf({ amount, currency: 'USD' }), minor)
      }),
    )
  })
})

describe('buying a label', () => {
  it('answers the label with its tracker, its link and what it cost', async (t) => {
    const { gateway } = await aGateway(t)
    const { label, rate, carrierShipmentId } = await aLabel(gateway)

    assert.match(label.trackerId, /^trk_/)
    assert.equal(label.costMinor, rate.amountMinor)
    assert.equal(label.currency, rate.currency)
    assert.equal(label.carrier, rate.carrier)
    assert.equal(label.service, rate.service)
    assert.deepEqual(await gateway.retrieveLabel(carrierShipmentId), label)
    const file = await fetch(label.labelUrl)
    assert.equal(file.headers.get('content-type'), 'application/pdf')
    assert.match(await (await fetch(label.trackingUrl ?? '')).text(), new RegExp(label.trackingCode))
  })

  for (const kind of ['fail_after', 'drop_after'] as const) {
    it(`buys one label when the answer is lost (${kind}), and finds it again`, async (t) => {
      const { carrier, gateway } = await aGateway(t)
      const offer = await anOffer(gateway)
      await carrier.fault({ operation: 'shipments.buy', kind })

      const fault = await faultOf(gateway.buy(offer))
      const label = await gateway.buy(offer)

      assert.equal(fault.outcomeUnknown, true)
      assert.equal(label.outcome, 'bought')
      assert.deepEqual(await gateway.retrieveLabel(offer.carrierShipmentId), label)
      assert.equal((await carrier.deeds('shipments.buy')).length, 1)
      assert.deepEqual(
        (await carrier.faults()).map(({ fired }) => fired),
        [1],
      )
    })
  }

  it('buys one label for many who ask at once', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    const offer = await anOffer(gateway)

    const labels = await Promise.all(Array.from({ length: 8 }, () => gateway.buy(offer)))

    assert.equal(new Set(labels.map((label) => JSON.stringify(label))).size, 1)
    assert.equal((await carrier.deeds('shipments.buy')).length, 1)
  })

  it('takes a refusal for an answer: of the carrier, of an old rate, of an unknown one', async (t) => {
    const { gateway } = await aGateway(t)
    const refused = await gateway.buy(await anOffer(gateway, { line2: 'label refused' }))
    const unknown = await gateway.buy({ ...(await anOffer(gateway)), rateId: 'rate_0' })
    const { gateway: forgetful } = await aGateway(t, { rateTtlMs: -1 })
    const expired = await forgetful.buy(await anOffer(forgetful))

    assert.deepEqual(refused, { outcome: 'refused', code: 'SHIPMENT.POSTAGE.FAILURE' })
    assert.deepEqual(unknown, { outcome: 'refused', code: 'SHIPMENT.MISSING_RATE' })
    assert.deepEqual(expired, { outcome: 'refused', code: 'SHIPMENT.RATES.UNAVAILABLE' })
  })

  it('tells what could be bought while nothing is', async (t) => {
    const { gateway } = await aGateway(t)
    const offer = await anOffer(gateway)

    const found = await gateway.retrieveLabel(offer.carrierShipmentId)

    assert.equal(found.outcome, 'unbought')
    assert.ok(found.rates.some(({ rateId }) => rateId === offer.rateId))
  })
})

describe('taking a label back', () => {
  it('voids it, also when it was voided before, and says so when there is none', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    const { carrierShipmentId } = await aLabel(gateway)
    const unbought = await anOffer(gateway)

    assert.deepEqual(await gateway.voidLabel(carrierShipmentId), { outcome: 'voided' })
    assert.deepEqual(await gateway.voidLabel(carrierShipmentId), { outcome: 'voided' })
    assert.deepEqual(await gateway.voidLabel(unbought.carrierShipmentId), { outcome: 'unbought' })
    assert.equal((await carrier.deeds('shipments.refund')).length, 1)
  })

  it('voids it once when the answer is lost', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    const { carrierShipmentId } = await aLabel(gateway)
    await carrier.fault({ operation: 'shipments.refund', kind: 'drop_after' })

    assert.equal((await faultOf(gateway.voidLabel(carrierShipmentId))).outcomeUnknown, true)
    assert.deepEqual(await gateway.voidLabel(carrierShipmentId), { outcome: 'voided' })
    assert.equal((await carrier.deeds('shipments.refund')).length, 1)
  })

  it('is refused once a carrier has the parcel', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    const { carrierShipmentId, label } = await aLabel(gateway)
    await carrier.send(`trackers/${label.trackerId}`, { status: 'in_transit' })

    assert.deepEqual(await gateway.voidLabel(carrierShipmentId), { outcome: 'refused' })
  })
})

describe('following parcels', () => {
  it('tells where each is, and when a carrier first had it', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    const moving = await aLabel(gateway)
    const waiting = await aLabel(gateway)
    for (const status of ['pre_transit', 'in_transit', 'delivered']) {
      await carrier.send(`trackers/${moving.label.trackerId}`, { status })
    }

    const states = await gateway.track([moving.label.trackerId, waiting.label.trackerId])
    const byId = new Map(states.map((state) => [state.trackerId, state]))

    const moved = byId.get(moving.label.trackerId)
    assert.equal(moved?.status, 'delivered')
    assert.deepEqual(
      moved.scans.map(({ status }) => status),
      ['pre_transit', 'in_transit', 'delivered'],
    )
    assert.equal(moved.scannedAt, moved.scans[1]?.at)
    assert.equal(moved.scans[1]?.city, 'BERLIN')
    assert.equal(moved.trackingCode, moving.label.trackingCode)
    const still = byId.get(waiting.label.trackerId)
    assert.deepEqual([still?.status, still?.scannedAt, still?.scans], ['unknown', null, []])
  })

  it('leaves out one that cannot be asked about, and fails only if none can', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    const { label } = await aLabel(gateway)

    const states = await gateway.track(['trk_unknown', label.trackerId])
    await carrier.fault({ operation: 'trackers.retrieve', kind: 'status', status: 503, count: 2 })
    const fault = await faultOf(gateway.track([label.trackerId, label.trackerId]))

    assert.deepEqual(
      states.map(({ trackerId }) => trackerId),
      [label.trackerId],
    )
    assert.equal(fault.status, 503)
    assert.deepEqual(await gateway.track([]), [])
  })

  it('asks about a few at a time', async (t) => {
    let asking = 0
    let most = 0
    const gateway = await aStranger(t, (request, answer) => {
      asking += 1
      most = Math.max(most, asking)
      setImmediate(() => {
        asking -= 1
        const id = request.url?.split('/').at(-1)
        const tracker = { id, tracking_code: '1', status: 'a word of tomorrow', tracking_details: [] }
        answer.setHeader('content-type', 'application/json').end(JSON.stringify(tracker))
      })
    })
    const ids = Array.from({ length: 60 }, (_, index) => `trk_${index}`)

    const states = await gateway.track(ids)

    assert.deepEqual(states.map(({ trackerId }) => trackerId).sort(), ids.toSorted())
    assert.ok(states.every(({ status }) => status === 'unknown'))
    assert.ok(most <= 8, `${most} at once`)
  })
})

describe('accidents', () => {
  it('are faults that say what happened and name nobody', async (t) => {
    const { carrier, gateway } = await aGateway(t)
    const offer = await anOffer(gateway)
    for (const [kind, status, outcomeUnknown] of [
      ['status', 500, true],
      ['status', 503, true],
      ['status', 429, false],
      ['fail_before', 504, true],
    ] as const) {
      await carrier.fault({ operation: 'shipments.buy', kind, status })
      const fault = await faultOf(gateway.buy(offer))
      assert.deepEqual(
        [fault.provider, fault.operation, fault.status, fault.outcomeUnknown],
        ['easypost', 'shipments.buy', status, outcomeUnknown],
      )
    }
    await carrier.fault({ operation: 'shipments.create', kind: 'drop_before' })
    assert.equal((await faultOf(ask(gateway))).code, 'ECONNRESET')
    assert.equal((await carrier.deeds('shipments.buy')).length, 0)
  })

  it('are also a wrong key and a closed port', async (t) => {
    const carrier = await aCarrier(t)
    const stranger = createCarrierGateway({ apiKey: 'wrong', baseUrl: carrier.url, timeoutMs: 5000 })
    const nobody = createCarrierGateway({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1', timeoutMs: 5000 })

    assert.equal((await faultOf(ask(stranger))).status, 401)
    const fault = await faultOf(nobody.buy({ carrierShipmentId: 'shp_1', rateId: 'rate_1' }))
    assert.deepEqual([fault.code, fault.outcomeUnknown], ['ECONNREFUSED', false])
  })

  it('are also answers that make no sense', async (t) => {
    const bodies = [
      { status: 200, type: 'text/html', body: '<h1>Welcome, Ada</h1>' },
      { status: 502, type: 'text/html', body: '<h1>Bad gateway, Ada</h1>' },
      { status: 200, type: 'application/json', body: '{"half": ' },
      { status: 200, type: 'application/json', body: '{"id": "shp_1"}' },
      { status: 422, type: 'application/json', body: '{"error": "Secret Lane"}' },
      { status: 200, type: 'application/json', body: '[]' },
      { status: 500, type: 'application/json', body: '' },
    ]
    let next = bodies[0]
    const gateway = await aStranger(t, (_request, answer) => {
      answer.writeHead(next?.status ?? 500, { 'content-type': next?.type ?? '' }).end(next?.body)
    })
    for (next of bodies) {
      const fault = await faultOf(gateway.buy({ carrierShipmentId: 'shp_1', rateId: 'rate_1' }))
      assert.equal(fault.outcomeUnknown, true, next.body)
      await faultOf(ask(gateway))
    }
  })

  it('are also 4xx that leave open whether a label was bought', async (t) => {
    const gateway = await aStranger(t, (_request, answer) => {
      const error = { code: 'SHIPMENT.POSTAGE.NO_RESPONSE', message: 'No response from carrier.', errors: [] }
      answer.writeHead(422, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
    })

    const fault = await faultOf(gateway.buy({ carrierShipmentId: 'shp_1', rateId: 'rate_1' }))

    assert.deepEqual([fault.code, fault.outcomeUnknown], ['SHIPMENT.POSTAGE.NO_RESPONSE', true])
  })
})
