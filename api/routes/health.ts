import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { rows } from '../../store/db.ts'
import { Problem, retryAfter } from '../problems.ts'
import type { Services } from '../services.ts'

const Health = Type.Object({ status: Type.Unsafe<'ok'>({ type: 'string', enum: ['ok'] }) })

/** For whoever watches over the process. Temporal is not asked: without it browsing and carts go on. */
export const healthRoutes: FastifyPluginAsyncTypebox<{ services: Services; closing: AbortSignal }> = async (
  app,
  { services, closing },
) => {
  const { catalog, order } = services.databases

  app.get(
    '/healthz',
    {
      config: { permission: 'public', neverShed: true },
      schema: {
        operationId: 'isAlive',
        tags: ['health'],
        summary: 'Whether the process lives',
        response: { 200: Health },
      },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      config: { permission: 'public', neverShed: true, problems: ['service.unavailable'] },
      schema: {
        operationId: 'isReady',
        tags: ['health'],
        summary: 'Whether it can serve: its databases answer, and it is not being stopped',
        response: { 200: Health },
      },
    },
    async () => {
      if (closing.aborted) {
        throw new Problem('service.unavailable', 'This process is being stopped.', {
          headers: retryAfter(1_000),
        })
      }
      await Promise.all([...new Set([catalog, order])].map((db) => rows(db, 'select 1')))
      return { status: 'ok' as const }
    },
  )
}
