import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import type { DestinationStream } from 'pino'
import { buildApp } from '../../api/app.ts'
import { logOptions } from '../../api/logs.ts'
import type { ProblemBody } from '../../api/problems.ts'
import type { Services } from '../../api/services.ts'
import { sku as asSku } from '../../domain/ids.ts'
import type { Sku } from '../../domain/ids.ts'
import type { Grant } from '../../domain/permissions.ts'
import type { CarrierGateway } from '../../gateways/easypost.ts'
import { createProductFiles } from '../../gateways/product-files.ts'
import { easyPostHook } from '../../gateways/easypost/webhook.ts'
import { stripeHook } from '../../gateways/stripe/webhook.ts'
import { createTokens } from '../../gateways/tokens.ts'
import { createApiKey } from '../../store/accounts.ts'
import type { Databases } from '../../store/db.ts'
import type { SearchEngine } from '../../domain/search.ts'
import { createPostgresSearch } from '../../store/search.ts'
import { newId } from '../../store/ids.ts'
import { cleanDatabase } from './clean-database.ts'
import { aStockConfig } from './factories.ts'
import { fakeFlows } from './fake-flows.ts'
import type { FakeFlows } from './fake-flows.ts'

/** The whole API on a database of its own, with stand-ins for Temporal and the carrier. Nothing listens: requests are injected. */
export interface TestApi {
  readonly app: FastifyInstance
  readonly services: Services
  readonly databases: Databases
  readonly flows: FakeFlows
  readonly carrier: FakeCarrier
  /** What was logged, a JSON object a line. */
  readonly logged: string[]
  ask(request: Ask): Promise<Reply>
  close(): Promise<void>
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'
  readonly url: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly from?: string
}

export interface Reply {
  readonly status: number
  readonly headers: LightMyRequestResponse['headers']
  readonly text: string
  /** The body, read from JSON; undefined when it is none. */
  readonly body: unknown
  /** The body as a problem. Throws when it is none, with what came instead. */
  readonly problem: ProblemBody
}

/** Two secrets at a time for each provider, newest first. */
export const hookSecrets = {
  stripe: ['whsec_new', 'whsec_old'],
  easypost: ['new-secret', 'old-secret'],
} as const

export interface FakeCarrier extends CarrierGateway {
  answer: () => Promise<Awaited<ReturnType<CarrierGateway['quote']>>>
  quoted: number
}

export function fakeCarrier(): FakeCarrier {
  const notHere = (): never => {
    throw new Error('The API asks the carrier for rates and for nothing else.')
  }
  const carrier: FakeCarrier = {
    quoted: 0,
    answer: async () => ({
      outcome: 'rates',
      carrierShipmentId: 'shp_1',
      rates: [
        {
          rateId: 'rate_1',
          carrier: 'USPS',
          service: 'Priority',
          amountMinor: 1000,
          currency: 'USD',
          deliveryDays: 2,
        },
        {
          rateId: 'rate_2',
          carrier: 'USPS',
          service: 'Express',
          amountMinor: 3000,
          currency: 'USD',
          deliveryDays: null,
        },
      ],
    }),
    quote: async () => {
      carrier.quoted += 1
      return carrier.answer()
    },
    buy: notHere,
    retrieveLabel: notHere,
    voidLabel: notHere,
    track: notHere,
  }
  return carrier
}

export async function openApi(
  changes: {
    door?: Partial<Services['door']>
    /** Engines that are asked before the one in Postgres. */
    search?: (databases: Databases) => readonly SearchEngine[]
  } = {},
): Promise<TestApi> {
  const { databases, close } = await cleanDatabase({ poolSize: 8 })
  const logged: string[] = []
  const lines: DestinationStream = { write: (line) => logged.push(line) }
  const flows = fakeFlows(databases)
  const carrier = fakeCarrier()
  const services: Services = {
    databases,
    flows,
    carrier,
    hooks: { stripe: stripeHook(hookSecrets.stripe), easypost: easyPostHook(hookSecrets.easypost) },
    tokens: createTokens(['a-key-for-tests-that-is-long-enough']),
    files: createProductFiles(),
    search: [...(changes.search?.(databases) ?? []), createPostgresSearch(databases.catalog)],
    shop: {
      name: 'Test shop',
      currency: 'EUR',
      publicUrl: 'http://localhost:8080',
      storefrontUrl: 'http://localhost:8080',
      shipFrom: {
        name: 'Test shop',
        line1: '388 Townsend St',
        city: 'San Francisco',
        region: 'CA',
        postalCode: '94107',
        country: 'US',
        phone: '4155550100',
      },
      holdMs: 900_000,
      challengeMs: 1_800_000,
      requestBudgetMs: 2_000,
    },
    stock: aStockConfig,
    door: {
      host: '127.0.0.1',
      port: 0,
      trustedProxies: [],
      corsOrigins: ['https://shop.example'],
      rateLimitPerMinute: 1_000_000,
      ...changes.door,
    },
    log: pino({ ...logOptions, level: 'info' }, lines),
  }
  const app = await buildApp(services)
  return {
    app,
    services,
    databases,
    flows,
    carrier,
    logged,
    ask: (request) => ask(app, request),
    close: async () => {
      await app.close()
      await close()
    },
  }
}

