import { timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { createDouble } from '../sim-kit/server.ts'
import type { Double, Handler, Log } from '../sim-kit/server.ts'
import type { Desk } from './desk.ts'
import { createAnnouncer } from './events.ts'
import { barcodePng, labelPdf } from './labels.ts'
import { addressRoutes, eventRoutes, standing, trackerRoutes } from './other-routes.ts'
import { shipmentRoutes } from './shipment-routes.ts'
import type { Urls } from './shipments.ts'
import { openState } from './state.ts'
import type { State } from './state.ts'
import { moved, trackerStatuses, wireTracker } from './tracking.ts'
import { trackingPage } from './tracking-page.ts'
import { failureBody, fieldsOf, textOf, WireRefusal } from './wire.ts'

export interface EasyPostDoubleSettings {
  /** 0 lets the system pick. */
  port: number
  host: string
  /** Where the journal is kept. Starting again on it goes on with the same parcels. */
  stateDir: string
  /** The only key that is let in. */
  apiKey: string
  /** Hears every event from the first start on; more can be added over the API. */
  webhookUrl?: string | undefined
  webhookSecret?: string | undefined
  /** How long a parcel stays in one state; 4 s unless told. A label that was bought keeps the pace it was bought with. */
  stepMs?: number | undefined
  /** How long a rate can be bought; 24 h unless told. */
  rateTtlMs?: number | undefined
  log?: Log | undefined
}

/** A local EasyPost for EasyPost's own client. What it does, and its magic words, stand in the README of this folder. */
export async function startEasyPostDouble(
  settings: EasyPostDoubleSettings,
): Promise<{ url: string; close(): Promise<void> }> {
  const { port, host, stateDir, apiKey, stepMs = 4000, rateTtlMs = 24 * 60 * 60 * 1000, log } = settings
  const double = createDouble({ name: 'easypost', log, failure: failureBody })
  acceptEmptyBodies(double)
  const state = await openState({
    path: join(stateDir, 'easypost.jsonl'),
    record: (deed) => double.record(deed),
  })

  let url = ''
  const urls: Urls = {
    label: (file) => `${url}/labels/${file}`,
    tracking: (trackerId) => `${url}/track/${Buffer.from(`v1:${trackerId}`).toString('base64url')}`,
  }
  const announcer = createAnnouncer({ state, trackingUrl: urls.tracking, log })
  const route = routing({ double, apiKey })
  const desk: Desk = { state, announcer, urls, stepMs, rateTtlMs, route }
  shipmentRoutes(desk)
  addressRoutes(desk)
  trackerRoutes(desk)
  eventRoutes(desk)
  publicRoutes({ double, state, urls })
  controlRoutes({ double, state, announce: () => announcer.notice(Date.now()) })

  url = await double.listen({ port, host })
  if (settings.webhookUrl !== undefined) {
    announcer.subscribe({
      id: 'hook_settings',
      url: settings.webhookUrl,
      secret: settings.webhookSecret ?? null,
      customHeaders: [],
      createdAtMs: 0,
    })
  }
  for (const webhook of state.webhooks.values()) announcer.subscribe(webhook)
  const clock = setInterval(() => announcer.notice(Date.now()), Math.min(Math.max(stepMs / 2, 20), 1000))

  return {
    url,
    async close() {
      clearInterval(clock)
      announcer.close()
      await double.close()
      await state.close()
    },
  }
}

/** Routes under their operation's faults, behind the key, with refusals in EasyPost's words. */
function routing({ double, apiKey }: { double: Double; apiKey: string }): Desk['route'] {
  const expected = Buffer.from(`Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`)
  const knownKey = (header: string | undefined): boolean => {
    const given = Buffer.from(header ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
  return (method, url, operation, handler) => {
    const answering: Handler = async (request, reply) => {
      try {
        return await handler(request, reply)
      } catch (fault) {
        if (!(fault instanceof WireRefusal)) throw fault
        reply.code(fault.status)
        return fault.body
      }
    }
    const guarded = double.operation(operation, answering)
    double.route({
      method,
      url,
      async handler(request, reply) {
        if (knownKey(request.headers.authorization)) return guarded(request, reply)
        reply.code(401)
        return failureBody({ status: 401, message: 'This API key is not valid.' })
      },
    })
  }
}

/** The client says `application/json` also where it sends nothing. */
function acceptEmptyBodies(double: Double): void {
  double.removeContentTypeParser('application/json')
  double.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : (JSON.parse(String(body)) as unknown))
    } catch {
      done(Object.assign(new Error('The request body is not JSON.'), { statusCode: 400 }))
    }
  })
}

/** What anybody may open: labels by their unguessable name, and the pages where a customer sees the parcel. */
function publicRoutes({ double, state, urls }: { double: Double; state: State; urls: Urls }): void {
  double.get<{ Params: { file: string } }>('/labels/:file', async ({ params }, reply) => {
    const [labelId, format] = params.file.split('.')
    const shipment = [...state.shipments.values()].find(({ bought }) => bought?.labelId === labelId)
    const tracker = state.trackers.get(shipment?.bought?.trackerId ?? '')
    if (!shipment?.bought || !tracker) return reply.code(404).send('There is no such label.')
    const { trackingCode } = tracker
    if (format === 'png') return reply.type('image/png').send(await barcodePng(trackingCode))
    return reply
      .type('application/pdf')
      .send(await labelPdf({ shipment, bought: shipment.bought, trackingCode }))
  })

  double.get<{ Params: { code: string } }>('/track/:code', async ({ params }, reply) => {
    const tracker = state.trackers.get(Buffer.from(params.code, 'base64url').toString().replace('v1:', ''))
    if (!tracker) return reply.code(404).send('There is no such parcel.')
    return reply
      .type('text/html')
      .send(trackingPage(wireTracker({ tracker, nowMs: Date.now(), publicUrl: urls.tracking })))
  })
}

/**
 * `GET /_control/trackers` lists parcels; `POST /_control/trackers/:id` with `{ status }` moves one, by its id or its tracking code.
 */
function controlRoutes({
  double,
  state,
  announce,
}: {
  double: Double
  state: State
  announce: () => void
}): void {
  double.get('/_control/trackers', async () =>
    [...state.trackers.values()].map((tracker) => standing(tracker, Date.now())),
  )

  double.post<{ Params: { id: string } }>('/_control/trackers/:id', async ({ params, body }, reply) => {
    const tracker =
      state.trackers.get(params.id) ?? state.trackers.get(state.trackerIdOfCode.get(params.id) ?? '')
    const asked = textOf(fieldsOf(body), 'status')
    const status = trackerStatuses.find((known) => known === asked)
    if (!tracker) return reply.code(404).send({ error: 'There is no such tracker.' })
    if (!status)
      return reply.code(400).send({ error: `Send { "status": … }, one of ${trackerStatuses.join(', ')}.` })
    const atMs = Date.now()
    const next = moved(tracker, { status, atMs })
    await state.commit({ type: 'tracker.move', tracker: next, status, atMs })
    announce()
    return standing(next, atMs)
  })
}
