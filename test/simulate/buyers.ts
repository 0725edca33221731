import { typeid } from 'typeid-js'
import { activitiesOf } from '../../activities/index.ts'
import type { OrderId, OrderLineId, Sku } from '../../domain/ids.ts'
import type { Db } from '../../store/db.ts'
import { availabilityOf, handOver } from '../../store/inventory.ts'
import type { Random } from '../faults/random.ts'
import { place, wantedOn } from './goods.ts'
import type { Good } from './goods.ts'

/** What a day brought for one thing. */
export interface Sold {
  readonly wanted: number
  readonly sold: number
}

/** Lines of one order, and orders that are placed at the same time. */
const linesEach = 8
const atOnce = 4

/**
 * A day of customers. What is wanted and there is reserved, committed and handed over by the shop's own activities, in orders of
 * several lines; what is not there is lost. The date says the weekday and the season; now is when it is booked.
 */
export async function sellForADay(
  db: Db,
  { goods, date, now, random }: { goods: readonly Good[]; date: Date; now: Date; random: Random },
): Promise<ReadonlyMap<Sku, Sold>> {
  const day = new Map<Sku, Sold>()
  const there = await availabilityOf(
    db,
    goods.map((good) => good.sku),
  )
  for (const good of goods) {
    const wanted = wantedOn(date, { good, random: random.fork(`${good.sku} ${date.toISOString()}`) })
    day.set(good.sku, { wanted, sold: Math.min(wanted, there.get(good.sku) ?? 0) })
  }
  const lines = [...day].flatMap(([sku, { sold: quantity }]) => (quantity > 0 ? [{ sku, quantity }] : []))
  const orders: (typeof lines)[] = []
  for (let from = 0; from < lines.length; from += linesEach) orders.push(lines.slice(from, from + linesEach))
  for (let from = 0; from < orders.length; from += atOnce) {
    await Promise.all(orders.slice(from, from + atOnce).map((order) => buy(db, { lines: order, at: now })))
  }
  return day
}

async function buy(
  db: Db,
  { lines, at }: { lines: readonly { sku: Sku; quantity: number }[]; at: Date },
): Promise<void> {
  const { reserveStock, commitStock } = activitiesOf.inventory({ db })
  const orderId = typeid('ord').toString() as OrderId
  const named = lines.map((line, index) => ({ ...line, lineId: `line_${index + 1}` as OrderLineId }))
  await reserveStock({ orderId, lines: named, deadline: new Date(at.getTime() + 900_000).toISOString() })
  await commitStock({ orderId, cause: 'simulation' })
  const shipmentId = orderId.replace('ord_', 'shp_')
  const lineIds = named.map(({ lineId }) => lineId)
  await handOver(db, { orderId, warehouseId: place, lineIds, shipmentId, at: at.toISOString() })
}
