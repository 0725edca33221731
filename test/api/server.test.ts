import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freshDatabase } from '../support/database.ts'
import type { FreshDatabase } from '../support/database.ts'
import { fromTestRun } from '../support/test-run.ts'

/** The process as an operator runs it, with a Temporal that cannot be reached. */
interface Server {
  readonly url: string
  readonly process: ChildProcess
  readonly log: string[]
}

const left: { process?: ChildProcess; database?: FreshDatabase }[] = []

afterEach(async () => {
  for (const { process, database } of left.splice(0)) {
    if (process && process.exitCode === null && process.signalCode === null) {
      process.kill('SIGKILL')
      await once(process, 'exit')
    }
    await database?.drop()
  }
})

async function start(settings: Record<string, string> = {}): Promise<Server> {
  const database = await freshDatabase()
  const child = spawn(process.execPath, [join(fromTestRun('CARTWRIGHT_BUILD'), 'api/server.mjs')], {
    env: {
      PATH: process.env.PATH,
      API_PORT: '0',
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TOKEN_KEYS: 'a-key-for-tests-that-is-long-enough-for-all',
      PAYLOAD_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
      STRIPE_API_KEY: 'sk_test_1',
      EASYPOST_API_KEY: 'EZTK1',
      SMTP_URL: 'smtp://127.0.0.1:1',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  left.push({ process: child, database })
  const log: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    log.push(line)
    const [, url] = /listening at (https?:\/\/[^"]+)/.exec(line) ?? []
    if (url !== undefined) {
      child.stdout.resume()
      return { url, process: child, log }
    }
  }
  throw new Error(`The server did not come up:\n${log.join('\n')}`)
}

test('comes up while Temporal is down, and sells until an order is placed', async () => {
  const { url } = await start()
  assert.equal((await fetch(`${url}/readyz`)).status, 200)
  assert.equal((await fetch(`${url}/v1/store/products`)).status, 200)
  const made = await fetch(`${url}/v1/store/carts`, { method: 'POST' })
  assert.equal(made.status, 201)
})

test('answers what it accepted when it is asked to stop, and then is gone', async () => {
  const { url, process: server } = await start()
  const cart = (await (await fetch(`${url}/v1/store/carts`, { method: 'POST' })).json()) as Record<
    string,
    string
  >
  const headers = { 'x-cart-token': cart['cart_token'] ?? '' }
  const statuses: number[] = []
  let stopping = false
  const customers = Array.from({ length: 8 }, async () => {
    for (;;) {
      const answer = await fetch(`${url}/v1/store/carts/${cart['id']}`, { headers }).catch(() => null)
      if (answer === null) return
      await answer.text()
      statuses.push(answer.status)
      if (!stopping) await sleep(1)
    }
  })
  while (statuses.length < 20) await sleep(5)
  const exit = once(server, 'exit')
  server.kill('SIGTERM')
  stopping = true
  await Promise.all(customers)
  assert.deepEqual([...new Set(statuses)], [200])
  assert.deepEqual(await exit, [0, null])
})

test('speaks TLS by itself, HTTP/2 and HTTP/1.1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cartwright-tls-'))
  try {
    const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
    await Promise.all([writeFile(certFile, certificate), writeFile(keyFile, privateKey)])
    const { url } = await start({ API_TLS_CERT_FILE: certFile, API_TLS_KEY_FILE: keyFile })
    assert.match(url, /^https:/)
    const session = connect(url, { ca: certificate, servername: 'localhost' })
    const stream = session.request({ ':path': '/readyz' })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    assert.equal(headers[':status'], 200)
    stream.resume()
    session.close()

    const status = await new Promise((resolve, reject) => {
      const options = { ca: certificate, servername: 'localhost', agent: false }
      get(`${url}/nowhere`, options, (answer) => resolve(answer.resume().statusCode)).once('error', reject)
    })
    assert.equal(status, 404)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('says all that is wrong with its settings at once, and does not start', async () => {
  const child = spawn(process.execPath, [join(fromTestRun('CARTWRIGHT_BUILD'), 'api/server.mjs')], {
    env: { PATH: process.env.PATH, API_PORT: 'eighty' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  left.push({ process: child })
  let told = ''
  child.stderr.on('data', (text: Buffer) => (told += text.toString()))
  assert.deepEqual(await once(child, 'exit'), [78, null])
  for (const name of ['API_PORT', 'DATABASE_URL', 'TOKEN_KEYS', 'TEMPORAL_ADDRESS'])
    assert.ok(told.includes(name), name)
})

// For localhost, good until 2036, made for this test and trusted by nobody:
// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=localhost
const certificate = `-----BEGIN CERTIFICATE-----
MIIBmTCCAT+gAwIBAgIUTLiasuQEm9C76fF7ZvQvSWkva8kwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyMjE4MDY0MFoXDTM2MTExOTE4
MDY0MFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAElmo7rvo/JwKTmJ/FYPExE179lsmV7IsALue6M7kL1BfNnViDWsL70g3A
F/Fg4+KEABPEukMQby2acDPyfay2A6NvMG0wHQYDVR0OBBYEFFmcUZhelnznVdx7
vcLDcOYhF76ZMB8GA1UdIwQYMBaAFFmcUZhelnznVdx7vcLDcOYhF76ZMA8GA1Ud
EwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49
BAMCA0gAMEUCIQDCHOnShO74mDZTqwcl0VcRqWNBmok6pJZbrDbG0EFLJgIgTMry
oRFjD49SXG4Mx3E65CZQ6ORgnnG5KAHi5GEl7PI=
-----END CERTIFICATE-----
`
const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwHAmrAne7AHAfaP/
JQjT4vPAQ0Mxdi2Avq/4AArPhVihRANCAASWajuu+j8nApOYn8Vg8TETXv2WyZXs
iwAu57ozuQvUF82dWINawvvSDcAX8WDj4oQAE8S6QxBvLZpwM/J9rLYD
-----END PRIVATE KEY-----
`
