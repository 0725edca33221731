/**
 * `npm run simulate -- --seed 1 --skus 200 --days 365`: a year of sales against the shop's own stories and books, on a Postgres and a
 * Temporal server of its own that skips time. With `--careful` nobody overlooks a shortage. The tables go to the standard output, all else
 * to the standard error.
 */
import { parseArgs } from 'node:util'
import { activitiesOf } from '../../activities/index.ts'
import { table } from '../../bench/table.ts'
import { findViolations } from '../support/violations.ts'
import { readLocalSettings } from '../../dev/settings.ts'
import { runCommand } from '../../dev/running-shop.ts'
import { wholeNumber, wordsFor } from '../../dev/supervisor/advice.ts'
import type { Sku } from '../../domain/ids.ts'
import { openDatabases, rows } from '../../store/db.ts'
import type { Databases, Db } from '../../store/db.ts'
import { randomFrom } from '../faults/random.ts'
import { freshDatabase } from '../support/database.ts'
import { aStockConfig } from '../support/factories.ts'
import { openServers } from '../support/servers.ts'
import { sellForADay } from './buyers.ts'
import { stockUp } from './goods.ts'
import { countedMails } from './mails.ts'
import { openOffice } from './office.ts'
import { endsOf, oddStories } from './stories.ts'
import { openTally } from './tally.ts'
import { openTime } from './time.ts'
import type { Time } from './time.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const dayMs = 24 * 60 * 60 * 1000
const { policy, patience, overdueEveryMs } = aStockConfig
/** Weekdays and seasons are this year's whenever the simulation runs, so that a seed repeats its sales. */
const newYear = Date.parse('2026-01-01T00:00:00Z')

const isWorkingDay = (date: Date): boolean => date.getUTCDay() % 6 !== 0

interface Wanted {
  readonly seed: number
  readonly skus: number
  readonly days: number
  readonly careful: boolean
}

const usage = `npm run simulate -- [options]
  --seed <n>   which year (1); the same seed, the same sales
  --skus <n>   how many different things are sold (200)
  --days <n>   how long the year is (365)
  --careful    nobody overlooks a shortage`

function wishes(): Wanted {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      skus: { type: 'string', default: '200' },
      days: { type: 'string', default: '365' },
      careful: { type: 'boolean', default: false },
    },
  })
  return {
    seed: wholeNumber('seed', values.seed, { least: 0 }),
    skus: wholeNumber('skus', values.skus),
    days: wholeNumber('days', values.days),
    careful: values.careful,
  }
}

await runCommand(async () => {
  const { seed, skus, days, careful } = wordsFor(usage, wishes)
  readLocalSettings(process.env)
  const servers = await openServers(say)
  // Temporal's workers would end, and the year would wait for them. What is left lies in the run's folder, which the next run clears.
  process.on('exit', servers.kill)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
  try {
    Object.assign(process.env, await servers.start(new Set(['postgres', 'testServer'])))
    const { url, drop } = await freshDatabase()
    const own = { url, poolSize: 8 }
    const all = { accounts: own, catalog: own, order: own, inventory: own, shipping: own, notification: own }
    const opened = openDatabases(all)
    const { databases } = opened
    const mails = countedMails(databases.notification)
    const inventory = activitiesOf.inventory({ db: databases.inventory })
    const time = await openTime({ inventory, notification: mails.steps })
    try {
      await liveThrough({ databases, time, sent: mails.sent }, { seed, skus, days, careful })
    } finally {
      await time.close()
      await opened.close()
      await drop()
    }
  } finally {
    await servers.stop()
  }
})
// What is imported for Temporal's workers keeps a process alive in which none ever ran.
process.exit()

async function liveThrough(
  { databases, time, sent }: { databases: Databases; time: Time; sent: (kind: string) => number },
  { seed, skus, days, careful }: Wanted,
): Promise<void> {
  const db = databases.inventory
  const random = randomFrom(seed)
  await time.until(0, 0)
  const at = (await time.now()).toISOString()
  const goods = await stockUp(db, { count: skus, random: random.fork('goods'), at })
  const asked = { policy, patience, overdueEveryMs }
  const office = openOffice({ db, time }, { asked, random: random.fork('office'), careful })
  const tally = openTally(goods)
  const begin = performance.now()
  let violations = 0
  for (let day = 0; day < days; day += 1) {
    const date = new Date(newYear + day * dayMs + 18 * 3_600_000)
    await time.until(day, 3)
    await office.check(day)
    await time.until(day, 8)
    await office.unpack(day)
    await time.until(day, 10)
    if (isWorkingDay(date)) await office.decide()
    await time.until(day, 18)
    const now = await time.now()
    const sold = await sellForADay(db, { goods, date, now, random: random.fork('buyers') })
    tally.add(sold, await onHandOf(db))
    if ((day + 1) % 28 !== 0 && day + 1 !== days) continue
    violations += await lookForViolations(databases, time)
    const seconds = Math.round((performance.now() - begin) / 1000)
    say(`day ${day + 1}, ${seconds} s: ${JSON.stringify(office.counts)}, ${violations} violations`)
  }
  const odd = await oddStories(time.client, db)
  for (const line of odd) say(`  ${line}`)
  const ended = await endsOf(db)
  const { checks, alerts, orders, orderedLines, deliveries, damaged } = office.counts
  const seconds = Math.round((performance.now() - begin) / 1000)
  console.log(
    [
      `Seed ${seed}, ${skus} SKUs, ${days} days, in ${seconds} s: ${violations} violations of the invariants, ${odd.length} stories ` +
        'that Temporal and Postgres tell differently.',
      tally.table(),
      table(
        ['What the stories did', 'Times'],
        [
          ['checks', checks],
          ['alerts', alerts],
          ['digest mails', sent('stock-digest')],
          ['reminders', sent('replenishment-reminder')],
          ['escalations', sent('replenishment-escalation')],
          ['shortages that expired', ended('expired')],
          ['purchase orders', orders],
          ['their lines', orderedLines],
          ['orders sent to suppliers, with a PDF', sent('purchase-order')],
          ['deliveries', deliveries],
          ['units that came broken', damaged],
          ['notes that an order is overdue', sent('purchase-order-overdue')],
          ['shortages fulfilled', ended('fulfilled')],
          ['shortages that still wait, or are on their way', ended('waiting') + ended('ordered')],
        ],
      ),
    ].join('\n\n'),
  )
  if (violations + odd.length > 0) process.exitCode = 1
}

async function lookForViolations(databases: Databases, time: Time): Promise<number> {
  // Nothing is relayed here: events wait for ever, and that is not what is being asked.
  const found = await findViolations(databases, {
    now: (await time.now()).toISOString(),
    relayedBefore: '1970-01-01T00:00:00Z',
  })
  for (const { invariant, subject, detail } of found) say(`  ${invariant} ${subject}: ${detail}`)
  return found.length + (await doublyOrdered(databases.inventory))
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
