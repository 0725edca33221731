import EasyPost from '@easypost/api'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { signature } from '../../dev/easypost-sim/events.ts'
import { calledOff, moved, newTracker, scansUntil, statusAt } from '../../dev/easypost-sim/tracking.ts'
import type { TrackerRecord } from '../../dev/easypost-sim/tracking.ts'
import { aCarrier, aFolder, control } from '../support/doubles.ts'

type Json = Readonly<Record<string, unknown>>

interface Exchange {
  scene: string
  request: { method: string; path: string; body: unknown }
  response: { status: number; body: unknown }
}

const recorded = (await readFile(new URL('../fixtures/easypost/exchanges.jsonl', import.meta.url), 'utf8'))
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange)

/** The recorded exchange whose request looks like this. */
function exchange(method: string, path: RegExp, scene = /./): Exchange {
  const found = recorded.find(
    (one) => one.request.method === method && path.test(one.request.path) && scene.test(one.scene),
  )
  assert.ok(found, `${method} ${path.source}`)
  return found
}

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where ours differs from theirs: a key too many, a key too few, another type. What is null on either side says nothing. */
function differences(theirs: unknown, ours: unknown, path = ''): string[] {
  if (theirs === null || ours === null) return []
  if (Array.isArray(theirs) || Array.isArray(ours)) {
    if (!Array.isArray(theirs) || !Array.isArray(ours)) return [`${path}: one is a list`]
    return theirs.length === 0 || ours.length === 0 ? [] : differences(theirs[0], ours[0], `${path}[]`)
  }
  if (!isRecord(theirs) || !isRecord(ours)) {
    return typeof theirs === typeof ours ? [] : [`${path}: ${typeof theirs}, not ${typeof ours}`]
  }
  return [
    ...Object.keys(theirs)
      .filter((key) => !(key in ours))
      .map((key) => `${path}.${key} is missing`),
    ...Object.keys(ours)
      .filter((key) => !(key in theirs))
      .map((key) => `${path}.${key} is invented`),
    ...Object.keys(theirs)
      .filter((key) => key in ours)
      .flatMap((key) => differences(theirs[key], ours[key], `${path}.${key}`)),
  ]
}

/** Asks the double as EasyPost's client would, without its help. */
function asking({ url, apiKey }: { url: string; apiKey: string }) {
  return async (method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined || body === null ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Json }
  }
}

const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value)

const to = { name: 'Ada', street1: 'Marktgasse 7', city: 'Bonn', zip: '53111', country: 'DE' }
const from = { name: 'Warehouse', street1: 'Lagerstr. 1', city: 'Berlin', zip: '10115', country: 'DE' }

async function aPurchase(ask: ReturnType<typeof asking>, changes: Json = {}) {
  const shipment = { from_address: from, to_address: to, parcel: { weight: 20 }, ...changes }
  const created = await ask('POST', '/v2/shipments', { shipment })
  assert.equal(created.status, 201, JSON.stringify(created.body))
  const id = String(created.body['id'])
  const rate = { id: at(created.body, 'rates', 0, 'id') }
  const bought = await ask('POST', `/v2/shipments/${id}/buy`, { rate })
  assert.equal(bought.status, 200, JSON.stringify(bought.body))
  return { id, bought: bought.body, trackerId: String(at(bought.body, 'tracker', 'id')) }
}

