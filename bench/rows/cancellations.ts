/**
 * Cancellations of whole, paid orders. The orders are placed before anything is measured; a cancellation counts at the moment when its
 * money is given back and its stock is free, which stands in the shop's books.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { rows } from '../../store/db.ts'
import { failureNotes } from '../bench.ts'
import type { Bench, Line } from '../bench.ts'
import { isIn, secondsOf } from '../loop.ts'
import { measure } from '../measure.ts'
import { buy, neverScanned } from './orders.ts'
import type { Placed } from './whole.ts'

/** More than a machine of today cancels in a second, with so many callers at once. */
const mostPerSecond = { 1: 12, 8: 30 } as const

const patienceMs = 120_000

export async function cancellations(bench: Bench, callers: number): Promise<Line> {
  const { databases, shoppers, say } = bench
  const perSecond = callers === 1 ? mostPerSecond[1] : mostPerSecond[8]
  const wanted = Math.ceil((perSecond * (bench.warmUpMs + bench.measureMs)) / 1000)
  const pool = await manyOrders(bench, wanted)
  say(`  ${pool.length} orders are there to be cancelled`)
  const crowd = Array.from({ length: callers }, () => shoppers.shopper())
  const { turns, window, failures, cpuMs } = await measure(bench, {
    callers,
    turn: async (caller) => {
      const order = pool.pop()
      if (!order) {
        await sleep(1_000)
        throw new Error('there was no order left to cancel')
      }
      const begin = performance.now()
      await crowd[caller]!.send({
        ...{ method: 'POST', path: `/v1/store/orders/${order.orderId}/cancel` },
        headers: { 'x-order-token': order.token, 'idempotency-key': order.orderId },
        body: {},
      })
      return { orderId: order.orderId, answeredMs: performance.now() - begin }
    },
  })
  const { endedAt, lost } = await whenEnded(
    databases,
    turns.map(({ value }) => value.orderId),
  )
  const counted = [...endedAt.values()].filter(isIn(window))
  const timings = turns.filter(({ endedAt: at }) => isIn(window)(at)).map(({ value }) => value.answeredMs)
  const open = turns.length - endedAt.size - lost
  return {
    name: 'cancellations (the cancel call)',
    callers,
    ...{ count: counted.length, seconds: secondsOf(window), timingsMs: timings, cpuMs },
    notes: [
      ...failureNotes(failures),
      ...(lost > 0 ? [`${lost} were lost to the carrier, and count as nothing`] : []),
      ...(open > 0 ? [`${open} had not ended after two minutes`] : []),
    ],
  }
}

async function manyOrders({ shoppers, skus, databases }: Bench, wanted: number): Promise<Placed[]> {
  const run = randomUUID().slice(0, 8)
  const placed: Placed[] = []
  const buyer = async (number: number): Promise<void> => {
    const shopper = shoppers.shopper()
    while (placed.length < wanted) {
      const email = `buyer${number}.${run}@bench.example`
      // What has left cannot be cancelled.
      placed.push(await buy({ shopper, skus, email, line2: neverScanned }))
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, number) => buyer(number)))
  // What is measured are cancellations, not the labels and mails of the orders before them.
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(500)) {
    const [left] = await rows<{ count: number }>(
      databases.shipping,
      `select count(*) as count from shipping.shipments where status = 'pending'`,
    )
    if (left?.count === 0) break
  }
  return placed
}

/** When each of these was cancelled to the end, in Unix time, and how many lost; those that have not ended are missing. */
async function whenEnded(
  { order }: Bench['databases'],
  orderIds: readonly string[],
): Promise<{ endedAt: Map<string, number>; lost: number }> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const ended = await rows<{ id: string; at: string; done: boolean }>(
      order,
      `select order_id as id, ended_at as at, status = 'done' as done from orders.cancellations
       where order_id = any(:orderIds) and ended_at is not null`,
      { orderIds: [...orderIds] },
    )
    if (ended.length >= orderIds.length || Date.now() > deadline) {
      const done = ended.filter((each) => each.done)
      const endedAt = new Map(done.map(({ id, at }) => [id, Date.parse(at)]))
      return { endedAt, lost: ended.length - done.length }
    }
    await sleep(500)
  }
}
