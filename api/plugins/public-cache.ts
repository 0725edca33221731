import { createHash } from 'node:crypto'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** For answers that are the same for everybody: how long whoever stands between may keep them, in seconds. */
    cache?: {
      /** Browsers. */
      readonly maxAge: number
      /** Shared caches, such as a CDN. */
      readonly shared: number
      /** How long an answer that is too old may still be given while a new one is fetched, or while we are away. */
      readonly stale: number
    }
  }
}

/**
 * Lets a CDN serve what everybody sees the same: `Cache-Control` by the route's configuration, and an `ETag` over the bytes of the
 * answer, so that a repeat is answered 304 (RFC 9110, section 13.1.2). The tag follows from what is shown, not from a version:
 * availability changes without anybody editing the product.
 */
export const publicCache = fp(async (app) => {
  app.addHook('onSend', async (request, reply, payload) => {
    const { cache } = request.routeOptions.config
    if (!cache || request.method !== 'GET') return payload
    const { statusCode } = reply
    if (statusCode !== 200 && statusCode !== 301) return payload
    const { maxAge, shared, stale } = cache
    reply.header(
      'cache-control',
      `public, max-age=${maxAge}, s-maxage=${shared}, stale-while-revalidate=${stale}, stale-if-error=${stale}`,
    )
    if (statusCode !== 200 || typeof payload !== 'string') return payload
    const tag = `"${createHash('sha1').update(payload).digest('base64url')}"`
    reply.header('etag', tag)
    if (!isKnown(request.headers['if-none-match'], tag)) return payload
    reply.code(304).removeHeader('content-type').removeHeader('content-length')
    return ''
  })
})

/** Weak comparison: a proxy may have marked the tag as weak. */
function isKnown(given: string | undefined, tag: string): boolean {
  if (given === undefined) return false
  return given.split(',').some((one) => {
    const its = one.trim()
    return its === '*' || its.replace(/^W\//, '') === tag
  })
}

/** Products and categories: a minute at a CDN; a price that is old is set right in the cart. */
export const shelfCache = { maxAge: 10, shared: 60, stale: 600 } as const