describe('the shapes of EasyPost', () => {
  it('are those that the real one was seen to answer with', async (t) => {
    const carrier = await aCarrier(t)
    const ask = asking(carrier)
    const same = async ({ scene, request, response }: Exchange, path = request.path): Promise<Json> => {
      const ours = await ask(request.method, path, request.body)
      assert.equal(ours.status, response.status, `${scene}: ${JSON.stringify(ours.body)}`)
      assert.deepEqual(
        differences(response.body, ours.body),
        [],
        `${scene}: ${request.method} ${request.path}`,
      )
      return ours.body
    }

    await same(exchange('POST', /addresses\/create_and_verify/, /creates/))
    await same(exchange('POST', /addresses\/create_and_verify/, /throws/))
    await same(exchange('POST', /addresses$/, /creates an address/))
    const invalid = await same(exchange('POST', /addresses$/, /throws/))
    await same(exchange('GET', /verify$/), `/v2/addresses/${String(invalid['id'])}/verify`)
    await same(exchange('POST', /shipments$/, /error/))

    const shipment = await same(exchange('POST', /shipments$/, /buys/))
    const id = String(shipment['id'])
    await same(exchange('GET', /shipments\/shp_\w+$/, /retrieves a shipment/), `/v2/shipments/${id}`)
    const rates = await same(exchange('POST', /rerate/), `/v2/shipments/${id}/rerate`)
    const buying = exchange('POST', /buy/)
    const rate = { id: at(rates, 'rates', 0, 'id') }
    await same({ ...buying, request: { ...buying.request, body: { rate } } }, `/v2/shipments/${id}/buy`)

    const oneCall = await same(exchange('POST', /shipments$/, /refunds a shipment/))
    const trackerId = String(at(oneCall, 'tracker', 'id'))
    await carrier.send(`trackers/${trackerId}`, { status: 'pre_transit' })
    await same(
      exchange('GET', /shipments\/shp_\w+$/, /creates a refund/),
      `/v2/shipments/${String(oneCall['id'])}`,
    )
    await same(exchange('POST', /shipments\/\w+\/refund/), `/v2/shipments/${String(oneCall['id'])}/refund`)
    const refunding = exchange('POST', /refunds$/)
    const codes = {
      carrier: 'USPS',
      tracking_codes: [(await ask('GET', `/v2/shipments/${id}`)).body['tracking_code']],
    }
    await same({ ...refunding, request: { ...refunding.request, body: { refund: codes } } })
    await same(exchange('GET', /shipments\?/))

    const tracker = await same(exchange('POST', /trackers$/, /creates a tracker/))
    await same(exchange('GET', /trackers\/trk/), `/v2/trackers/${String(tracker['id'])}`)
    await same(exchange('GET', /trackers\?/))
    const events = await same(exchange('GET', /events\?/))
    const created = (events['events'] as Json[]).find((event) => event['description'] === 'tracker.created')
    await same(exchange('GET', /events\/evt/), `/v2/events/${String(created?.['id'])}`)
    const hook = await same(exchange('POST', /webhooks$/))
    await same(exchange('DELETE', /webhooks/), `/v2/webhooks/${String(hook['id'])}`)
  })

  it('ask for the key', async (t) => {
    const carrier = await aCarrier(t)

    const answer = await asking({ ...carrier, apiKey: 'wrong' })('GET', '/v2/shipments')

    assert.equal(answer.status, 401)
    assert.equal(at(answer.body, 'error', 'code'), 'UNAUTHORIZED')
  })

  it('turn the pages of a list, newest first, and find a shipment by its reference', async (t) => {
    const ask = asking(await aCarrier(t))
    const shipment = { from_address: from, to_address: to, parcel: { weight: 20 } }
    const ids: string[] = []
    for (const reference of ['a', 'b', 'c']) {
      ids.push(
        String((await ask('POST', '/v2/shipments', { shipment: { ...shipment, reference } })).body['id']),
      )
    }

    const first = await ask('GET', '/v2/shipments?page_size=2')
    const second = await ask('GET', `/v2/shipments?page_size=2&before_id=${ids[1]}`)

    assert.deepEqual(
      [at(first.body, 'shipments', 0, 'id'), at(first.body, 'shipments', 1, 'id')],
      [ids[2], ids[1]],
    )
    assert.equal(first.body['has_more'], true)
    assert.deepEqual(
      [at(second.body, 'shipments', 0, 'id'), at(second.body, 'shipments', 1)],
      [ids[0], undefined],
    )
    assert.equal(second.body['has_more'], false)
    assert.equal((await ask('GET', '/v2/shipments/b')).body['id'], ids[1])
  })
})

