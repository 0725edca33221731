import { setTimeout as sleep } from 'node:timers/promises'

/** An answer of the shop, whatever it says. */
export interface Answer {
  readonly status: number
  readonly body: {
    readonly id?: string
    readonly status?: string
    readonly code?: string
    readonly lines?: readonly { readonly id: string }[]
    readonly cart_token?: string
    readonly order_token?: string
  }
}

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/**
 * How a patient customer's device calls: again with the very same request until there is an answer that means something. Throws when
 * the shop says that it is broken (500): whatever fails or dies around it, that is no answer.
 */
export async function insist(api: string, call: Call, { untilMs }: { untilMs: number }): Promise<Answer> {
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 2_000)) {
    const answer = await once(api, call)
    if (answer?.status === 500) throw new Error(`${call.method} ${call.path}: ${JSON.stringify(answer.body)}`)
    if (answer !== null && !isPassing(answer)) return answer
    if (Date.now() > untilMs)
      throw new Error(`No answer to ${call.method} ${call.path}: ${JSON.stringify(answer)}`)
    await sleep(waitMs)
  }
}

/** Not an answer yet: down, shedding, too many calls, or the same request is still being worked on. */
function isPassing({ status, body }: Answer): boolean {
  return status >= 500 || status === 429 || body.code === 'idempotency.in_flight'
}

async function once(api: string, { method, path, body, headers = {} }: Call): Promise<Answer | null> {
  try {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  } catch {
    return null
  }
}
