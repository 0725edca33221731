import { setTimeout as sleep } from 'node:timers/promises'
import { insist } from './client.ts'
import type { Answer } from './client.ts'
import type { Random } from './random.ts'

/** What a customer was told at the end. What is told here must be true in the books. */
export interface Told {
  readonly behaviour: Behaviour
  readonly orderId: string | null
  /** The status that the customer read last, or the code of the refusal. */
  readonly last: string
}

export const behaviours = [
  'pays in one call',
  'checks out, then pays',
  'pays after a declined card',
  'walks away',
  'changes his mind',
  'clicks five times',
  'cancels what is paid',
  'cancels twice at once',
  'cancels a part',
  'cancels a part, then the rest',
] as const
export type Behaviour = (typeof behaviours)[number]

export interface Market {
  readonly api: string
  readonly skus: readonly string[]
  readonly untilMs: number
}

const goodCards = ['pm_card_visa', 'pm_card_mastercard', 'pm_card_amex'] as const
const badCards = ['pm_card_visa_chargeDeclined', 'pm_card_visa_chargeDeclinedInsufficientFunds'] as const

/** One customer from the first click to the last answer. All of his chances come from his own number. */
export async function buy(
  market: Market,
  { number, random }: { number: number; random: Random },
): Promise<Told> {
  const behaviour = random.pick(behaviours)
  const cart = await fillCart(market, { number, random })
  const card = random.pick(goodCards)
  const key = (step: string): string => `buyer-${number}-${step}`
  const order = (step: string, payment?: string): Promise<Answer> =>
    placeOrder(market, { cart, number, key: key(step), payment })
  const pay = (placed: Answer, step: string, payment: string): Promise<Answer> =>
    insist(
      market.api,
      {
        method: 'POST',
        path: `/v1/store/orders/${String(placed.body.id)}/payment`,
        headers: { 'x-order-token': String(placed.body.order_token), 'idempotency-key': key(step) },
        body: { payment_method: payment },
      },
      market,
    )

  const cancel = (placed: Answer, step: string, body: object): Promise<Answer> =>
    insist(
      market.api,
      {
        method: 'POST',
        path: `/v1/store/orders/${String(placed.body.id)}/cancel`,
        headers: { 'x-order-token': String(placed.body.order_token), 'idempotency-key': key(step) },
        body,
      },
      market,
    )

  switch (behaviour) {
    case 'cancels what is paid':
    case 'cancels twice at once':
    case 'cancels a part':
    case 'cancels a part, then the rest': {
      const placed = await order('order', card)
      if (placed.body.id === undefined) return told(market, behaviour, placed)
      await sleep(random.below(1_500))
      if (behaviour === 'cancels twice at once') {
        await Promise.all(['one', 'two'].map((step) => cancel(placed, step, { reason: 'changed my mind' })))
      } else if (behaviour === 'cancels what is paid') {
        await cancel(placed, 'cancel', { reason: 'changed my mind' })
      } else {
        const [line] = placed.body.lines ?? []
        await cancel(placed, 'part', { lines: [{ line_id: line?.id, quantity: 1 }] })
        if (behaviour === 'cancels a part, then the rest') {
          await sleep(random.below(1_500))
          await cancel(placed, 'rest', {})
        }
      }
      return told(market, behaviour, placed)
    }
    case 'pays in one call':
      return told(market, behaviour, await order('order', card))
    case 'clicks five times': {
      const clicks = await Promise.all(
        [1, 2, 3, 4, 5].map((click) => order(click % 2 === 0 ? 'even' : 'odd', card)),
      )
      const ids = new Set(clicks.flatMap(({ body }) => (typeof body.id === 'string' ? [body.id] : [])))
      if (ids.size > 1)
        throw new Error(`Five clicks of buyer ${number} made ${ids.size} orders: ${[...ids].join(', ')}`)
      return told(market, behaviour, clicks.find(({ body }) => body.id !== undefined) ?? clicks[0]!)
    }
    case 'checks out, then pays': {
      const placed = await order('order')
      if (placed.body.id === undefined) return told(market, behaviour, placed)
      await sleep(random.below(1_500))
      return told(market, behaviour, placed, await pay(placed, 'pay', card))
    }
    case 'pays after a declined card': {
      const placed = await order('order')
      if (placed.body.id === undefined) return told(market, behaviour, placed)
      await pay(placed, 'declined', random.pick(badCards))
      return told(market, behaviour, placed, await pay(placed, 'pay', card))
    }
    case 'walks away':
      return told(market, behaviour, await order('order'))
    case 'changes his mind': {
      const placed = await order('order')
      if (placed.body.id === undefined) return told(market, behaviour, placed)
      await sleep(random.below(800))
      const cancelled = await cancel(placed, 'cancel', { reason: 'changed my mind' })
      return told(market, behaviour, placed, cancelled)
    }
  }
}

interface Cart {
  readonly id: string
  readonly token: string
}

async function fillCart(
  market: Market,
  { number, random }: { number: number; random: Random },
): Promise<Cart> {
  const made = await insist(
    market.api,
    { method: 'POST', path: '/v1/store/carts', body: { currency: 'EUR' } },
    market,
  )
  const cart = { id: String(made.body.id), token: String(made.body.cart_token) }
  const skus = new Set([random.pick(market.skus), random.pick(market.skus)])
  for (const sku of skus) {
    await insist(
      market.api,
      {
        method: 'POST',
        path: `/v1/store/carts/${cart.id}/lines`,
        headers: { 'x-cart-token': cart.token },
        body: { sku, quantity: 1 + random.below(2) },
      },
      market,
    )
  }
  if (made.status !== 201) throw new Error(`Buyer ${number} got no cart: ${JSON.stringify(made)}`)
  return cart
}

async function placeOrder(
  market: Market,
  { cart, number, key, payment }: { cart: Cart; number: number; key: string; payment: string | undefined },
): Promise<Answer> {
  return insist(
    market.api,
    {
      method: 'POST',
      path: '/v1/store/orders',
      headers: { 'x-cart-token': cart.token, 'idempotency-key': key },
      body: {
        cart_id: cart.id,
        email: `buyer-${number}@example.com`,
        shipping_address: {
          name: `Buyer ${number}`,
          line1: 'Torstraße 1',
          city: 'Berlin',
          postal_code: '10119',
          country: 'DE',
        },
        ...(payment !== undefined && { payment: { payment_method: payment } }),
      },
    },
    market,
  )
}

/** Later than this nobody believes any more that a promised order will be there. */
const patienceMs = 180_000

/** Reads the order once more at the end: that is what the customer believes. What he was promised has to be there by and by. */
async function told(market: Market, behaviour: Behaviour, placed: Answer, later?: Answer): Promise<Told> {
  const { id, order_token: token } = placed.body
  if (id === undefined || token === undefined) {
    return { behaviour, orderId: null, last: String(placed.body.code ?? placed.status) }
  }
  const look = { method: 'GET', path: `/v1/store/orders/${id}`, headers: { 'x-order-token': token } } as const
  const untilMs = Date.now() + patienceMs
  let read = await insist(market.api, look, market)
  while (read.body.code === 'order.not_found') {
    if (Date.now() > untilMs)
      throw new Error(`Order ${id} was promised (${placed.status}) and never came to be.`)
    await sleep(500)
    read = await insist(market.api, look, market)
  }
  const status = later?.body.status === 'confirmed' ? 'confirmed' : String(read.body.status ?? read.body.code)
  return { behaviour, orderId: id, last: status }
}