describe('rates', () => {
  it('are the same for the same parcel, more for a heavier or a farther one, and in the currency asked for', async (t) => {
    const ask = asking(await aCarrier(t))
    const prices = async (changes: Json): Promise<unknown[]> => {
      const shipment = { from_address: from, to_address: to, parcel: { weight: 20 }, ...changes }
      const { body } = await ask('POST', '/v2/shipments', { shipment })
      const rates = body['rates'] as { carrier: string; service: string; rate: string; currency: string }[]
      return rates.map(({ carrier, service, rate, currency }) => [carrier, service, rate, currency].join(' '))
    }

    assert.deepEqual(await prices({}), await prices({}))
    assert.equal((await prices({}))[0], 'DHLParcel Parcel 5.94 USD')
    assert.equal((await prices({ parcel: { weight: 100 } }))[0], 'DHLParcel Parcel 7.74 USD')
    assert.equal((await prices({ options: { currency: 'JPY' } }))[0], 'DHLParcel Parcel 891 JPY')
    assert.equal((await prices({ options: { currency: 'KWD' } }))[0], 'DHLParcel Parcel 1.841 KWD')
    const japan = { ...to, zip: '150-0001', country: 'JP' }
    assert.equal((await prices({ to_address: japan }))[0], 'UPS UPSSaver 59.80 USD')
  })
})

describe('labels', () => {
  it('open as a PDF and as a PNG', async (t) => {
    const ask = asking(await aCarrier(t))
    const { id, bought } = await aPurchase(ask, { options: { label_format: 'PDF' } })
    const converted = await ask('GET', `/v2/shipments/${id}/label?file_format=PNG`)
    const bytes = async (body: unknown): Promise<Buffer> =>
      Buffer.from(await (await fetch(String(at(body, 'postage_label', 'label_url')))).arrayBuffer())

    assert.equal((await bytes(bought)).subarray(0, 5).toString(), '%PDF-')
    assert.equal((await bytes(converted.body)).subarray(1, 4).toString(), 'PNG')
  })

  it('are refunded once, a step after it was asked for, and not at all when the parcel is on the road', async (t) => {
    const quick = await aCarrier(t, { stepMs: 1 })
    const slow = await aCarrier(t)
    const { id } = await aPurchase(asking(slow))
    const { id: gone } = await aPurchase(asking(quick), { to_address: { ...to, street2: 'lost parcel' } })

    const refunded = await asking(slow)('POST', `/v2/shipments/${id}/refund`, {})
    const again = await asking(slow)('POST', `/v2/shipments/${id}/refund`, {})
    let status: unknown
    while (status !== 'failure') status = (await asking(quick)('GET', `/v2/shipments/${gone}`)).body['status']
    const refused = await asking(quick)('POST', `/v2/shipments/${gone}/refund`, {})

    assert.equal(refunded.body['refund_status'], 'submitted')
    assert.equal(at(again.body, 'error', 'code'), 'SHIPMENT.REFUND.UNAVAILABLE')
    assert.deepEqual(
      [refused.status, at(refused.body, 'error', 'code')],
      [422, 'SHIPMENT.REFUND.UNAVAILABLE'],
    )
  })
})

