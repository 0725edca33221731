/**
 * Callers of the API with a connection each that is kept alive. The shop lets a caller in so many times a minute and tells callers
 * apart by their address; a bench is many customers, so before an address has used up its share the next one takes its place. All
 * of 127.0.0.0/8 is this machine on Linux. The limit itself stays on and is part of what is measured.
 */
import { Agent, request } from 'node:http'
import { Advice } from '../dev/supervisor/advice.ts'

export interface Shopper {
  /** Throws the status and the problem's code when the answer is a no, or what happened to the connection. */
  send(call: Call): Promise<Answer>
}

export interface Answer {
  readonly status: number
  /** The body. */
  readonly said: string
}

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Shoppers {
  /** What the shop lets one caller do a minute. */
  readonly perMinute: number
  shopper(): Shopper
}

/** Throws `Advice` when the shop's limit would be what is measured, and the address cannot be changed. */
export async function openShoppers(api: string): Promise<Shoppers> {
  if (api.startsWith('https:')) {
    throw new Advice('This measures the API without TLS: start the shop without API_TLS_CERT_FILE to run it.')
  }
  const perMinute = await limitOf(api)
  // A run never comes back to an address whose minute is not over.
  let last = Math.floor(Math.random() * addresses)
  const nextAddress = (): string => {
    last = (last + 1) % addresses
    return loopbackAddress(last)
  }
  const many = await probe({ api, localAddress: nextAddress() })
  if (!many && perMinute < enoughPerMinute) {
    throw new Advice(
      `The shop lets each caller in ${perMinute} times a minute, which is less than this measures: start it with ` +
        `RATE_LIMIT_PER_MINUTE=${enoughPerMinute} npm start.`,
    )
  }
  const share = many ? Math.floor(perMinute * 0.9) : Number.POSITIVE_INFINITY
  return { perMinute, shopper: () => aShopper({ api, share, ...(many && { nextAddress }) }) }
}

const enoughPerMinute = 10_000_000

/** The last part of an address is 2 to 254; who came to the same address twice would be refused for the rest of his row. */
const hosts = 253
const addresses = 256 * 256 * hosts
const loopbackAddress = (number: number): string => {
  const net = Math.floor(number / hosts)
  return `127.${net >> 8}.${net & 255}.${2 + (number % hosts)}`
}

function aShopper({
  api,
  share,
  nextAddress,
}: {
  api: string
  share: number
  nextAddress?: () => string
}): Shopper {
  const fresh = (): Agent =>
    new Agent({
      keepAlive: true,
      maxSockets: 1,
      noDelay: true,
      ...(nextAddress && { localAddress: nextAddress() }),
    })
  let agent = fresh()
  let used = 0
  return {
    send: (call) => {
      if (used >= share) {
        agent.destroy()
        agent = fresh()
        used = 0
      }
      used += 1
      return exchange({ api, agent, call })
    },
  }
}

function exchange({ api, agent, call }: { api: string; agent: Agent; call: Call }): Promise<Answer> {
  const { method, path, body, headers } = call
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const asked = request(
      `${api}${path}`,
      {
        method,
        agent,
        headers: {
          ...headers,
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
        },
      },
      (answer) => {
        let said = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => (said += chunk))
        answer.once('error', reject)
        answer.once('end', () => {
          const { statusCode = 0 } = answer
          if (statusCode >= 200 && statusCode < 300) resolve({ status: statusCode, said })
          else reject(new Error(reasonOf({ status: statusCode, said })))
        })
      },
    )
    asked.once('error', reject)
    asked.end(text)
  })
}

/** Why the shop said no: the status and the problem's code. */
function reasonOf({ status, said }: { status: number; said: string }): string {
  const [, code = 'without a code'] = /"code":"([a-z_.]+)"/.exec(said) ?? []
  return `${status} ${code}`
}

/** What the shop says of its limit with each answer (draft-ietf-httpapi-ratelimit-headers). */
async function limitOf(api: string): Promise<number> {
  const answer = await fetch(`${api}/v1/store/products?limit=1`)
  await answer.body?.cancel()
  if (answer.status === 429) {
    throw new Advice('The shop has counted enough of our calls for this minute: try again in a minute.')
  }
  const [, quota] = /q=(\d+)/.exec(answer.headers.get('ratelimit-policy') ?? '') ?? []
  return quota === undefined ? Number.POSITIVE_INFINITY : Number(quota)
}

async function probe({ api, localAddress }: { api: string; localAddress: string }): Promise<boolean> {
  const agent = new Agent({ localAddress })
  try {
    await exchange({ api, agent, call: { method: 'GET', path: '/v1/store/products?limit=1' } })
    return true
  } catch {
    return false
  } finally {
    agent.destroy()
  }
}
