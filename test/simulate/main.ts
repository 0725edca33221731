/**
 * `npm run simulate -- --seed 1 --skus 200 --days 365`: a year of sales against the shop's own rule, activities and books, on a
 * Postgres of its own, with a clock that the simulation holds. The table goes to the standard output, all else to the standard error.
 */
import { parseArgs } from 'node:util'
import { findViolations } from '../support/violations.ts'
import { readLocalSettings } from '../../dev/settings.ts'
import { runCommand } from '../../dev/running-shop.ts'
import type { Sku } from '../../domain/ids.ts'
import { openDatabases, rows } from '../../store/db.ts'
import type { Databases, Db } from '../../store/db.ts'
import { randomFrom } from '../faults/random.ts'
import { freshDatabase } from '../support/database.ts'
import { openServers } from '../support/servers.ts'
import { sellForADay } from './buyers.ts'
import { stockUp } from './goods.ts'
import { openOffice } from './office.ts'
import { openTally } from './tally.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const dayMs = 24 * 60 * 60 * 1000
const policy = { windowDays: 28, coverDays: 28, leadTimeDays: 14 }

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      skus: { type: 'string', default: '200' },
      days: { type: 'string', default: '365' },
    },
  })
  readLocalSettings(process.env)
  const [seed, skus, days] = [Number(values.seed), Number(values.skus), Number(values.days)]
  const servers = await openServers(say)
  try {
    Object.assign(process.env, await servers.start(new Set(['postgres'])))
    const { url, drop } = await freshDatabase()
    const own = { url, poolSize: 8 }
    const all = { accounts: own, catalog: own, order: own, inventory: own, shipping: own, notification: own }
    const opened = openDatabases(all)
    try {
      await liveThrough(opened.databases, { seed, skus, days })
    } finally {
      await opened.close()
      await drop()
    }
  } finally {
    await servers.stop()
  }
})

async function liveThrough(
  databases: Databases,
  { seed, skus, days }: { seed: number; skus: number; days: number },
): Promise<void> {
  const db = databases.inventory
  const random = randomFrom(seed)
  const first = Date.parse('2026-01-01T00:00:00Z')
  const at = (day: number, hour: number): Date => new Date(first + day * dayMs + hour * 3_600_000)
  const goods = await stockUp(db, { count: skus, random: random.fork('goods'), at: at(0, 0).toISOString() })
  const office = openOffice(db, { policy, random: random.fork('office') })
  const tally = openTally(goods)
  const begin = performance.now()
  let violations = 0
  for (let day = 0; day < days; day += 1) {
    await office.check(at(day, 3))
    await office.unpack(at(day, 8))
    await office.decide(at(day, 10))
    const sold = await sellForADay(db, { goods, date: at(day, 18), random: random.fork('buyers') })
    tally.add(sold, await onHandOf(db))
    if ((day + 1) % 28 !== 0 && day + 1 !== days) continue
    // Nothing is relayed here: events wait for ever, and that is not what is being asked.
    const found = await findViolations(databases, {
      now: at(day, 23).toISOString(),
      relayedBefore: '1970-01-01T00:00:00Z',
    })
    for (const { invariant, subject, detail } of found) say(`  ${invariant} ${subject}: ${detail}`)
    violations += found.length + (await doublyOrdered(db))
    say(`day ${day + 1}: ${JSON.stringify(office.counts)}, ${violations} violations`)
  }
  const { alerts, orders, orderedLines, deliveries, damaged } = office.counts
  const seconds = Math.round((performance.now() - begin) / 1000)
  console.log(
    [
      `Seed ${seed}, ${skus} SKUs, ${days} days, in ${seconds} s: ${alerts} alerts, ${orders} purchase orders with ` +
        `${orderedLines} lines, ${deliveries} deliveries, ${damaged} units broken; ${violations} violations of the invariants.`,
      tally.table(),
    ].join('\n\n'),
  )
  if (violations > 0) process.exitCode = 1
}

async function onHandOf(db: Db): Promise<ReadonlyMap<Sku, number>> {
  const found = await rows<{ sku: Sku; units: number }>(
    db,
    'select sku, sum(on_hand) as units from inventory.stock_levels group by sku',
  )
  return new Map(found.map(({ sku, units }) => [sku, units]))
}

/** Shortages with more than one open order: there must never be one. */
async function doublyOrdered(db: Db): Promise<number> {
  const found = await rows(
    db,
    `select sku, warehouse_id from inventory.purchase_order_lines where open group by sku, warehouse_id having count(*) > 1`,
  )
  return found.length
}
