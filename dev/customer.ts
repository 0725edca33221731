/** A customer of the shop over HTTP, for the demo and for tests: he knows what `/openapi.json` says and nothing else. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Static } from 'typebox'
import type { ProblemBody } from '../api/problems.ts'
import type { Cart, ShippingRates } from '../api/schemas/carts.ts'
import type { OrderView } from '../api/schemas/order-views.ts'
import type { Timeline } from '../api/schemas/orders.ts'
import type { ProductList } from '../api/schemas/products.ts'

type CartView = Static<typeof Cart.schema>
export type RateView = Static<typeof ShippingRates.schema>['data'][number]
export type ProductView = Static<typeof ProductList.schema>['data'][number]
export type TimelineView = Static<typeof Timeline.schema>['data']

/** An answer of the API. Its body is what its own schema says for this status; a test that does not trust it looks at `text`. */
export interface Reply<Body> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body of an answer that says yes. Throws what came instead. */
  readonly body: Body
  /** The body of an answer that says no. Throws what came instead. */
  readonly problem: ProblemBody
}

export interface Address {
  readonly name: string
  readonly line1: string
  readonly line2?: string
  readonly city: string
  readonly region?: string
  readonly postal_code: string
  readonly country: string
}

export const berlin: Address = {
  name: 'Ada Lovelace',
  line1: 'Torstraße 1',
  city: 'Berlin',
  postal_code: '10119',
  country: 'DE',
}

/** A cart with the token that opens it. */
export interface CartHandle {
  readonly id: string
  readonly token: string
}

/** An order with the token that opens it. */
export interface OrderHandle {
  readonly id: string
  readonly token: string
}

export interface Wishes {
  readonly email: string
  readonly shipTo?: Address
  readonly rateId?: string
  /** Pays in the same call. */
  readonly card?: string
  /** The `Idempotency-Key`; without one each call is a request of its own. */
  readonly key?: string
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Customer {
  ask<Body>(
    method: Method,
    path: string,
    more?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Reply<Body>>
  products(query?: string): Promise<Reply<{ data: ProductView[]; page: { next_cursor?: string } }>>
  /** A new cart with these lines. Throws when it cannot be had. */
  fill(lines: readonly { sku: string; quantity: number }[]): Promise<CartHandle>
  readCart(cart: CartHandle): Promise<Reply<CartView>>
  addLine(cart: CartHandle, line: { sku: string; quantity: number }): Promise<Reply<CartView>>
  ratesTo(cart: CartHandle, shipTo: Address): Promise<Reply<{ data: RateView[] }>>
  order(cart: CartHandle, wishes: Wishes): Promise<Reply<OrderView>>
  pay(order: OrderHandle, payment: { card: string; key?: string }): Promise<Reply<OrderView>>
  readOrder(order: OrderHandle, options?: { wait?: 'settled' }): Promise<Reply<OrderView>>
  timeline(order: OrderHandle): Promise<Reply<{ data: TimelineView }>>
}

/** `api` is where the API answers, without a slash at the end. */
export function aCustomer(api: string): Customer {
  const ask: Customer['ask'] = async <Body>(
    method: Method,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const answer = await fetch(`${api}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return replyOf<Body>(answer, await answer.text())
  }
  const cartUrl = ({ id }: CartHandle): string => `/v1/store/carts/${id}`
  const orderUrl = ({ id }: OrderHandle): string => `/v1/store/orders/${id}`
  const withCart = ({ token }: CartHandle) => ({ 'x-cart-token': token })
  const withOrder = ({ token }: OrderHandle) => ({ 'x-order-token': token })

  const customer: Customer = {
    ask,
    products: (query = '') => ask('GET', `/v1/store/products${query}`),
    fill: async (lines) => {
      const { body } = await ask<CartView>('POST', '/v1/store/carts', { body: {} })
      const cart = { id: body.id, token: body.cart_token ?? '' }
      for (const line of lines) void (await customer.addLine(cart, line)).body
      return cart
    },
    readCart: (cart) => ask('GET', cartUrl(cart), { headers: withCart(cart) }),
    addLine: (cart, line) => ask('POST', `${cartUrl(cart)}/lines`, { headers: withCart(cart), body: line }),
    ratesTo: async (cart, shipTo) => {
      void (await ask('PUT', `${cartUrl(cart)}/address`, { headers: withCart(cart), body: shipTo })).body
      return ask('GET', `${cartUrl(cart)}/shipping-rates`, { headers: withCart(cart) })
    },
    order: (cart, { email, shipTo = berlin, rateId, card, key = randomUUID() }) =>
      ask('POST', '/v1/store/orders', {
        headers: { ...withCart(cart), 'idempotency-key': key },
        body: {
          cart_id: cart.id,
          email,
          shipping_address: shipTo,
          ...(rateId !== undefined && { shipping_rate_id: rateId }),
          ...(card !== undefined && { payment: { payment_method: card } }),
        },
      }),
    pay: (order, { card, key = randomUUID() }) =>
      ask('POST', `${orderUrl(order)}/payment`, {
        headers: { ...withOrder(order), 'idempotency-key': key },
        body: { payment_method: card },
      }),
    readOrder: (order, { wait } = {}) =>
      ask('GET', `${orderUrl(order)}${wait ? `?wait=${wait}` : ''}`, { headers: withOrder(order) }),
    timeline: (order) => ask('GET', `${orderUrl(order)}/timeline`, { headers: withOrder(order) }),
  }
  return customer
}

/** The order behind the first answer about it, with the token that came with it. */
export function handleOf({ body }: Reply<OrderView>): OrderHandle {
  if (body.order_token === undefined) throw new Error(`This answer brought no order_token: ${body.id}`)
  return { id: body.id, token: body.order_token }
}

/**
 * Repeats a request as a patient client does: the same one, with the same key, while nobody answers, while the shop says "not yet"
 * (202), "not now" (503) or works on it already (409), and after the pause that it was asked for. Throws when his patience has ended.
 */
export async function insist<Body>(request: () => Promise<Reply<Body>>): Promise<Reply<Body>> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const reply = await request().catch((error: unknown) => {
      // fetch says no more than this of a connection that was refused, or cut before or in the middle of the answer.
      if (error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message)) return undefined
      throw error
    })
    if (reply !== undefined && !isPassing(reply)) return reply
    if (Date.now() > deadline) throw new Error(`For ${patienceMs} ms no other answer: ${reply?.text}`)
    const seconds = Number(reply?.headers.get('retry-after') ?? '0')
    await sleep(Math.min(Math.max(seconds * 1000, 200), 2000))
  }
}

const patienceMs = 300_000

const isPassing = ({ status, text }: Reply<unknown>): boolean =>
  status === 202 || status === 503 || (status === 409 && text.includes('"idempotency.in_flight"'))

function replyOf<Body>({ status, headers }: Response, text: string): Reply<Body> {
  const surprise = (): Error => new Error(`The shop answered ${status}: ${text}`)
  return {
    status,
    headers,
    text,
    get body() {
      if (status >= 300) throw surprise()
      return JSON.parse(text) as Body
    },
    get problem() {
      if (status < 400) throw surprise()
      return JSON.parse(text) as ProblemBody
    },
  }
}
