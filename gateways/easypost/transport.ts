import { Agent as PlainAgent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import module from '@easypost/api'
import { ProviderFault } from '../provider-fault.ts'
import { fieldsOf } from './answers.ts'

// The package's types describe its CommonJS form, in which the class is a property; what Node loads is the class itself.
const EasyPost = module.default ?? module

export type EasyPostClient = InstanceType<typeof EasyPost>

/** A no in EasyPost's words: certain, and the same tomorrow. */
export class CarrierRefusal extends Error {
  override readonly name = 'CarrierRefusal'
  readonly code: string
  readonly status: number

  constructor({ code, status }: { code: string; status: number }) {
    super(`easypost refused: ${code}`)
    this.code = code
    this.status = status
  }
}

/** A request of superagent, the client's HTTP library. */
interface Request {
  timeout(limits: { response: number; deadline: number }): Request
  agent(agent: PlainAgent): Request
}

/** Connections to EasyPost that are kept for the next request: its client by itself makes one for each. */
export function keptConnections(baseUrl: string | undefined): PlainAgent {
  const kept = { keepAlive: true }
  return baseUrl?.startsWith('http:') ? new PlainAgent(kept) : new SecureAgent(kept)
}

/**
 * EasyPost's client with a time-out that works: version 8.9 takes a `timeout` and never hands it to its HTTP library, so a silent
 * server would be waited for without end.
 */
export function easyPostClient({
  apiKey,
  baseUrl,
  timeoutMs,
  connections,
}: {
  apiKey: string
  baseUrl?: string | undefined
  timeoutMs: number
  connections: PlainAgent
}): EasyPostClient {
  return new EasyPost(apiKey, {
    timeout: timeoutMs,
    requestMiddleware: (request: Request) =>
      request.timeout({ response: timeoutMs, deadline: timeoutMs }).agent(connections),
    ...(baseUrl === undefined ? {} : { baseUrl: apiRoot(baseUrl) }),
  })
}

/** The client glues paths to its base, so that must end in a slash; a bare host gets the version that the client speaks. */
function apiRoot(baseUrl: string): string {
  const url = new URL(baseUrl)
  if (url.pathname === '/') url.pathname = '/v2/'
  return url.href.endsWith('/') ? url.href : `${url.href}/`
}

/** Codes that come with 4xx and say only that EasyPost does not know (yet) whether a label was bought. */
const undecided = [
  'SHIPMENT.POSTAGE.NO_RESPONSE',
  'SHIPMENT.POSTAGE.TIMED_OUT',
  'SHIPMENT.PURCHASE.IN_PROGRESS',
]

/** Statuses that are about us and not about what was asked: a wrong key, an empty account, too many requests. */
const ours = [401, 402, 403, 405, 429]

/**
 * Calls EasyPost. A no comes out as `CarrierRefusal`; everything else that is not an answer as `ProviderFault`. `effect` says whether
 * the operation does something that must not be done twice, and so must be looked up after a lost answer.
 */
export async function ask<T>({
  operation,
  effect,
  call,
}: {
  operation: string
  effect: boolean
  call: () => Promise<T>
}): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw translated({ operation, effect, error })
  }
}

function translated({
  operation,
  effect,
  error,
}: {
  operation: string
  effect: boolean
  error: unknown
}): Error {
  const { statusCode, code: word } = fieldsOf({ ...fieldsOf(error), ...ownOf(error) })
  const code = typeof word === 'string' && /^[\w.]{1,64}$/.test(word) ? word : undefined
  const fault = (trouble: {
    status?: number
    code?: string | undefined
    outcomeUnknown: boolean
  }): ProviderFault => new ProviderFault({ provider: 'easypost', operation, code, ...trouble })

  if (typeof statusCode !== 'number') {
    // No status: no connection, no time, or a body that the client could not read (it then fails with a TypeError of its own).
    const unreadable = error instanceof TypeError || code === undefined
    const neverSent = code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'
    return fault({ code: unreadable ? 'unreadable_answer' : code, outcomeUnknown: effect && !neverSent })
  }
  if (ours.includes(statusCode)) return fault({ status: statusCode, outcomeUnknown: false })
  if (statusCode === 408 || statusCode >= 500 || statusCode < 400) {
    return fault({ status: statusCode, outcomeUnknown: effect })
  }
  if (code === undefined || undecided.includes(code))
    return fault({ status: statusCode, outcomeUnknown: effect })
  return new CarrierRefusal({ code, status: statusCode })
}

/** `code` of Node's errors and `statusCode` of EasyPost's stand on the error itself, but not always as enumerable fields. */
function ownOf(error: unknown): { statusCode?: unknown; code?: unknown } {
  if (!(error instanceof Error)) return {}
  return {
    ...('statusCode' in error ? { statusCode: error.statusCode } : {}),
    ...('code' in error ? { code: error.code } : {}),
  }
}

/** The answer was there and made no sense. */
export function unreadable({ operation, effect }: { operation: string; effect: boolean }): ProviderFault {
  return new ProviderFault({
    provider: 'easypost',
    operation,
    code: 'unreadable_answer',
    outcomeUnknown: effect,
  })
}
