import type { FastifyRequest } from 'fastify'
import { addressFrom, verified } from './addresses.ts'
import type { Desk } from './desk.ts'
import { wireEvent, wireListedEvent } from './events.ts'
import { parcelFrom } from './shipments.ts'
import type { WebhookRecord } from './state.ts'
import { newTracker, scansUntil, testCodes, wireNewTracker, wireTracker } from './tracking.ts'
import type { TrackerRecord } from './tracking.ts'
import { fieldsOf, newId, notFound, pageOf, required, seconds, textOf, WireRefusal } from './wire.ts'
import type { Fields } from './wire.ts'

const idOf = ({ params }: FastifyRequest): string => textOf(fieldsOf(params), 'id') ?? ''

/** `addresses.create`, `.create_and_verify`, `.retrieve`, `.verify`, `parcels.create`, `.retrieve`. */
export function addressRoutes({ route, state }: Desk): void {
  const asked = (body: unknown): Fields => {
    const input = fieldsOf(fieldsOf(body)['address'])
    if (Object.keys(input).length === 0) throw required('address')
    return input
  }
  const wants = (value: unknown): boolean => value === true || (Array.isArray(value) && value.length > 0)

  route('POST', '/v2/addresses', 'addresses.create', async (request, reply) => {
    const input = asked(request.body)
    const sent = addressFrom(input, Date.now())
    const strictly = wants(fieldsOf(request.body)['verify_strict']) || wants(input['verify_strict'])
    const address = strictly ? verified(sent) : sent
    await state.commit({ type: 'address.create', address })
    reply.code(201)
    return address
  })

  route('POST', '/v2/addresses/create_and_verify', 'addresses.create_and_verify', async (request) => {
    const address = verified(addressFrom(asked(request.body), Date.now()))
    await state.commit({ type: 'address.create', address })
    return { address }
  })

  route('GET', '/v2/addresses/:id', 'addresses.retrieve', async (request) => {
    const address = state.addresses.get(idOf(request))
    if (!address) throw notFound()
    return address
  })

  route('GET', '/v2/addresses/:id/verify', 'addresses.verify', async (request) => {
    const address = state.addresses.get(idOf(request))
    if (!address) throw notFound()
    const proven = verified(address)
    await state.commit({ type: 'address.create', address: proven })
    return { address: proven }
  })

  route('POST', '/v2/parcels', 'parcels.create', async (request, reply) => {
    const parcel = parcelFrom(fieldsOf(request.body)['parcel'], Date.now())
    await state.commit({ type: 'parcel.create', parcel })
    reply.code(201)
    return parcel
  })

  route('GET', '/v2/parcels/:id', 'parcels.retrieve', async (request) => {
    const parcel = state.parcels.get(idOf(request))
    if (!parcel) throw notFound()
    return parcel
  })
}

/** `trackers.create`, `.list`, `.retrieve`. */
export function trackerRoutes({ route, state, urls, stepMs }: Desk): void {
  const shown = (tracker: TrackerRecord) => ({ tracker, nowMs: Date.now(), publicUrl: urls.tracking })

  route('POST', '/v2/trackers', 'trackers.create', async (request) => {
    const input = fieldsOf(fieldsOf(request.body)['tracker'])
    const trackingCode = textOf(input, 'tracking_code')
    if (trackingCode === null) throw required('tracking_code')
    const known = state.trackers.get(state.trackerIdOfCode.get(trackingCode) ?? '')
    if (known) return wireNewTracker(shown(known))
    const tracker = trackerFrom({
      trackingCode,
      carrier: textOf(input, 'carrier'),
      stepMs,
      nowMs: Date.now(),
    })
    await state.commit({ type: 'tracker.create', tracker })
    return wireNewTracker(shown(tracker))
  })

  route('GET', '/v2/trackers', 'trackers.list', async (request) => {
    const query = fieldsOf(request.query)
    const code = textOf(query, 'tracking_code')
    const all = [...state.trackers.values()].filter(
      ({ trackingCode }) => (code ?? trackingCode) === trackingCode,
    )
    const { items, hasMore } = pageOf({ all, query })
    return { trackers: items.map((tracker) => wireTracker(shown(tracker))), has_more: hasMore }
  })

  route('GET', '/v2/trackers/:id', 'trackers.retrieve', async (request) => {
    const tracker = state.trackers.get(idOf(request))
    if (!tracker) throw notFound()
    return wireTracker(shown(tracker))
  })
}

