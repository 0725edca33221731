import { createDouble } from '../sim-kit/server.ts'
import type { Log } from '../sim-kit/server.ts'
import { createWebhookSender } from '../sim-kit/webhooks.ts'
import { serveChallenge } from './challenge.ts'
import { serveControl } from './control.ts'
import { startClocks } from './clocks.ts'
import { createDesk } from './desk.ts'
import { signWebhook, writeEvent } from './events.ts'
import { openMemory } from './memory.ts'
import type { StoredEvent } from './memory.ts'
import { serveStripe } from './routes.ts'

export interface StripeDouble {
  /** Where it listens, such as `http://127.0.0.1:12111`. */
  url: string
  close(): Promise<void>
}

/**
 * A local double of Stripe: it speaks Stripe's wire format to Stripe's own client and remembers everything in a journal in
 * `stateDir`. Cards are Stripe's own test ids (`cards.ts`). With a `webhookUrl` and a `webhookSecret` events are sent there, signed
 * as Stripe signs them; with `webhookEvents` only those types, as an endpoint at Stripe names what it wants. `refundSettleMs` is how long a refund of `pm_card_pendingRefund` or `pm_card_refundFail` waits for its end.
 */
export async function startStripeDouble({
  port,
  host,
  stateDir,
  webhookUrl,
  webhookSecret,
  webhookEvents,
  apiKey,
  refundSettleMs = 10_000,
  log,
}: {
  port: number
  host: string
  stateDir: string
  webhookUrl?: string | undefined
  webhookSecret?: string | undefined
  webhookEvents?: readonly string[] | undefined
  apiKey: string
  refundSettleMs?: number
  log?: Log | undefined
}): Promise<StripeDouble> {
  const double = createDouble({
    name: 'stripe',
    log,
    failure: ({ status, message }) => ({ error: { ...kindOfFailure(status), message } }),
  })
  double.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  )
  const memory = await openMemory({
    stateDir,
    onDeed: (deed) => double.record(deed),
    isHeard: (type) => webhookEvents?.includes(type) ?? true,
  })
  const target = webhookSecret === undefined ? undefined : webhookUrl
  const sender = createWebhookSender({
    url: target,
    sign: (body) => signWebhook({ body, secret: webhookSecret ?? '', nowMs: Date.now() }),
    onSettled: ({ id }) =>
      void memory.settle(id).catch((fault: unknown) => log?.(`stripe: ${String(fault)}`)),
    log,
  })
  const send = (event: StoredEvent) => {
    if (!event.pending) return
    sender.send({ id: event.id, body: JSON.stringify(writeEvent(event)), createdAtMs: event.created * 1000 })
  }
  const desk = createDesk({
    double,
    memory,
    apiKey,
    listened: target !== undefined,
    onEvents(events) {
      for (const event of events) {
        send(event)
        if (event.type === 'refund.created' && event.view.thing.object === 'refund')
          clocks.watch(event.view.thing)
      }
    },
  })
  const clocks = startClocks({ memory, desk, log })

  serveStripe({ double, desk, refundSettleMs })
  serveChallenge({ double, memory, desk })
  serveControl({ double, memory, desk })
  const url = await double.listen({ port, host })
  for (const event of [...memory.events.older()].reverse()) send(event)
  for (const refund of memory.refunds.older()) clocks.watch(refund)

  return {
    url,
    async close() {
      clocks.stop()
      sender.close()
      await double.close()
      await memory.close()
    },
  }
}

const kindOfFailure = (status: number) =>
  status === 429
    ? { type: 'invalid_request_error', code: 'rate_limit' }
    : { type: status === 404 ? 'invalid_request_error' : 'api_error' }
