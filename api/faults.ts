import type { FastifyError, FastifySchemaValidationError } from 'fastify'
import { Refusal } from '../domain/refusals.ts'
import { isDatabaseGone } from '../store/gone.ts'
import { Problem, pointerPart, refusalProblem, retryAfter } from './problems.ts'
import type { DoorCode, RequestError } from './problems.ts'

/** What Fastify itself turns down, in our words. */
const fastifyCodes: Readonly<Record<string, { code: DoorCode; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'request.too_large', detail: 'The body is larger than is taken here.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'request.unsupported_media_type',
    detail: 'Send the body as application/json.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'request.malformed',
    detail: 'The length of the body is not the one that was announced.',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'request.malformed', detail: 'The body is not JSON.' },
  FST_ERR_BAD_URL: { code: 'request.malformed', detail: 'The address of the request cannot be read.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'route.not_found', detail: 'There is nothing at this address.' },
}

/** Turns whatever went wrong into the problem that the caller is told; what nobody foresaw is `internal`, without a word of it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Refusal) return refusalProblem(error)
  if (isFastifyError(error)) {
    if (error.validation) return invalidRequest(error.validation, error.validationContext)
    const known = fastifyCodes[error.code]
    if (known) return new Problem(known.code, known.detail)
    if (error.statusCode === 400) return new Problem('request.malformed', 'The request cannot be read.')
  }
  if (isUnwritable(error)) {
    return new Problem(
      'request.malformed',
      'The request holds a character that no text can have (such as NUL).',
    )
  }
  return serviceGone(error) ?? new Problem('internal', 'Something went wrong on our side.', { cause: error })
}

/** Whether a failure is the absence of a service that comes back: workflows, a database, a free connection to one. */
function serviceGone(error: unknown): Problem | null {
  if (!(error instanceof Error)) return null
  if (error.name === 'FlowsUnavailable') {
    return new Problem('service.unavailable', 'Orders cannot be taken at the moment; please try again.', {
      headers: retryAfter(5_000),
      cause: error,
    })
  }
  if (error.name === 'KnexTimeoutError' || isDatabaseGone(error)) {
    return new Problem('service.unavailable', 'The shop is busy; please try again.', {
      headers: retryAfter(1_000),
      cause: error,
    })
  }
  return null
}

/** What JSON and addresses can write and Postgres cannot keep: NUL, half of a surrogate pair (SQLSTATE 22021, 22P05). */
function isUnwritable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '22021' || error.code === '22P05')
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

const parts = { body: 'body', querystring: 'query', params: 'path', headers: 'header' } as const

function invalidRequest(
  errors: readonly FastifySchemaValidationError[],
  context: keyof typeof parts = 'body',
): Problem {
  const part = parts[context]
  if (part === 'header' && errors.some((error) => error.params['missingProperty'] === 'idempotency-key')) {
    return new Problem(
      'idempotency.key_required',
      'Send an Idempotency-Key of your own making, so that a repeat cannot do it twice.',
    )
  }
  // More of them would help nobody, and a hostile body could ask for thousands.
  const told = errors.slice(0, 20).map((error) => requestError(error, part))
  return new Problem('request.invalid', 'The request is not as described; see errors.', {
    facts: { errors: told },
  })
}

function requestError(error: FastifySchemaValidationError, part: RequestError['in']): RequestError {
  const { instancePath, params } = error
  const child = params['missingProperty'] ?? params['additionalProperty']
  const pointer = typeof child === 'string' ? `${instancePath}/${pointerPart(child)}` : instancePath
  return { in: part, pointer: `#${pointer}`, detail: detailOf(error) }
}

const formats: Readonly<Record<string, string>> = {
  email: 'is not an e-mail address.',
  'plain-text': 'holds what looks like the number of a card, which we must not keep.',
}

function detailOf({ keyword, params, message }: FastifySchemaValidationError): string {
  const { allowedValues, format } = params
  if (keyword === 'required') return 'is missing.'
  if (keyword === 'additionalProperties') return 'is not known here.'
  if (keyword === 'enum' && Array.isArray(allowedValues)) return `must be one of ${allowedValues.join(', ')}.`
  if (typeof format === 'string' && formats[format]) return formats[format]
  return `${message ?? 'is not as described'}.`
}