/** A tracker of a parcel that was not sent through here: one of EasyPost's test codes stands still, any other travels. */
function trackerFrom(input: {
  trackingCode: string
  carrier: string | null
  stepMs: number
  nowMs: number
}): TrackerRecord {
  const { trackingCode, stepMs, nowMs } = input
  const still = testCodes[trackingCode]
  if (still === undefined && /^EZ\d+$/.test(trackingCode)) {
    throw new WireRefusal({
      code: 'TRACKER.INVALID_TEST_CODE',
      message: 'The test tracking code is unknown.',
    })
  }
  const tracker = newTracker({
    trackingCode,
    carrier: input.carrier ?? 'USPS',
    service: 'First-Class Package Service',
    shipmentId: null,
    createdAtMs: nowMs,
    scans: [],
    stepMs,
    plan: ['pre_transit', 'in_transit', 'out_for_delivery', 'delivered'],
    origin: { city: 'HOUSTON', state: 'TX', country: null, zip: '77063' },
    destination: { city: 'CHARLESTON', state: 'SC', country: null, zip: '29401' },
  })
  if (still === undefined) return tracker
  const until = tracker.plan.indexOf(still)
  const steps =
    until < 0 && still !== 'unknown' ? [...tracker.plan.slice(0, 3), still] : tracker.plan.slice(0, until + 1)
  const dayMs = 24 * 60 * 60 * 1000
  return {
    ...tracker,
    scans: steps.map((status, step) => ({ status, atMs: nowMs - (steps.length - step) * dayMs })),
    plan: [],
  }
}

/** `events.list`, `.retrieve`, `webhooks.create`, `.list`, `.delete`. */
export function eventRoutes({ route, state, announcer }: Desk): void {
  route('GET', '/v2/events', 'events.list', async (request) => {
    const { items, hasMore } = pageOf({ all: state.events, query: fieldsOf(request.query) })
    return { events: items.map(wireListedEvent), has_more: hasMore }
  })

  route('GET', '/v2/events/:id', 'events.retrieve', async (request) => {
    const event = state.events.find(({ id }) => id === idOf(request))
    if (!event) throw notFound()
    return wireEvent(event)
  })

  route('POST', '/v2/webhooks', 'webhooks.create', async (request, reply) => {
    const input = fieldsOf(fieldsOf(request.body)['webhook'])
    const url = textOf(input, 'url')
    if (url === null || !URL.canParse(url)) throw required('url')
    const headers = Array.isArray(input['custom_headers']) ? input['custom_headers'].map(fieldsOf) : []
    const webhook: WebhookRecord = {
      id: newId('hook'),
      url,
      secret: textOf(input, 'webhook_secret'),
      customHeaders: headers.map((header) => ({
        name: textOf(header, 'name') ?? '',
        value: textOf(header, 'value') ?? '',
      })),
      createdAtMs: Date.now(),
    }
    await state.commit({ type: 'webhook.create', webhook })
    announcer.subscribe(webhook)
    reply.code(201)
    return wireWebhook(webhook)
  })

  route('GET', '/v2/webhooks', 'webhooks.list', async () => ({
    webhooks: [...state.webhooks.values()].map(wireWebhook),
  }))

  route('DELETE', '/v2/webhooks/:id', 'webhooks.delete', async (request) => {
    const id = idOf(request)
    if (!state.webhooks.has(id)) throw notFound()
    await state.commit({ type: 'webhook.delete', webhookId: id })
    announcer.unsubscribe(id)
    return {}
  })
}

function wireWebhook({ id, url, createdAtMs, customHeaders }: WebhookRecord) {
  const created_at = seconds(createdAtMs)
  return {
    id,
    object: 'Webhook',
    mode: 'test',
    url,
    created_at,
    disabled_at: null,
    custom_headers: customHeaders,
  }
}

/** What the control routes tell of a tracker: its state, and how often it was scanned. */
export function standing(tracker: TrackerRecord, nowMs: number) {
  const scans = scansUntil(tracker, nowMs)
  return {
    id: tracker.id,
    trackingCode: tracker.trackingCode,
    status: scans.at(-1)?.status ?? 'unknown',
    scans: scans.length,
  }
}
