import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request that went through, and what it was answered. */
export interface Exchange {
  method: string
  /** The path without its query. */
  path: string
  query: string
  body: string
  headers: Record<string, string>
  status: number
  answer: unknown
}

/** A proxy that writes down everything between Stripe's client and the double. */
export async function startRecorder(
  target: string,
): Promise<{ url: string; exchanges: Exchange[]; stop: () => void }> {
  const exchanges: Exchange[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces)
      const outgoing = send(`${target}${request.url}`, {
        method: request.method ?? 'GET',
        headers: request.headers,
      })
      outgoing.on('error', () => response.socket?.destroy())
      outgoing.on('response', (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString()
          const [path = '', query = ''] = (request.url ?? '').split('?')
          exchanges.push({
            method: request.method ?? 'GET',
            path,
            query,
            body: body.toString(),
            headers: {
              authorization: 'Bearer sk_test_123',
              'content-type': request.headers['content-type'] ?? '',
            },
            status: answer.statusCode ?? 0,
            answer: JSON.parse(text) as unknown,
          })
          response.writeHead(answer.statusCode ?? 502, answer.headers).end(text)
        })
      })
      outgoing.end(body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, exchanges, stop: () => server.close().closeAllConnections() }
}

/** What Stripe's client adds to an answer, and what `await` asks of anything. */
const clientsOwn = new Set(['lastResponse', 'then'])

/**
 * Writes down every key that the gateway reads from an answer until `stop` is called, as
 * `charge:payment_method_details.card.capture_before`. Answers are parsed by `JSON.parse` deep inside Stripe's client, so that is where
 * they are wrapped. The client itself looks through all of each answer; its own reads do not count.
 */
export function recordReads(): { reads: Set<string>; stop: () => void } {
  const reads = new Set<string>()
  const { parse } = JSON

  function watch(value: unknown, object: string, path: string): unknown {
    if (typeof value !== 'object' || value === null) return value
    const own = 'object' in value && typeof value.object === 'string' ? value.object : undefined
    const [name, start] = own === undefined ? [object, path] : [own, '']
    return new Proxy(value, {
      get(target, key, receiver) {
        const found: unknown = Reflect.get(target, key, receiver)
        if (typeof key !== 'string' || typeof found === 'function' || clientsOwn.has(key)) return found
        if (Array.isArray(target)) return key === 'length' ? found : watch(found, name, join(start, '[]'))
        if (name !== '' && readByUs()) reads.add(`${name}:${join(start, key)}`)
        return watch(found, name, join(start, key))
      },
    })
  }

  JSON.parse = (text: string): unknown => watch(parse(text), '', '')
  return {
    reads,
    stop() {
      JSON.parse = parse
    },
  }
}

/** Whether the code that just read a key is a gateway's: two frames up, behind this function and the trap. */
function readByUs(): boolean {
  const [, , , reader = ''] = (new Error().stack ?? '').split('\n')
  return reader.includes('/gateways/')
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)
