/**
 * Whole orders: a cart, two lines, placed and paid in one call. An order counts at the moment when its label is bought and its
 * confirmation mail is sent. Buyers do not wait for that, and nobody looks while it is measured: both moments stand in the shop's
 * books, are read when all is over, and are checked against the API and the mailbox.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { rows } from '../../store/db.ts'
import type { Databases } from '../../store/db.ts'
import { failureNotes } from '../bench.ts'
import type { Bench, Line } from '../bench.ts'
import { isIn, secondsOf } from '../loop.ts'
import { measure } from '../measure.ts'
import type { Shopper } from '../shoppers.ts'
import { checkWhole } from './whole.ts'
import type { Placed } from './whole.ts'

const address = {
  name: 'Ada Lovelace',
  line1: 'Torstraße 1',
  city: 'Berlin',
  postal_code: '10119',
  country: 'DE',
}

/**
 * The local carrier fetches a parcel after seconds and delivers it after a quarter of a minute; these wait for it. That is a fifth of
 * what an order costs, which a real shop spends days after it was placed.
 */
export const neverScanned = 'never scanned'

export async function orders(
  bench: Bench,
  { buyers, standing = false }: { buyers: number; standing?: boolean },
): Promise<Line> {
  const { databases, shoppers, say } = bench
  const run = randomUUID().slice(0, 8)
  const crowd = Array.from({ length: buyers }, () => shoppers.shopper())
  const measured = await measure(bench, {
    callers: buyers,
    turn: (buyer) =>
      buy({
        ...{ shopper: crowd[buyer]!, skus: bench.skus, email: `buyer${buyer}.${run}@bench.example` },
        ...(standing && { line2: neverScanned }),
      }),
  })
  const placed = measured.turns.map(({ value }) => value)
  say(`  ${placed.length} orders placed; waiting for their last labels and mails`)
  const wholeAt = await whenWhole(databases, placed)
  const { window, turns } = measured
  const counted = [...wholeAt.values()].filter(isIn(window))
  const inTime = turns.filter(({ endedAt }) => isIn(window)(endedAt))
  const lags = inTime.flatMap(({ endedAt, value }) => (wholeAt.get(value.orderId) ?? Number.NaN) - endedAt)
  const undecided = placed.filter((order) => order.undecided).length
  const timings = inTime.map(({ value }) => value.placeMs)
  return {
    name: `whole orders${standing ? ', parcels wait' : ''} (the place-order call)`,
    callers: buyers,
    ...{ count: counted.length, seconds: secondsOf(window), timingsMs: timings, cpuMs: measured.cpuMs },
    lagsMs: lags,
    notes: [
      ...failureNotes(measured.failures),
      ...(undecided > 0
        ? [`${undecided} of ${placed.length} were answered 202, because they took too long`]
        : []),
      ...(await checkWhole(bench, { placed, wholeAt })),
    ],
  }
}

/** `line2`: a magic word for the local carrier (`dev/easypost-sim/README.md`), where one is wanted. */
export async function buy({
  shopper,
  skus,
  email,
  line2,
}: {
  shopper: Shopper
  skus: readonly string[]
  email: string
  line2?: string
}): Promise<Placed> {
  const made = await shopper.send({ method: 'POST', path: '/v1/store/carts', body: {} })
  const cart = JSON.parse(made.said) as {
    id: string
    cart_token: string
  }
  const headers = { 'x-cart-token': cart.cart_token }
  for (const sku of two(skus)) {
    const path = `/v1/store/carts/${cart.id}/lines`
    await shopper.send({ method: 'POST', path, headers, body: { sku, quantity: 1 } })
  }
  const begin = performance.now()
  const { status, said } = await shopper.send({
    method: 'POST',
    path: '/v1/store/orders',
    headers: { ...headers, 'idempotency-key': cart.id },
    body: {
      ...{ cart_id: cart.id, email, shipping_address: { ...address, ...(line2 !== undefined && { line2 }) } },
      payment: { payment_method: 'pm_card_visa' },
    },
  })
  const placeMs = performance.now() - begin
  const order = JSON.parse(said) as { id: string; status: string; order_token: string }
  const undecided = status === 202
  if (!undecided && order.status !== 'confirmed') throw new Error(`the order is ${order.status}`)
  return { orderId: order.id, token: order.order_token, email, placeMs, undecided }
}

/** Two different things, by chance. */
function two(skus: readonly string[]): string[] {
  const first = Math.floor(Math.random() * skus.length)
  const second = (first + 1 + Math.floor(Math.random() * (skus.length - 1))) % skus.length
  return [skus[first]!, skus[second]!]
}

/** How long the last orders may take to become whole. */
const patienceMs = 120_000

/** When each order had its label and its mail, in Unix time; those that never got both are missing. */
async function whenWhole(databases: Databases, placed: readonly Placed[]): Promise<Map<string, number>> {
  const orderIds = placed.map(({ orderId }) => orderId)
  const deadline = Date.now() + patienceMs
  for (;;) {
    const mailed = await momentsOf(databases.notification, {
      sql: `select order_id as id, sent_at as at from notifications.mails
            where kind = 'confirmation' and status = 'sent' and order_id = any(:orderIds)`,
      orderIds,
    })
    const labelled = await momentsOf(databases.shipping, {
      sql: `select subject as id, max(at) as at from shipping.outbox
            where type = 'Shipment Ready' and subject = any(:orderIds) group by subject`,
      orderIds,
    })
    const whole = orderIds.flatMap((id): [string, number][] => {
      const [mail, label] = [mailed.get(id), labelled.get(id)]
      return mail === undefined || label === undefined ? [] : [[id, Math.max(mail, label)]]
    })
    if (whole.length === orderIds.length || Date.now() > deadline) return new Map(whole)
    await sleep(500)
  }
}

async function momentsOf(
  db: Databases['shipping'],
  { sql, orderIds }: { sql: string; orderIds: readonly string[] },
): Promise<Map<string, number>> {
  const found = await rows<{ id: string; at: string }>(db, sql, { orderIds })
  return new Map(found.map(({ id, at }) => [id, Date.parse(at)]))
}
