import type { HeardEvent } from '../../domain/provider-events.ts'
import { excerptOf, fieldsIn, isProviderId, jsonIn, textIn } from '../hooks.ts'
import type { Posted, ReadHook, Reading } from '../hooks.ts'
import { trackingOf, trackingStatusOf } from './answers.ts'
import type { TrackingState } from './answers.ts'
import { easyPostClient, keptConnections } from './transport.ts'

/**
 * Reads EasyPost's webhooks. Its signature covers the body and no time, so an old post can be sent again: it has the id of an event
 * that we know, and nothing in it is believed before the carrier was asked again. Each of `secrets` is valid.
 */
export function easyPostHook(secrets: readonly string[]): ReadHook {
  const { Utils: utils } = easyPostClient({
    apiKey: 'none',
    timeoutMs: 1,
    connections: keptConnections(undefined),
  })
  const isSigned = ({ body, headers }: Posted, secret: string): boolean => {
    try {
      utils.validateWebhook(body, headers, secret)
      return true
    } catch {
      // Whatever it stumbles over, a body that is not JSON included, it did not find a signature of ours to be right.
      return false
    }
  }
  return (posted) => {
    if (typeof posted.headers['x-hmac-signature'] !== 'string') return { outcome: 'forged' }
    if (!secrets.some((secret) => isSigned(posted, secret))) return { outcome: 'forged' }
    return eventIn(jsonIn(posted.body))
  }
}

function eventIn(json: unknown): Reading {
  const envelope = fieldsIn(json)
  const eventId = textIn(envelope, 'id')
  const type = textIn(envelope, 'description')
  const thing = fieldsIn(envelope['result'])
  const objectId = textIn(thing, 'id')
  const created = new Date(textIn(envelope, 'created_at') ?? '')
  if (eventId === null || !isProviderId(eventId) || type === null) return { outcome: 'unreadable' }
  if (objectId === null || !isProviderId(objectId) || Number.isNaN(created.getTime()))
    return { outcome: 'unreadable' }
  const event: HeardEvent = {
    eventId,
    type: type.slice(0, 100),
    // A tracker that was only made tells nothing that buying its label did not.
    topic: type === 'tracker.updated' ? 'tracking' : null,
    objectId,
    subject: objectId,
    orderId: null,
    occurredAt: created.toISOString(),
    excerpt: { ...excerptOf(thing, ['object', 'status', 'tracking_code', 'carrier']), ...sightingOf(thing) },
  }
  return { outcome: 'event', event }
}

/** The newest scan of a tracker, as fields of an excerpt. */
function sightingOf(thing: unknown): HeardEvent['excerpt'] {
  const scan = trackingOf(thing)?.scans.at(-1)
  if (!scan) return {}
  const { at, status, message, city } = scan
  return {
    ...{ scan_at: at, scan_status: status, scan_message: message.slice(0, 250) },
    ...(city !== undefined && { scan_city: city.slice(0, 100) }),
  }
}

/** What an event told of a parcel: how far its tracker was, and the newest scan. Null where it told of none. */
export function sightingIn(
  excerpt: HeardEvent['excerpt'],
): { tracker: TrackingState['status']; scan: TrackingState['scans'][number] } | null {
  const at = textIn(excerpt, 'scan_at')
  const message = textIn(excerpt, 'scan_message')
  const city = textIn(excerpt, 'scan_city')
  if (at === null || message === null) return null
  const status = trackingStatusOf(excerpt['scan_status'])
  const scan = { at, status, message, ...(city !== null && { city }) }
  return { tracker: trackingStatusOf(excerpt['status']), scan }
}
