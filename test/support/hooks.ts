import { randomBytes } from 'node:crypto'
import { signature } from '../../dev/easypost-sim/events.ts'
import { signWebhook } from '../../dev/stripe-sim/events.ts'
import { hookSecrets } from './api.ts'
import type { Reply, TestApi } from './api.ts'

/** Posts of providers, as a test writes them; the doubles' own code signs them. */

export interface Post {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const hex = (): string => randomBytes(12).toString('hex')

export function aStripeEvent(
  changes: { type?: string; object?: Record<string, unknown>; id?: string } = {},
): Record<string, unknown> {
  const { type = 'payment_intent.succeeded', object = {}, id = `evt_${hex()}` } = changes
  return {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(Date.now() / 1000),
    data: { object: { id: `pi_${hex()}`, object: 'payment_intent', status: 'succeeded', ...object } },
    type,
  }
}

export function fromStripe(
  event: unknown,
  { secret = hookSecrets.stripe[0], nowMs = Date.now() }: { secret?: string; nowMs?: number } = {},
): Post {
  const body = typeof event === 'string' ? event : JSON.stringify(event)
  return { body, headers: signWebhook({ body, secret, nowMs }) }
}

export function aCarrierEvent(
  changes: { description?: string; trackerId?: string; id?: string } = {},
): Record<string, unknown> {
  const { description = 'tracker.updated', trackerId = `trk_${hex()}`, id = `evt_${hex()}` } = changes
  return {
    id,
    object: 'Event',
    description,
    created_at: new Date().toISOString(),
    result: { id: trackerId, object: 'Tracker', status: 'in_transit', tracking_code: 'EZ1', weight: 12 },
  }
}

export function fromCarrier(event: unknown, secret: string = hookSecrets.easypost[0]): Post {
  const body = typeof event === 'string' ? event : JSON.stringify(event)
  return { body, headers: signature(body, secret) }
}

export function hear(api: TestApi, provider: 'stripe' | 'easypost', { body, headers }: Post): Promise<Reply> {
  return api.ask({ method: 'POST', url: `/v1/hooks/${provider}`, body, headers })
}