describe('parcels', () => {
  const aTracker = (changes: Partial<TrackerRecord> = {}): TrackerRecord => ({
    ...newTracker({
      trackingCode: '1',
      carrier: 'DPD',
      service: 'Classic',
      shipmentId: null,
      createdAtMs: 1000,
      scans: [],
      stepMs: 10,
      plan: ['pre_transit', 'in_transit', 'out_for_delivery', 'delivered'],
      origin: { city: 'BERLIN', state: null, country: 'DE', zip: '10115' },
      destination: { city: 'BONN', state: null, country: 'DE', zip: '53111' },
    }),
    ...changes,
  })

  it('move by the clock, one state a step', () => {
    const tracker = aTracker()

    assert.deepEqual(
      [1000, 1009, 1010, 1020, 1030, 1040, 99_999].map((nowMs) => statusAt(tracker, nowMs)),
      ['unknown', 'unknown', 'pre_transit', 'in_transit', 'out_for_delivery', 'delivered', 'delivered'],
    )
    assert.deepEqual(scansUntil(tracker, 1025), [
      { status: 'pre_transit', atMs: 1010 },
      { status: 'in_transit', atMs: 1020 },
    ])
  })

  it('go on from where they were put by hand, and stay when their label was taken back', () => {
    const put = moved(aTracker(), { status: 'in_transit', atMs: 1012 })
    const back = calledOff(aTracker(), { atMs: 1012, refundedAtMs: 1050 })

    assert.deepEqual(
      scansUntil(put, 5000).map(({ status, atMs }) => [status, atMs]),
      [
        ['pre_transit', 1010],
        ['in_transit', 1012],
        ['out_for_delivery', 1022],
        ['delivered', 1032],
      ],
    )
    assert.deepEqual(
      [1049, 1050].map((nowMs) => statusAt(back, nowMs)),
      ['pre_transit', 'cancelled'],
    )
  })

  it('end as their second address line asks', async (t) => {
    const carrier = await aCarrier(t, { stepMs: 1 })
    const ask = asking(carrier)
    for (const [street2, ending] of [
      ['Return to sender, please', 'return_to_sender'],
      ['lost parcel', 'failure'],
      ['Pickup point 7', 'delivered'],
      ['never scanned', 'pre_transit'],
    ]) {
      const { trackerId } = await aPurchase(ask, { to_address: { ...to, street2 } })
      let tracker: Json = {}
      while (tracker['status'] !== ending) tracker = (await ask('GET', `/v2/trackers/${trackerId}`)).body
      assert.equal(
        at(tracker, 'tracking_details', 'length'),
        ending === 'pre_transit' ? 1 : ending === 'failure' ? 3 : 4,
      )
    }
  })

  it('stand still under a test code', async (t) => {
    const ask = asking(await aCarrier(t, { stepMs: 1 }))
    const status = async (tracking_code: string): Promise<unknown> =>
      (await ask('POST', '/v2/trackers', { tracker: { tracking_code } })).body['status']

    assert.deepEqual(
      await Promise.all(
        [
          'EZ1000000001',
          'EZ2000000002',
          'EZ3000000003',
          'EZ4000000004',
          'EZ5000000005',
          'EZ6000000006',
          'EZ7000000007',
        ].map(status),
      ),
      [
        'pre_transit',
        'in_transit',
        'out_for_delivery',
        'delivered',
        'return_to_sender',
        'failure',
        'unknown',
      ],
    )
  })
})

