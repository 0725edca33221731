import type { FastifyReply } from 'fastify'

/** Says when nobody waits for this answer any more: the caller hung up, or the API is being stopped. */
export function leaving(reply: Pick<FastifyReply, 'raw'>, closing: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, closing])
}
