import { isRefusalCode } from '../domain/refusals.ts'
import type { RefusalCode, RefusalData } from '../domain/refusals.ts'
import { refusalStatus } from './refusal-status.ts'

/** What the door itself may answer, beside the refusals of the shop. The list is closed, and documented in `/openapi.json`. */
export const doorStatus = {
  'request.invalid': 400,
  'request.malformed': 400,
  'hook.forged': 400,
  'hook.out_of_time': 400,
  'idempotency.key_required': 400,
  'auth.required': 401,
  'auth.invalid_key': 401,
  'auth.forbidden': 403,
  'route.not_found': 404,
  'provider_event.not_found': 404,
  'delivery.not_found': 404,
  'route.method_not_allowed': 405,
  'idempotency.in_flight': 409,
  'precondition.failed': 412,
  'request.too_large': 413,
  'request.unsupported_media_type': 415,
  'precondition.required': 428,
  'idempotency.key_reused': 422,
  'cart.address_missing': 422,
  'file.unreadable': 422,
  'file.refused': 422,
  'rate_limit.exceeded': 429,
  internal: 500,
  'service.overloaded': 503,
} as const

export type DoorCode = keyof typeof doorStatus
export type ProblemCode = RefusalCode | DoorCode

export const problemStatus: Readonly<Record<ProblemCode, number>> = { ...refusalStatus, ...doorStatus }

/** One thing that is wrong with a request. The pointer (RFC 6901, as a fragment) leads into the part that is named by `in`. */
export interface RequestError {
  readonly in: 'body' | 'query' | 'path' | 'header'
  readonly pointer: string
  readonly detail: string
}

/** A no of the API, on its way to becoming `application/problem+json` (RFC 9457). `facts` are written in snake case already. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly detail: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ProblemCode,
    detail: string,
    {
      facts = {},
      headers = {},
      cause,
    }: { facts?: Record<string, unknown>; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, { cause })
    this.code = code
    this.detail = detail
    this.facts = facts
    this.headers = headers
  }

  get status(): number {
    return problemStatus[this.code]
  }

  /** The body of the answer. */
  toBody(requestId: string): ProblemBody {
    const { code, status, detail, facts } = this
    const type = `urn:cartwright:problem:${code}`
    const members = { type, title: titleOf(code), status, code, detail, request_id: requestId }
    // Spread twice: first to stand first, then so that no fact takes the place of a member.
    return { ...members, ...facts, ...members }
  }
}

export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  readonly request_id: string
  readonly [fact: string]: unknown
}

export const invalid = (...errors: RequestError[]): Problem =>
  new Problem('request.invalid', 'The request is not as described.', {
    // More of them would help nobody, and a hostile body could ask for thousands.
    facts: { errors: errors.slice(0, 20) },
  })

/** A property's name inside a JSON pointer (RFC 6901, section 3). */
export const pointerPart = (name: string | number): string =>
  String(name).replaceAll('~', '~0').replaceAll('/', '~1')

/** `Retry-After` in whole seconds, at least one: zero would be an invitation to a busy loop. */
export const retryAfter = (ms: number): Record<string, string> => ({
  'retry-after': String(Math.max(1, Math.ceil(ms / 1000))),
})

/** A refusal of the shop as a problem, its facts as they are written over HTTP. */
export function refusalProblem(
  { code, detail, facts }: RefusalData,
  { currency, more = {} }: { currency?: string; more?: Record<string, unknown> } = {},
): Problem {
  return new Problem(code, detail, { facts: { ...factsOverHttp(facts, currency), ...more } })
}

/** A refusal by its code alone, as it is kept with an order that was turned down; null for any other text. */
export function refusalNamed(text: string | null): RefusalCode | null {
  return text !== null && isRefusalCode(text) ? text : null
}

/**
 * Facts as HTTP writes them: names in snake case, and amounts of minor units as money, where their currency is known (from the
 * facts themselves, or from the cart they are about).
 */
export function factsOverHttp(
  facts: Readonly<Record<string, unknown>>,
  outer?: string,
): Record<string, unknown> {
  const currency = typeof facts['currency'] === 'string' ? facts['currency'] : outer
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => {
      if (name.endsWith('Minor') && typeof value === 'number' && currency !== undefined) {
        return [snakeCase(name.slice(0, -'Minor'.length)), { amount: value, currency }]
      }
      return [snakeCase(name), factOverHttp(value, currency)]
    }),
  )
}

function factOverHttp(value: unknown, currency: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => factOverHttp(item, currency))
  return isFacts(value) ? factsOverHttp(value, currency) : value
}

const isFacts = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function titleOf(code: ProblemCode): string {
  const words = code.replace(/[._]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