async function ask(
  app: FastifyInstance,
  { method = 'GET', url, body, headers = {}, from }: Ask,
): Promise<Reply> {
  const raw = typeof body === 'string'
  const reply = await app.inject({
    method,
    url,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { payload: raw ? body : JSON.stringify(body) }),
    ...(from !== undefined && { remoteAddress: from }),
  })
  const type = String(reply.headers['content-type'])
  if (type.startsWith('application/problem+json'))
    refuseUndocumented(app, { method, url, problem: reply.json() })
  const read: unknown = type.includes('json') && reply.payload !== '' ? JSON.parse(reply.payload) : undefined
  return {
    status: reply.statusCode,
    headers: reply.headers,
    text: reply.payload,
    body: read,
    get problem(): ProblemBody {
      if (!type.startsWith('application/problem+json'))
        throw new Error(`This is no problem: ${reply.payload}`)
      return read as ProblemBody
    },
  }
}

/** A client must be able to know every code that an address may answer: the description of the API names them all. */
function refuseUndocumented(
  app: FastifyInstance,
  { method, url, problem }: { method: string; url: string; problem: ProblemBody },
): void {
  const given = (url.split('?', 1)[0] ?? '').split('/')
  const description: unknown = app.swagger()
  const { paths } = description as { paths: Record<string, Record<string, Operation>> }
  const operations = Object.entries(paths).flatMap(([path, methods]) => {
    const wanted = path.split('/')
    const same =
      wanted.length === given.length &&
      wanted.every((part, index) => part.startsWith('{') || part === given[index])
    const operation = methods[method.toLowerCase()]
    return same && operation ? [operation] : []
  })
  if (operations.length === 0) return
  const named = operations.some(({ responses }) =>
    responses[problem.status]?.description.includes(`\`${problem.code}\``),
  )
  if (!named)
    throw new Error(`${method} ${url} answers ${problem.code}, which its description does not name.`)
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

/** A published product with one variant, in stock in one warehouse. Answers the SKU. */
export async function aProduct(
  databases: Databases,
  about: {
    sku: string
    title?: string
    prices?: Readonly<Record<string, number>>
    units?: number
    status?: 'published' | 'draft' | 'archived'
    category?: string
    grams?: number
  },
): Promise<Sku> {
  const { sku, title = sku, prices = { EUR: 1999 }, units = 10, status = 'published', grams = 500 } = about
  const { catalog, inventory } = databases
  const productId = newId('prod')
  if (about.category !== undefined) {
    await catalog('catalog.categories')
      .insert({ slug: about.category, name: about.category })
      .onConflict('slug')
      .ignore()
  }
  await catalog('catalog.products').insert({
    id: productId,
    slug: sku.toLowerCase(),
    title,
    description: `The ${title}.`,
    status,
    category_slug: about.category ?? null,
  })
  await catalog('catalog.variants').insert({ sku, product_id: productId, title: 'Blue', grams })
  const priceRows = Object.entries(prices).map(([currency, amount]) => ({
    sku,
    currency,
    amount_minor: amount,
  }))
  if (priceRows.length > 0) await catalog('catalog.prices').insert(priceRows)
  await inventory('inventory.warehouses')
    .insert({ id: 'main', name: 'Main', address: JSON.stringify({}) })
    .onConflict('id')
    .ignore()
  await inventory('inventory.stock_levels').insert({ sku, warehouse_id: 'main', on_hand: units })
  return asSku(sku)
}

/** A secret key with these permissions. */
export async function aKey(databases: Databases, permissions: readonly Grant[]): Promise<string> {
  const { secret } = await createApiKey(databases.accounts, { name: 'test', permissions })
  return secret
}

export const berlin = {
  name: 'Ada Lovelace',
  line1: 'Torstraße 1',
  city: 'Berlin',
  postal_code: '10119',
  country: 'DE',
}

export interface CartHandle {
  readonly id: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** A guest's cart with these lines. */
export async function aCart(
  api: TestApi,
  { lines = [], currency }: { lines?: readonly { sku: string; quantity: number }[]; currency?: string } = {},
): Promise<CartHandle> {
  const made = await api.ask({ method: 'POST', url: '/v1/store/carts', body: currency ? { currency } : {} })
  const { id, cart_token: token } = made.body as { id: string; cart_token: string }
  const cart = {
    id,
    url: `/v1/store/carts/${id}`,
    headers: { 'x-cart-token': token },
  }
  for (const line of lines) {
    const added = await api.ask({
      method: 'POST',
      url: `${cart.url}/lines`,
      body: line,
      headers: cart.headers,
    })
    if (added.status !== 201) throw new Error(`The line was not added: ${added.text}`)
  }
  return cart
}

let keys = 0

/** Orders a cart, with a key of its own unless one is given. */
export async function order(
  api: TestApi,
  { cart, body = {}, key = `key-${(keys += 1)}` }: { cart: CartHandle; body?: object; key?: string },
): Promise<Reply> {
  return api.ask({
    method: 'POST',
    url: '/v1/store/orders',
    headers: { ...cart.headers, 'idempotency-key': key },
    body: { cart_id: cart.id, email: 'ada@example.com', shipping_address: berlin, ...body },
  })
}

export const paidBy = (payment_method: string) => ({ payment: { payment_method } })
