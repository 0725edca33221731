/** Things put into carts. A cart takes so many different things and is then left for a new one, which is not counted. */
import type { Bench, Line } from '../bench.ts'
import { timedRow } from '../measure.ts'
import type { Shopper } from '../shoppers.ts'

const callers = 8
const linesOfACart = 10

interface Trolley {
  readonly id: string
  readonly token: string
  /** What is still to be put into it. */
  readonly list: string[]
}

export async function addToCart(bench: Bench): Promise<Line> {
  const crowd = Array.from({ length: callers }, () => bench.shoppers.shopper())
  const trolleys: Trolley[] = crowd.map(() => ({ id: '', token: '', list: [] }))
  return timedRow(bench, {
    name: `add to cart (a new one after ${linesOfACart})`,
    callers,
    turn: async (caller) => {
      const shopper = crowd[caller]!
      if (trolleys[caller]!.list.length === 0) trolleys[caller] = await fresh(shopper, bench.skus)
      const { id, token, list } = trolleys[caller]!
      const path = `/v1/store/carts/${id}/lines`
      const begin = performance.now()
      const body = { sku: list.pop(), quantity: 1 }
      await shopper.send({ method: 'POST', path, headers: { 'x-cart-token': token }, body })
      return performance.now() - begin
    },
  })
}

async function fresh(shopper: Shopper, skus: readonly string[]): Promise<Trolley> {
  const { said } = await shopper.send({ method: 'POST', path: '/v1/store/carts', body: {} })
  const { id, cart_token: token } = JSON.parse(said) as { id: string; cart_token: string }
  const from = Math.floor(Math.random() * skus.length)
  const list = Array.from({ length: linesOfACart }, (_, index) => skus[(from + index) % skus.length]!)
  return { id, token, list }
}
