/** A page of twenty products with prices and availability, as a shop window asks for it. */
import type { Bench, Line } from '../bench.ts'
import { timedRow } from '../measure.ts'

const callers = 8
const products = 20

export async function listing(bench: Bench): Promise<Line> {
  const crowd = Array.from({ length: callers }, () => bench.shoppers.shopper())
  return timedRow(bench, {
    name: `listing of ${products} products`,
    callers,
    turn: async (caller) => {
      const begin = performance.now()
      const { said } = await crowd[caller]!.send({
        method: 'GET',
        path: `/v1/store/products?limit=${products}`,
      })
      if (said.split('"slug":').length - 1 !== products) throw new Error(`not ${products} products`)
      return performance.now() - begin
    },
  })
}