/** Receives webhooks; `next` resolves with the next one. */
async function aReceiver(t: TestContext) {
  const received: { body: string; headers: Record<string, unknown> }[] = []
  const server = createServer((request, answer) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () => {
      received.push({ body, headers: request.headers })
      answer.end()
      server.emit('received')
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const until = async (count: number): Promise<typeof received> => {
    while (received.length < count) await once(server, 'received')
    return received
  }
  return { url: `http://127.0.0.1:${address.port}/hook`, until }
}

describe('webhooks', () => {
  const secret = 'sécret'
  // The types of the package describe its CommonJS form; what Node loads is the class itself.
  const Client = EasyPost.default ?? EasyPost
  const { Utils } = new Client('k') as unknown as {
    Utils: { validateWebhook(body: Buffer, headers: object, secret: string): Json }
  }

  it('tell every scan once, signed as the client of EasyPost checks it', async (t) => {
    const receiver = await aReceiver(t)
    const carrier = await aCarrier(t, { webhookUrl: receiver.url, webhookSecret: secret, stepMs: 5 })
    const { trackerId } = await aPurchase(asking(carrier))

    const received = await receiver.until(5)
    const events = received.map(({ body, headers }) =>
      Utils.validateWebhook(Buffer.from(body), headers, secret),
    )

    assert.deepEqual(
      events.map((event) => [event['description'], at(event, 'result', 'status')].join(' ')).sort(),
      [
        'tracker.created unknown',
        'tracker.updated delivered',
        'tracker.updated in_transit',
        'tracker.updated out_for_delivery',
        'tracker.updated pre_transit',
      ],
    )
    assert.ok(events.every((event) => at(event, 'result', 'id') === trackerId))
    assert.equal(new Set(events.map((event) => event['id'])).size, 5)
    assert.throws(() =>
      Utils.validateWebhook(Buffer.from(received[0]?.body ?? ''), received[0]?.headers ?? {}, 'other'),
    )
  })

  it('tell of a refund', async (t) => {
    const receiver = await aReceiver(t)
    const carrier = await aCarrier(t, { webhookUrl: receiver.url, webhookSecret: secret, stepMs: 20 })
    const ask = asking(carrier)
    const { id } = await aPurchase(ask, { to_address: { ...to, street2: 'never scanned' } })
    await ask('POST', `/v2/shipments/${id}/refund`, {})

    let refund: Json | undefined
    for (let count = 1; !refund; count += 1) {
      const events = (await receiver.until(count)).map(({ body }) => JSON.parse(body) as Json)
      refund = events.find((event) => event['description'] === 'refund.successful')
    }
    assert.equal(at(refund, 'result', 'shipment_id'), id)
    assert.equal(at(refund, 'result', 'status'), 'refunded')
  })

  it('sign a weight as EasyPost writes it', () => {
    const body = '{"weight": 8,"x":1}'
    const headers = signature(body, secret)

    assert.deepEqual(Utils.validateWebhook(Buffer.from(body), headers, secret), { weight: 8, x: 1 })
  })

  it('are sent after a restart when nobody was there before', async (t) => {
    const stateDir = await aFolder(t)
    const first = await aCarrier(t, { stateDir })
    const { trackerId } = await aPurchase(asking(first))
    await first.send(`trackers/${trackerId}`, { status: 'in_transit' })
    await first.close()
    const receiver = await aReceiver(t)
    await aCarrier(t, { stateDir, webhookUrl: receiver.url, webhookSecret: secret })

    const events = (await receiver.until(2)).map(({ body }) => JSON.parse(body) as Json)

    assert.deepEqual(events.map((event) => event['description']).sort(), [
      'tracker.created',
      'tracker.updated',
    ])
  })
})

describe('the journal', () => {
  it('keeps what was answered through a kill -9', async (t) => {
    const stateDir = await aFolder(t)
    const main = new URL('../../dev/easypost-sim/main.ts', import.meta.url).href
    const settings = JSON.stringify({
      port: 0,
      host: '127.0.0.1',
      stateDir,
      apiKey: 'EZTK_test',
      stepMs: 3_600_000,
    })
    const script = `const { startEasyPostDouble } = await import('${main}'); const { url } = await startEasyPostDouble(${settings}); console.log(url)`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const url = line.toString().trim()
    const { id, bought, trackerId } = await aPurchase(asking({ url, apiKey: 'EZTK_test' }))
    await control(url).send(`trackers/${trackerId}`, { status: 'out_for_delivery' })
    child.kill('SIGKILL')
    await once(child, 'exit')

    const carrier = await aCarrier(t, { stateDir })
    const ask = asking(carrier)
    const after = (await ask('GET', `/v2/shipments/${id}`)).body
    const again = await ask('POST', `/v2/shipments/${id}/buy`, { rate: { id: at(bought, 'rates', 0, 'id') } })

    assert.equal(after['tracking_code'], bought['tracking_code'])
    assert.equal(at(after, 'tracker', 'status'), 'out_for_delivery')
    assert.equal(at(again.body, 'error', 'code'), 'SHIPMENT.POSTAGE.EXISTS')
    assert.equal((await carrier.deeds('shipments.buy')).length, 1)
  })
})
