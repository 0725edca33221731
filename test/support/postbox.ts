import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Posted {
  /** By the provider. */
  readonly eventId: string
  readonly body: Buffer
  readonly headers: IncomingHttpHeaders
}

/** Takes whatever is posted to it, so that a test can deliver it as it likes: late, twice, in another order. It ends with the test. */
export async function aPostbox(t: TestContext): Promise<{ url: string; posted: Posted[] }> {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces)
      const { id: eventId } = JSON.parse(body.toString()) as { id: string }
      posted.push({ eventId, body, headers: request.headers })
      response.writeHead(200).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, posted }
}
