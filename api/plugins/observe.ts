import { LogController } from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/** Gives every request an id that its caller is told: it stands in every line of its log, and is the cause of what comes of it. */
export const requestIds = fp(async (app) => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
})

/** One line for each request, by the pattern of its route: addresses hold ids, and the links in mails carry tokens. */
export class OneLineLog extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'request' })
  }

  override incomingRequest(): void {}

  override routeNotFound(): void {}

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const { method, routeOptions } = request
    const ms = Math.round(reply.elapsedTime)
    const line = { method, route: routeOptions.url ?? '-', status: reply.statusCode, ms }
    if (error) request.log.warn({ ...line, err: error }, 'The answer could not be sent.')
    else request.log.info(line, 'answered')
  }
}
