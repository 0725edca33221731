import rateLimit from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { ApiKey } from '../../store/accounts.ts'
import { CallCounts } from '../call-counts.ts'
import type { Keyring } from '../keyring.ts'
import { Problem, retryAfter } from '../problems.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The secret key that came with the request, if it is one of ours. */
    apiKey: ApiKey | null
  }
  interface FastifyInstance {
    /** Counts a call of whoever makes it. Throws once he has made too many. */
    countCall(request: FastifyRequest, reply: FastifyReply): Promise<void>
  }
}

const windowMs = 60_000

/**
 * Knows who calls, and counts it: a key by its id, everybody else by the address he comes from (a network of 64 bits in IPv6).
 * Whoever signs what he sends (a provider's webhooks) is counted only where the signature is wrong. A key counts only once it is known to be real, so a stream of invented ones never leaves the bucket of its address. The headers
 * are those of draft-ietf-httpapi-ratelimit-headers-10.
 */
export const callers = fp<{ keyring: Keyring; perMinute: number }>(async (app, { keyring, perMinute }) => {
  app.decorateRequest('apiKey', null)
  await app.register(rateLimit, {
    global: false,
    max: perMinute,
    timeWindow: windowMs,
    store: CallCounts,
    keyGenerator: (request) =>
      request.apiKey ? `key:${request.apiKey.id}` : `ip:${rateLimit.normalizeIP(request.ip)}`,
  })
  const count = app.createRateLimit()
  const policy = `"default";q=${perMinute};w=${windowMs / 1000}`

  const countCall = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const counted = await count(request)
    if (!counted.isAllowed) {
      const { remaining, ttl, ttlInSeconds, isExceeded } = counted
      reply.header('ratelimit-policy', policy)
      reply.header('ratelimit', `"default";r=${remaining};t=${ttlInSeconds}`)
      if (isExceeded) {
        throw new Problem('rate_limit.exceeded', `You may call ${perMinute} times a minute.`, {
          headers: retryAfter(ttl),
        })
      }
    }
  }
  app.decorate('countCall', countCall)

  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.permission === 'signature') return
    const secret = bearerOf(request)
    if (secret !== null) request.apiKey = keyring.known(secret)
    await countCall(request, reply)
    if (secret !== null && request.apiKey === null) request.apiKey = await keyring.verify(secret)
  })
})

/** What stands behind `Authorization: Bearer`. */
export function bearerOf(request: FastifyRequest): string | null {
  const [, secret] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  return secret ?? null
}
