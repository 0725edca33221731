import type { FastifyRequest } from 'fastify'

/** For routes whose body has no property that must be there: no body at all is an empty one. */
export function emptyBodies(request: FastifyRequest, _reply: unknown, done: () => void): void {
  request.body ??= {}
  done()
}
