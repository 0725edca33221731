import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { parseEnv } from 'node:util'
import { ConfigError, loadConfig } from '../config.ts'
import { envExample } from '../dev/env-example.ts'
import { readLocalSettings } from '../dev/settings.ts'
import { productSettings } from '../settings/product.ts'

const complete = {
  DATABASE_URL: 'postgres://shop:secret@db.example.com/shop',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
  STRIPE_API_KEY: 'sk_test_1',
  EASYPOST_API_KEY: 'EZTK1',
  SMTP_URL: 'smtp://mail.example.com:25',
  TOKEN_KEYS: 'n'.repeat(32),
  PAYLOAD_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
}

function complaintsAbout(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.complaints
  }
  return []
}

describe('the configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  after(() => rmSync(folder, { recursive: true }))

  it('needs nothing but the addresses and keys of others, and its own secrets', () => {
    const config = loadConfig(complete)

    assert.equal(config.api.port, 8080)
    assert.equal(config.shop.holdMs, 15 * 60_000)
    assert.equal(config.shop.challengeMs, 30 * 60_000)
    assert.deepEqual(config.workers.services, ['catalog', 'order', 'inventory', 'shipping', 'notification'])
    assert.equal(config.temporal.tls, undefined)
  })

  it('complains about everything at once, and says what to do about each', () => {
    const complaints = complaintsAbout({
      ...complete,
      API_PORT: '80800',
      DATABASE_URL: 'mysql://root@localhost',
      PAYLOAD_KEYS: 'k1:too-short',
      SHIP_FROM_COUNTRY: 'Germany',
      WORKER_SERVICES: 'order,billing',
      SMTP_URL: undefined,
    })

    assert.deepEqual(
      complaints.map((complaint) => complaint.split(' ')[0]),
      ['SHIP_FROM_COUNTRY', 'API_PORT', 'PAYLOAD_KEYS', 'DATABASE_URL', 'SMTP_URL', 'WORKER_SERVICES'],
    )
    for (const complaint of complaints) assert.match(complaint, /write|set it to|as "openssl/)
  })

  it('never repeats a secret in a complaint', () => {
    const message = complaintsAbout({
      ...complete,
      TOKEN_KEYS: 'hunter2',
      PAYLOAD_KEYS: 'hunter2',
      DATABASE_URL: 'postgre://shop:hunter2@db/shop',
      SMTP_URL: 'mail://shop:hunter2@mail',
    }).join('\n')

    assert.equal(message.split('\n').length, 4)
    assert.ok(!message.includes('hunter2'))
  })

  it('takes a secret from a file', () => {
    const file = join(folder, 'stripe')
    writeFileSync(file, 'sk_test_from_a_file\n')
    const rest = { ...complete, STRIPE_API_KEY: undefined }

    assert.equal(loadConfig({ ...rest, STRIPE_API_KEY_FILE: file }).stripe.apiKey, 'sk_test_from_a_file')
  })

  it('says which file is missing, empty or one too many', () => {
    const empty = join(folder, 'empty')
    writeFileSync(empty, '\n')
    const rest = { ...complete, STRIPE_API_KEY: undefined, EASYPOST_API_KEY: undefined }
    const complaints = complaintsAbout({
      ...rest,
      STRIPE_API_KEY_FILE: join(folder, 'nowhere'),
      EASYPOST_API_KEY_FILE: empty,
      TOKEN_KEYS_FILE: empty,
    })

    assert.match(
      complaints.find((text) => text.startsWith('STRIPE_API_KEY')) ?? '',
      /cannot be read.*nowhere/,
    )
    assert.match(complaints.find((text) => text.startsWith('EASYPOST_API_KEY')) ?? '', /is empty/)
    assert.match(complaints.find((text) => text.startsWith('TOKEN_KEYS')) ?? '', /given twice/)
    assert.equal(complaints.length, 3)
  })

  it('takes an empty setting for an absent one', () => {
    assert.equal(loadConfig({ ...complete, API_PORT: '', STRIPE_BASE_URL: ' ' }).api.port, 8080)
    assert.equal(complaintsAbout({ ...complete, STRIPE_API_KEY: '' }).length, 1)
  })

  it('wants a certificate and its key together', () => {
    const [complaint = ''] = complaintsAbout({ ...complete, API_TLS_CERT_FILE: process.execPath })

    assert.match(complaint, /API_TLS_CERT_FILE and API_TLS_KEY_FILE belong together/)
  })

  it('tells orders on the queue of the shop only where every worker runs all services', () => {
    assert.equal(loadConfig(complete).temporal.orderQueue, 'order')
    assert.equal(loadConfig({ ...complete, ORDER_QUEUE: 'shop' }).temporal.orderQueue, 'shop')
    const [complaint = ''] = complaintsAbout({
      ...complete,
      ORDER_QUEUE: 'shop',
      WORKER_SERVICES: 'order,shipping',
    })

    assert.match(
      complaint,
      /leaves out catalog, inventory, notification: name them too, or set ORDER_QUEUE=order/,
    )
  })

  it('speaks TLS to Temporal as soon as anything asks for it', () => {
    assert.deepEqual(loadConfig({ ...complete, TEMPORAL_TLS: 'true' }).temporal.tls, {})
    assert.deepEqual(loadConfig({ ...complete, TEMPORAL_API_KEY: 'key' }).temporal.tls, {})
    const named = loadConfig({ ...complete, TEMPORAL_TLS_SERVER_NAME: 'temporal.internal' })
    assert.deepEqual(named.temporal.tls, { serverName: 'temporal.internal' })
  })

  it('gives one service a database of its own, and leaves the others where they are', () => {
    const own = 'postgres://catalog@other.example.com/catalog'
    const { databases } = loadConfig({ ...complete, DATABASE_URL_CATALOG: own })

    assert.equal(databases.catalog.url, own)
    assert.equal(databases.order.url, complete.DATABASE_URL)
  })
})

describe('.env.example', () => {
  const text = readFileSync('.env.example', 'utf8')

  it('lists every setting with its default: "npm run env:example" writes it', () => {
    assert.ok(
      text === envExample(),
      '.env.example is behind the tables of settings: run "npm run env:example"',
    )
  })

  it('changes nothing when it is copied', () => {
    assert.deepEqual(parseEnv(text), {})
  })

  it('shows defaults that are what one gets', () => {
    const shown = parseEnv(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''))
    const withDefaults = Object.entries(productSettings).filter(
      ([, { absent }]) => typeof absent === 'object',
    )
    const defaults = Object.fromEntries(withDefaults.map(([name]) => [name, shown[name]]))

    assert.deepEqual(loadConfig({ ...defaults, ...complete }), loadConfig(complete))
    assert.equal(readLocalSettings(shown).LOCAL_STATE, readLocalSettings({}).LOCAL_STATE)
  })
})
