import { sku, warehouseId } from '../../domain/ids.ts'
import type { Sku, SupplierId } from '../../domain/ids.ts'
import type { Db } from '../../store/db.ts'
import { newId } from '../../store/ids.ts'
import { book, ensureLevels } from '../../store/stock-journal.ts'
import { writeSettings } from '../../store/stock-levels.ts'
import { insertSupplier, putItem } from '../../store/suppliers.ts'
import { insertWarehouse } from '../../store/warehouses.ts'
import type { Random } from '../faults/random.ts'

/** Something that is sold, as the simulation knows it and the shop does not. */
export interface Good {
  readonly sku: Sku
  /** Units that customers want on an ordinary day. */
  readonly perDay: number
  /** How much more in the best month than in the year's mean, and which month that is. */
  readonly season: number
  readonly bestMonth: number
  readonly leadTimeDays: number
}

export const place = warehouseId('main')
const address = { name: 'Main', line1: 'Kai 1', city: 'Kiel', postalCode: '24103', country: 'DE' }

/** Those who sell to us: from the wholesaler next door to the ship from overseas. */
const sellers = [
  { leadTimeDays: 3, packSize: 1 },
  { leadTimeDays: 5, packSize: 6 },
  { leadTimeDays: 7, packSize: 12 },
  { leadTimeDays: 10, packSize: 4 },
  { leadTimeDays: 14, packSize: 10 },
  { leadTimeDays: 21, packSize: 24 },
  { leadTimeDays: 28, packSize: 12 },
  { leadTimeDays: 42, packSize: 20 },
] as const

/** What is kept back of everything, in days of its ordinary sales. */
const safetyDays = 7
/** What there is of everything on the first day. */
const firstDays = 30

/** Fills an empty warehouse with so many different things: a few sell every day, most now and then. */
export async function stockUp(
  db: Db,
  { count, random, at }: { count: number; random: Random; at: string },
): Promise<readonly Good[]> {
  await insertWarehouse(db, { id: place, name: 'Main', rank: 10, address })
  const ids: SupplierId[] = []
  for (const [index, { leadTimeDays }] of sellers.entries()) {
    const id = newId('sup')
    const [name, email] = [`Supplier ${index + 1}`, `orders${index + 1}@supplier.example`]
    await insertSupplier(db, { id, name, email, currency: 'EUR', leadTimeDays, active: true })
    ids.push(id)
  }
  const goods: Good[] = []
  for (let number = 0; number < count; number += 1) {
    const seller = random.below(sellers.length)
    const [supplierId, { leadTimeDays, packSize }] = [ids[seller]!, sellers[seller]!]
    // From one in ten days to a dozen a day; the lower, the more there are of them.
    const perDay = 0.1 * 120 ** (random.next() ** 2)
    const good: Good = {
      ...{ sku: sku(`GOOD-${String(number + 1).padStart(3, '0')}`), perDay, leadTimeDays },
      ...{ season: random.next() * 0.6, bestMonth: random.below(12) },
    }
    goods.push(good)
    await putItem(db, {
      ...{ supplierId, sku: good.sku, supplierSku: null, unitCostMinor: 500, packSize },
      ...{ minimumQuantity: packSize, leadTimeDays: null, rank: 10 },
    })
    const key = { sku: good.sku, warehouseId: place }
    await ensureLevels(db, { keys: [key], at })
    const quantity = Math.max(2, Math.ceil(perDay * firstDays))
    const opening = {
      kind: 'received',
      reason: 'opening stock',
      actor: 'simulation',
      source: 'opening',
    } as const
    await book(db, [{ ...key, ...opening, condition: 'sellable', quantity, at }])
    const safetyStock = Math.ceil(perDay * safetyDays)
    const settings = { safetyStock, reorderPoint: null, orderUpTo: null, replenished: true }
    await writeSettings(db, { ...key, settings })
  }
  return goods
}

/** Units that customers want of it on a day: Poisson around what the weekday and the season make of the ordinary day. */
export function wantedOn(date: Date, { good, random }: { good: Good; random: Random }): number {
  const { perDay, season, bestMonth } = good
  const weekday = [0.8, 1.1, 1, 1, 1, 1.2, 0.9][date.getUTCDay()] ?? 1
  const yearly = 1 + season * Math.cos(((date.getUTCMonth() - bestMonth) * Math.PI) / 6)
  return poisson(perDay * weekday * yearly, random)
}

/** Knuth's way: counts how many chances it takes until their product falls below e^-mean. */
function poisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.next(); product > limit; product *= random.next()) count += 1
  return count
}
