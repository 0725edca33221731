import type { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import fp from 'fastify-plugin'

const sweepEveryMs = 50

/**
 * Lets the process go as soon as what it accepted is answered. Node closes the connections that are idle at the moment of the
 * close; one that was busy then would be kept open for its next request until its keep-alive ends, more than a minute later. So
 * they are swept until none is left. HTTP/2 sessions finish their streams and take no new ones.
 */
export const drain = fp(async (app) => {
  const { server } = app
  const emitter: EventEmitter = server
  const sessions = new Set<ServerHttp2Session>()
  emitter.on('session', (session: ServerHttp2Session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })

  app.addHook('preClose', async () => {
    const sweep = setInterval(() => server.closeIdleConnections(), sweepEveryMs)
    // A server that never listened has nothing to sweep, and must not keep the process.
    sweep.unref()
    server.once('close', () => clearInterval(sweep))
    for (const session of sessions) session.close()
  })
})
