import * as http from 'node:http'
import * as https from 'node:https'
import type { Log } from './server.ts'

export interface WebhookEvent {
  id: string
  body: string
  /** When it happened, in milliseconds since 1970; now unless told. A restarted double tells it, so that 72 hours stay 72 hours. */
  createdAtMs?: number
}

export interface WebhookSender {
  /** Queues an event. It is sent at least once, at once if the receiver is there; order is not promised, as with the real ones. */
  send(event: WebhookEvent): void
  /** How many events are not delivered yet. */
  pending(): number
  /** Stops trying. What was not delivered is the journal's to remember. */
  close(): void
}

const giveUpAfterMs = 72 * 60 * 60 * 1000
const sendingAtOnce = 8
const answerTimeoutMs = 20_000

/**
 * Sends events to one receiver until it answers 2xx: again after 1 s, 2 s, 4 s … up to 30 s, for 72 hours. `sign` gives the headers
 * of one attempt (a signature covers its time). `onSettled` hears what was delivered or given up, once an event, so that the double
 * can write it down and a restart sends only the rest. Without a `url` nothing is sent, and nothing is settled.
 */
export function createWebhookSender({
  url,
  sign,
  onSettled,
  log,
  firstRetryMs = 1000,
}: {
  url: string | undefined
  sign: (body: string) => Record<string, string>
  onSettled?: (settled: { id: string; outcome: 'delivered' | 'given_up' }) => void
  log?: Log | undefined
  firstRetryMs?: number
}): WebhookSender {
  const target = url === undefined ? undefined : new URL(url)
  const { Agent, request } = target?.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: sendingAtOnce })
  const ready: Waiting[] = []
  const timers = new Set<NodeJS.Timeout>()
  let sending = 0
  let unsettled = 0
  let closed = false

  interface Waiting extends Required<WebhookEvent> {
    attempts: number
  }

  function post({ body }: Waiting): Promise<number> {
    return new Promise((answered, failed) => {
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        ...sign(body),
      }
      const outgoing = request(
        target ?? '',
        { method: 'POST', agent, headers, timeout: answerTimeoutMs },
        (answer) => {
          answer.resume()
          answer.on('end', () => answered(answer.statusCode ?? 0))
          answer.on('error', failed)
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
      outgoing.on('error', failed)
      outgoing.end(body)
    })
  }

  async function attempt(event: Waiting): Promise<void> {
    const status = await post(event).catch((fault: unknown) =>
      fault instanceof Error ? fault.message : 'failed',
    )
    sending -= 1
    if (closed) return
    if (typeof status === 'number' && status >= 200 && status < 300) settle(event, 'delivered')
    else if (Date.now() - event.createdAtMs > giveUpAfterMs) settle(event, 'given_up')
    else retryLater(event, status)
    pump()
  }

  function settle(event: Waiting, outcome: 'delivered' | 'given_up'): void {
    unsettled -= 1
    onSettled?.({ id: event.id, outcome })
  }

  function retryLater(event: Waiting, reason: number | string): void {
    const delayMs = Math.min(firstRetryMs * 2 ** event.attempts, 30_000)
    if (event.attempts === 0)
      log?.(`webhook ${event.id} was not taken (${reason}); trying again in ${delayMs} ms`)
    const timer = setTimeout(() => {
      timers.delete(timer)
      ready.push({ ...event, attempts: event.attempts + 1 })
      pump()
    }, delayMs)
    timer.unref()
    timers.add(timer)
  }

  function pump(): void {
    while (!closed && sending < sendingAtOnce) {
      const event = ready.shift()
      if (!event) return
      sending += 1
      void attempt(event)
    }
  }

  return {
    send({ id, body, createdAtMs = Date.now() }) {
      if (!target || closed) return
      unsettled += 1
      ready.push({ id, body, createdAtMs, attempts: 0 })
      pump()
    },
    pending: () => unsettled,
    close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      agent.destroy()
    },
  }
}
