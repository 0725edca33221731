/**
 * An accident at another company: no network, a time-out, an overload, an answer that nobody foresaw. It is not an answer, so it is
 * left to retries. Refusals (a declined card, an address nobody serves) are answers and are never thrown as this.
 *
 * Holds no personal data and no card data: what the provider wrote in prose is left out on purpose, because it may quote what it
 * was sent. The request id leads an operator to the provider's own log.
 */
export class ProviderFault extends Error {
  /** Who: `stripe`, `easypost`. */
  readonly provider: string
  /** What was asked of it, such as `payment_intents.confirm`. */
  readonly operation: string
  /** The HTTP status, where there was an answer at all. */
  readonly status?: number
  /** The provider's own word for the trouble, such as `rate_limit` or `lock_timeout`. */
  readonly code?: string
  readonly requestId?: string
  /** Whether the effect may have happened all the same. False: certainly not, so nothing needs to be looked up. */
  readonly outcomeUnknown: boolean

  constructor({ provider, operation, status, code, requestId, outcomeUnknown, cause }: ProviderTrouble) {
    super(sentence({ provider, operation, status, code, requestId, outcomeUnknown }), { cause })
    this.name = 'ProviderFault'
    this.provider = provider
    this.operation = operation
    if (status !== undefined) this.status = status
    if (code !== undefined) this.code = code
    if (requestId !== undefined) this.requestId = requestId
    this.outcomeUnknown = outcomeUnknown
  }
}

export interface ProviderTrouble {
  provider: string
  operation: string
  status?: number | undefined
  code?: string | undefined
  requestId?: string | undefined
  outcomeUnknown: boolean
  cause?: unknown
}

function sentence({ provider, operation, status, code, requestId, outcomeUnknown }: ProviderTrouble): string {
  const what = status === undefined ? `gave no answer` : `answered ${status}`
  const why = code === undefined ? '' : ` (${code})`
  const where = requestId === undefined ? '' : `, request ${requestId}`
  const then = outcomeUnknown
    ? 'Whether it was done is unknown: look it up before doing it again.'
    : 'Nothing was done.'
  return `${provider} ${what}${why} to ${operation}${where}. ${then}`
}
