import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Call } from './change.ts'
import { StripeError } from './errors.ts'
import { apiVersion } from './events.ts'
import { mintId } from './records.ts'

/** A request that was let in. */
export interface Arrival {
  requestId: string
  key: string | null
  fingerprint: string
}

/** Gives the request its id and its headers, and lets it in if it knows the key. */
export function arrive(request: FastifyRequest, reply: FastifyReply, apiKey: string): Arrival {
  const requestId = mintId('req')
  const key = header(request, 'idempotency-key') ?? null
  reply.headers({
    'request-id': requestId,
    'stripe-version': apiVersion,
    'content-type': 'application/json; charset=utf-8',
  })
  if (key !== null) reply.header('idempotency-key', key)
  checkCaller(request, apiKey)
  checkVersion(request)
  return { requestId, key, fingerprint: fingerprintOf(request) }
}

/** The double speaks one version of the API; answering another one with it would hide the difference. */
function checkVersion(request: FastifyRequest): void {
  const asked = header(request, 'stripe-version') ?? apiVersion
  if (asked !== apiVersion) {
    const message = `Invalid Stripe API version: ${asked}. This double speaks ${apiVersion} only.`
    throw new StripeError(400, { type: 'invalid_request_error', message })
  }
}

function checkCaller(request: FastifyRequest, apiKey: string): void {
  const given = keyIn(header(request, 'authorization') ?? '')
  if (given === apiKey) return
  const message =
    given === ''
      ? "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
      : `Invalid API Key provided: ${given.slice(0, 8)}${'*'.repeat(Math.max(given.length - 12, 0))}${given.slice(-4)}`
  throw new StripeError(401, { type: 'invalid_request_error', message })
}

/** Stripe takes the key as a bearer token, or as the user name of basic authentication. */
function keyIn(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ')
  if (scheme.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString().split(':')[0] ?? ''
  return scheme.toLowerCase() === 'bearer' ? value : ''
}

/** The same parameters in another order are the same request. */
function fingerprintOf(request: FastifyRequest): string {
  const pairs = [...new URLSearchParams(bodyOf(request))].map(([name, value]) => `${name}=${value}`).sort()
  return createHash('sha1')
    .update([request.url, ...pairs].join('\n'))
    .digest('base64')
}

/** The form that was sent, as text. */
export const bodyOf = ({ body }: FastifyRequest): string => (typeof body === 'string' ? body : '')

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** What an operation needs to know of its request. */
export function callOf(request: FastifyRequest): Pick<Call, 'id' | 'nowMs' | 'origin'> {
  const { params } = request
  const id = typeof params === 'object' && params !== null && 'id' in params ? params.id : undefined
  return {
    id: typeof id === 'string' ? id : '',
    nowMs: Date.now(),
    origin: `${request.protocol}://${request.host}`,
  }
}
