import Stripe from 'stripe'
import { ProviderFault } from '../provider-fault.ts'

/**
 * Stripe's client without its own ideas of retrying: the caller repeats, with the same idempotency key. The API version is pinned by
 * the client's release.
 */
export function stripeClient({
  apiKey,
  baseUrl,
  timeoutMs,
}: {
  apiKey: string
  baseUrl?: string | undefined
  timeoutMs: number
}): Stripe {
  const address = baseUrl === undefined ? {} : addressOf(new URL(baseUrl))
  return new Stripe(apiKey, { ...address, timeout: timeoutMs, maxNetworkRetries: 0, telemetry: false })
}

function addressOf({ protocol, hostname, port }: URL): {
  host: string
  port: string
  protocol: 'http' | 'https'
} {
  const plain = protocol === 'http:'
  return { host: hostname, port: port || (plain ? '80' : '443'), protocol: plain ? 'http' : 'https' }
}

/** What a look-up after trouble brought to light. */
export type Finding<Answer> =
  | { readonly answer: Answer }
  /** Proved: the effect did not happen. */
  | 'nothing_done'
  /** Not proved either way; the caller asks again later, with the same key. */
  | 'unclear'

/** How long one call goes on from key to key. After a long outage there are many; the next call goes on where this one stopped. */
const longestWalkMs = 4_000

/**
 * How far each key has risen, so far as this process knows. An outage of an hour makes hundreds of remembered errors, and nobody is to
 * walk past all of them at each try; a new process does once. Only what has had trouble stands here.
 */
const risen = new WeakMap<Stripe, Map<string, number>>()
const mostRemembered = 10_000

/**
 * Sends a request that has an effect. When the answer is trouble, `find` looks up what became of it. Only one case is repeated here,
 * because nobody else can: Stripe remembers the answer to a key even when it is an error, and repeats it for ever. Once it is such a
 * repetition and a look-up proved that nothing was done, the key rises (`…:again:1`, `…:again:2`), which every later call of the same
 * key finds again in the same order, however many there are. Everything else that is not an answer is thrown as a `ProviderFault`.
 */
export async function sendOnce<Answer>({
  stripe,
  operation,
  idempotencyKey,
  send,
  find,
}: {
  stripe: Stripe
  operation: string
  idempotencyKey: string
  send: (key: string) => Promise<Answer>
  find: (trouble: Trouble) => Promise<Finding<Answer>>
}): Promise<Answer> {
  const known = risenAt(stripe)
  const until = Date.now() + longestWalkMs
  for (let again = known.get(idempotencyKey) ?? 0; ; again += 1) {
    try {
      const answer = await send(again === 0 ? idempotencyKey : `${idempotencyKey}:again:${again}`)
      known.delete(idempotencyKey)
      return answer
    } catch (error) {
      const trouble = troubleOf(error)
      const finding = await find(trouble).catch((): Finding<Answer> => 'unclear')
      if (typeof finding === 'object') return finding.answer
      if (finding === 'unclear' || !trouble.replayed) throw faultOf({ operation, trouble, effect: true })
      known.set(idempotencyKey, again + 1)
      if (Date.now() >= until) throw faultOf({ operation, trouble, effect: true })
    }
  }
}

function risenAt(stripe: Stripe): Map<string, number> {
  const known = risen.get(stripe)
  // Forgetting is harmless: what was forgotten is walked past again.
  if (known && known.size < mostRemembered) return known
  const fresh = new Map<string, number>()
  risen.set(stripe, fresh)
  return fresh
}

/** Sends a request that changes nothing. */
export async function ask<Answer>(operation: string, send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send()
  } catch (error) {
    throw faultOf({ operation, trouble: troubleOf(error), effect: false })
  }
}

/** Stripe's error in the few words that decide anything. Its prose and its objects stay behind: they may say who paid. */
export interface Trouble {
  readonly kind: 'card' | 'invalid' | 'server' | 'network' | 'other'
  readonly status?: number
  readonly code?: string
  readonly declineCode?: string
  readonly param?: string
  readonly requestId?: string
  /** The answer came from the memory of the idempotency key: the request before it has ended. */
  readonly replayed: boolean
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Unfinished) return { kind: 'server', code: error.code, replayed: false }
  if (!(error instanceof Stripe.errors.StripeError)) throw error
  const { statusCode, requestId, param, decline_code: declineCode } = error
  const code = codeOf(error)
  return {
    kind: kindOf(error),
    replayed: error.headers?.['idempotent-replayed'] === 'true',
    ...(statusCode === undefined ? {} : { status: statusCode }),
    ...(code === undefined ? {} : { code }),
    ...(declineCode === undefined ? {} : { declineCode }),
    ...(param === undefined ? {} : { param }),
    ...(requestId === undefined ? {} : { requestId }),
  }
}

function kindOf(error: Stripe.errors.StripeError): Trouble['kind'] {
  const { errors } = Stripe
  if (error instanceof errors.StripeConnectionError) return 'network'
  if (error instanceof errors.StripeCardError) return 'card'
  if (error instanceof errors.StripeInvalidRequestError) return 'invalid'
  const { statusCode } = error
  // Without a status the answer could not be read; what it answered to may have been done.
  if (statusCode === undefined || statusCode >= 500) return 'server'
  return 'other'
}

/** Stripe's code, the kind of its error, or the operating system's word for a broken line. */
function codeOf({ code, rawType, detail }: Stripe.errors.StripeError): string | undefined {
  if (code !== undefined) return code
  if (rawType !== undefined) return rawType
  return detail instanceof Error && 'code' in detail && typeof detail.code === 'string'
    ? detail.code
    : undefined
}

/** The line was never open, so nothing was sent. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

function faultOf({
  operation,
  trouble: { kind, status, code, requestId },
  effect,
}: {
  operation: string
  trouble: Trouble
  effect: boolean
}): ProviderFault {
  const unclear =
    kind === 'server' ||
    code === 'idempotency_key_in_use' ||
    (kind === 'network' && !neverSent.has(code ?? ''))
  return new ProviderFault({
    provider: 'stripe',
    operation,
    status,
    code,
    requestId,
    outcomeUnknown: effect && unclear,
  })
}

/** An answer that does not say what became of it: still processing, or not Stripe's at all. */
export class Unfinished extends Error {
  readonly code: string

  constructor(code = 'unfinished') {
    super(code)
    this.code = code
  }
}

/** Whoever answers 200 with something else, such as a proxy in between, is not Stripe; nothing is known of the effect. */
export function expectObject<Answer extends { object?: string }>(
  answer: Answer,
  object: Answer['object'],
): Answer {
  if (answer.object !== object) throw new Unfinished('unreadable_answer')
  return answer
}

/** Whether an answer came from the memory of its idempotency key. */
export function isReplay({ lastResponse }: { lastResponse: { headers: Record<string, string> } }): boolean {
  return lastResponse.headers['idempotent-replayed'] === 'true'
}

/** Whether the effect may have happened, so that a look-up is worth its while. */
export function mayHaveBegun({ kind, code }: Trouble): boolean {
  if (kind === 'network') return !neverSent.has(code ?? '')
  return kind !== 'other'
}
