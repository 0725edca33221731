import { createHmac } from 'node:crypto'
import type { Log } from '../sim-kit/server.ts'
import { createWebhookSender } from '../sim-kit/webhooks.ts'
import type { WebhookSender } from '../sim-kit/webhooks.ts'
import { wireRefund } from './shipments.ts'
import type { EventRecord, State, WebhookRecord } from './state.ts'
import { nextScanAt, scansUntil, wireTracker } from './tracking.ts'
import type { TrackerRecord } from './tracking.ts'
import { newId } from './wire.ts'

/** An event as the list of events shows it. */
export function wireListedEvent({ id, atMs, description }: EventRecord) {
  const created_at = new Date(atMs).toISOString()
  return { description, id, user_id: userId, status: 'pending', created_at, mode: 'test', object: 'Event' }
}

/** An event as `GET /events/:id` shows it: without its result. */
export function wireEvent({ id, atMs, description, previous }: EventRecord) {
  const at = new Date(atMs).toISOString()
  return {
    description,
    mode: 'test',
    previous_attributes: previous,
    created_at: at,
    pending_urls: [],
    completed_urls: [],
    updated_at: at,
    id,
    user_id: userId,
    status: 'pending',
    object: 'Event',
  }
}

const userId = 'user_00000000000000000000000000000000'

/** The event as webhooks get it: with what it is about, as that was then. */
function webhookBody({
  state,
  event,
  trackingUrl,
}: {
  state: State
  event: EventRecord
  trackingUrl: (id: string) => string
}): string {
  const tracker = state.trackers.get(event.subjectId)
  const refund = state.refunds.get(event.subjectId)
  const result = tracker
    ? wireTracker({ tracker, nowMs: event.atMs, publicUrl: trackingUrl })
    : refund && wireRefund(refund, event.atMs)
  return JSON.stringify({ ...wireEvent(event), result })
}

/**
 * The header that the real client's `Utils.validateWebhook` accepts. It signs the body after whole-numbered weights got a `.0`, because
 * EasyPost's own server writes them so.
 */
export function signature(body: string, secret: string): Record<string, string> {
  const signed = body.replace(/("weight":\s*)(\d+)(\s*)(?=,|\})/g, '$1$2.0')
  const digest = createHmac('sha256', Buffer.from(secret.normalize('NFKD'), 'utf8'))
    .update(signed, 'utf8')
    .digest('hex')
  return { 'x-hmac-signature': `hmac-sha256-hex=${digest}` }
}

export interface Announcer {
  /** Notices what has happened by now, writes it down as events and sends them. */
  notice(nowMs: number): void
  subscribe(webhook: WebhookRecord): void
  unsubscribe(webhookId: string): void
  close(): void
}

/**
 * Turns the passing of time into events: every scan of a tracker is announced once, also those that fell into a time when the double was
 * down. Events go out at least once, and in no promised order.
 */
export function createAnnouncer({
  state,
  trackingUrl,
  log,
}: {
  state: State
  trackingUrl: (id: string) => string
  log?: Log | undefined
}): Announcer {
  const senders = new Map<string, WebhookSender>()
  const announced = new Map<string, number>()
  /** When a tracker has more to tell. One that is moved by hand or called off is another record then. */
  const nextAt = new WeakMap<TrackerRecord, number>()
  for (const event of state.events) announced.set(event.subjectId, (announced.get(event.subjectId) ?? 0) + 1)

  const announce = (event: EventRecord): void => {
    announced.set(event.subjectId, (announced.get(event.subjectId) ?? 0) + 1)
    state
      .commit({ type: 'event', event })
      .then(() => {
        for (const webhookId of senders.keys()) send(event, webhookId)
      })
      .catch((fault: unknown) => log?.(`easypost: an event was not kept (${String(fault)})`))
  }

  const send = (event: EventRecord, webhookId: string): void =>
    senders
      .get(webhookId)
      ?.send({ id: event.id, body: webhookBody({ state, event, trackingUrl }), createdAtMs: event.atMs })

  /** The first event of a tracker says that it exists; each scan adds one. */
  const noticeTracker = (tracker: TrackerRecord, nowMs: number): void => {
    const scans = scansUntil(tracker, nowMs)
    for (let count = announced.get(tracker.id) ?? 0; count <= scans.length; count += 1) {
      const atMs = count === 0 ? tracker.createdAtMs : (scans[count - 1]?.atMs ?? nowMs)
      const previous = count === 0 ? {} : { status: scans[count - 2]?.status ?? ('unknown' as const) }
      const description = count === 0 ? 'tracker.created' : 'tracker.updated'
      announce({ id: newId('evt'), atMs, description, subjectId: tracker.id, previous })
    }
    nextAt.set(tracker, nextScanAt(tracker, nowMs))
  }

  return {
    notice(nowMs) {
      for (const tracker of state.trackers.values())
        if ((nextAt.get(tracker) ?? 0) <= nowMs) noticeTracker(tracker, nowMs)
      for (const { id, refundedAtMs } of state.refunds.values()) {
        if (announced.has(id) || refundedAtMs > nowMs) continue
        announce({
          id: newId('evt'),
          atMs: refundedAtMs,
          description: 'refund.successful',
          subjectId: id,
          previous: {},
        })
      }
    },
    subscribe({ id: webhookId, url, secret, customHeaders, createdAtMs }) {
      const extra = Object.fromEntries(customHeaders.map(({ name, value }) => [name, value]))
      const sender = createWebhookSender({
        url,
        sign: (body) => ({ ...extra, ...(secret === null ? {} : signature(body, secret)) }),
        onSettled: ({ id, outcome }) =>
          void state
            .commit({ type: 'event.settled', eventId: id, webhookId, outcome })
            .catch(() => undefined),
        log,
      })
      senders.set(webhookId, sender)
      for (const event of state.events) {
        if (event.atMs >= createdAtMs && !state.settled.has(`${event.id} ${webhookId}`))
          send(event, webhookId)
      }
    },
    unsubscribe(webhookId) {
      senders.get(webhookId)?.close()
      senders.delete(webhookId)
    },
    close() {
      for (const sender of senders.values()) sender.close()
    },
  }
}
