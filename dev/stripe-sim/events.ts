import { createHmac } from 'node:crypto'
import type { Json } from './card-shapes.ts'
import type { StoredEvent } from './memory.ts'
import { writeView } from './shapes.ts'

/** The one API version that the double speaks: the one that the `stripe` package in `package.json` pins. */
export const apiVersion = '2026-10-28.endive'

/** An event as Stripe's API writes it; it shows its thing as it was then. */
export function writeEvent(event: StoredEvent): Json {
  return {
    id: event.id,
    object: 'event',
    api_version: apiVersion,
    created: event.created,
    data: { object: writeView(event.view) },
    livemode: false,
    pending_webhooks: event.pending ? 1 : 0,
    request: { id: event.requestId, idempotency_key: event.key },
    type: event.type,
  }
}

/** The header that Stripe signs a webhook with: the time and an HMAC-SHA-256 of time and body (Stripe, "Verify webhook signatures"). */
export function signWebhook({
  body,
  secret,
  nowMs,
}: {
  body: string
  secret: string
  nowMs: number
}): Record<string, string> {
  const time = Math.floor(nowMs / 1000)
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  return { 'stripe-signature': `t=${time},v1=${signature}` }
}
