import Stripe from 'stripe'
import { isId } from '../../domain/ids.ts'
import type { EventTopic, HeardEvent } from '../../domain/provider-events.ts'
import { excerptOf, fieldsIn, isProviderId, jsonIn, signatureToleranceMs, textIn } from '../hooks.ts'
import type { Posted, ReadHook, Reading } from '../hooks.ts'

/** What of Stripe's events concerns us. A webhook endpoint at Stripe should send these and no others. */
const topics: Readonly<Record<string, EventTopic>> = {
  'payment_intent.amount_capturable_updated': 'payment.authorized',
  'payment_intent.payment_failed': 'payment.declined',
  'payment_intent.succeeded': 'payment.captured',
  'payment_intent.canceled': 'payment.cancelled',
  'refund.created': 'refund',
  'refund.updated': 'refund',
  'refund.failed': 'refund',
  'charge.dispute.created': 'dispute',
  'charge.dispute.closed': 'dispute',
}

export const stripeEventTypes: readonly string[] = Object.keys(topics)

/** Reads Stripe's webhooks. Each of `secrets` is valid, so that one can be changed without losing an event. */
export function stripeHook(secrets: readonly string[]): ReadHook {
  return (posted) => {
    const header = posted.headers['stripe-signature']
    if (typeof header !== 'string') return { outcome: 'forged' }
    if (!secrets.some((secret) => isSigned(posted.body, { header, secret }))) return { outcome: 'forged' }
    if (!isTimely(header, posted)) return { outcome: 'out_of_time' }
    return eventIn(jsonIn(posted.body))
  }
}

/** Stripe's own check, without its idea of time: that one believes any time in the future. */
function isSigned(body: Buffer, { header, secret }: { header: string; secret: string }): boolean {
  try {
    return Stripe.webhooks.signature?.verifyHeader(body, header, secret, 0) ?? false
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false
    throw error
  }
}

function isTimely(header: string, { nowMs }: Posted): boolean {
  const times = header.split(',').filter((part) => part.startsWith('t='))
  // Of two times the signature covers only one, and it is not for us to guess which.
  if (times.length !== 1 || !/^t=\d{1,12}$/.test(times[0] ?? '')) return false
  const signedAtMs = Number(times[0]?.slice(2)) * 1000
  return Math.abs(nowMs - signedAtMs) <= signatureToleranceMs
}

const kept = [
  ...['object', 'status', 'amount', 'amount_received', 'currency'],
  ...['payment_intent', 'charge', 'failure_reason', 'reason'],
] as const

function eventIn(json: unknown): Reading {
  const envelope = fieldsIn(json)
  const eventId = textIn(envelope, 'id')
  const type = textIn(envelope, 'type')
  const created = envelope['created']
  const thing = fieldsIn(fieldsIn(envelope['data'])['object'])
  const objectId = textIn(thing, 'id')
  if (eventId === null || !isProviderId(eventId) || type === null || typeof created !== 'number') {
    return { outcome: 'unreadable' }
  }
  if (envelope['object'] !== 'event' || objectId === null || !isProviderId(objectId))
    return { outcome: 'unreadable' }
  return { outcome: 'event', event: heard({ eventId, type: type.slice(0, 100), created, objectId, thing }) }
}

function heard({
  eventId,
  type,
  created,
  objectId,
  thing,
}: {
  eventId: string
  type: string
  created: number
  objectId: string
  thing: Readonly<Record<string, unknown>>
}): HeardEvent {
  const metadata = fieldsIn(thing['metadata'])
  const orderId = textIn(metadata, 'order_id') ?? ''
  const refundId = textIn(metadata, 'refund_id')
  const intent = thing['object'] === 'payment_intent' ? objectId : textIn(thing, 'payment_intent')
  return {
    eventId,
    type,
    topic: Object.hasOwn(topics, type) ? (topics[type] ?? null) : null,
    objectId,
    subject: intent,
    orderId: isId('ord', orderId) ? orderId : null,
    occurredAt: new Date(created * 1000).toISOString(),
    excerpt: {
      ...excerptOf(thing, kept),
      ...(refundId !== null && { refund_id: refundId.slice(0, 100) }),
    },
  }
}
