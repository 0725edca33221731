import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Provider } from '../../domain/provider-events.ts'
import type { Reading } from '../../gateways/hooks.ts'
import { keepEvent } from '../../store/provider-events.ts'
import { Problem } from '../problems.ts'
import { hearingOf } from '../provider-events.ts'
import { Received } from '../schemas/provider-events.ts'
import type { Services } from '../services.ts'

/** Events are larger than what customers send; a parcel's holds all its scans. */
const bodyLimit = 256 * 1024

/**
 * What other companies tell us. The signature over the very bytes is checked before anything else; the event is kept, once, before
 * it is answered, and looked at afterwards by the service that it concerns. So nothing but its database is needed here.
 */
export const hookRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (app, { services }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))

  for (const provider of ['stripe', 'easypost'] as const) {
    app.post(
      `/${provider}`,
      {
        bodyLimit,
        config: {
          permission: 'signature',
          problems: ['hook.forged', 'hook.out_of_time', 'request.too_large', 'service.unavailable'],
        },
        schema: {
          operationId: `hear${names[provider].replaceAll(' ', '')}`,
          tags: ['hooks'],
          summary: `Takes an event of ${names[provider]}`,
          description: `For ${names[provider]} only: the body is read as it came, and its signature is the permission.`,
          response: { 200: Received.ref },
        },
      },
      async (request, reply) => hear(provider, { services, request, reply }),
    )
  }
}

const names = { stripe: 'Stripe', easypost: 'EasyPost' } as const satisfies Record<Provider, string>

async function hear(
  provider: Provider,
  { services, request, reply }: { services: Services; request: FastifyRequest; reply: FastifyReply },
): Promise<{ received: boolean }> {
  const nowMs = Date.now()
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const reading = services.hooks[provider]({ body, headers: request.headers, nowMs })
  if (reading.outcome !== 'event') {
    // Whoever signs is not counted; whoever cannot is, so that nobody has us compute signatures without end.
    await request.server.countCall(request, reply)
    throw refused(provider, reading.outcome)
  }
  const { event } = reading
  const { db, schema } = hearingOf(services.databases, provider)
  const fresh = await keepEvent(db, { schema, event, receivedAt: new Date(nowMs).toISOString() })
  const { eventId, type, objectId } = event
  request.log.debug({ provider, eventId, type, objectId, fresh }, 'event kept')
  return { received: true }
}

function refused(provider: Provider, outcome: Exclude<Reading['outcome'], 'event'>): Problem {
  switch (outcome) {
    case 'forged':
      return new Problem(
        'hook.forged',
        `This is not signed with a secret of ours (${provider.toUpperCase()}_WEBHOOK_SECRETS).`,
      )
    case 'out_of_time':
      return new Problem('hook.out_of_time', 'This was signed more than five minutes ago, or is yet to be.')
    case 'unreadable':
      return new Problem('request.malformed', 'The body is not an event as we know them.')
  }
}
