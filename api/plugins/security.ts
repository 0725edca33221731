import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { Problem, retryAfter } from '../problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered however busy we are: who asks whether we live must not be told that we are tired. */
    neverShed?: boolean
  }
}

/** The event loop is late by this much only when more is asked than can be done; then a quick no is kinder than a slow time-out. */
const lateMs = 1_000
const sampleMs = 500

/** Security headers, exact origins for browsers, and a 503 for what would only wait. */
export const security = fp<{ origins: readonly string[]; https: boolean }>(
  async (app, { origins, https }) => {
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
      strictTransportSecurity: https,
    })
    if (origins.length > 0) {
      await app.register(cors, {
        origin: [...origins],
        methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        allowedHeaders: [
          'Authorization',
          'Content-Type',
          'Idempotency-Key',
          'If-Match',
          'X-Cart-Token',
          'X-Order-Token',
        ],
        exposedHeaders: [
          ...['ETag', 'Idempotency-Replayed', 'Location', 'RateLimit', 'RateLimit-Policy'],
          ...['Retry-After', 'X-Request-Id'],
        ],
        maxAge: 600,
      })
    }
    // Building the routes keeps the loop busy too: what was measured before the first request says nothing about load.
    let measuredFrom = Infinity
    app.addHook('onListen', async () => {
      measuredFrom = Date.now() + 2 * sampleMs
    })
    await app.register(underPressure, {
      maxEventLoopDelay: lateMs,
      sampleInterval: sampleMs,
      pressureHandler: async (request) => {
        if (request.routeOptions.config.neverShed || Date.now() < measuredFrom) return
        throw new Problem('service.overloaded', 'The shop is very busy; please try again.', {
          headers: retryAfter(2_000),
        })
      },
    })
  },
)
