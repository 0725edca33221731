/**
 * `npm run bench -- --seconds 20 --only orders`: how fast the running shop is. The table goes to the standard output, what is going
 * on to the standard error: `npm run --silent bench > table.md` keeps the table alone.
 */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Connection } from '@temporalio/client'
import { findRunningShop, runCommand } from '../dev/running-shop.ts'
import { wholeNumber, wordsFor } from '../dev/supervisor/advice.ts'
import { openDatabases } from '../store/db.ts'
import { connectTemporal } from '../workers/connections.ts'
import { perSecond, together } from './bench.ts'
import type { Bench, Line } from './bench.ts'
import { describeMachine, paceInWords, paceMs, processorTime, stolenInWords } from './machine.ts'
import { memoryByPart } from './processes.ts'
import { report } from './report.ts'
import { addToCart } from './rows/add-to-cart.ts'
import { bare, startBareWorker } from './rows/bare.ts'
import type { BareWorker, Shape } from './rows/bare.ts'
import { cancellations } from './rows/cancellations.ts'
import { listing } from './rows/listing.ts'
import { orders } from './rows/orders.ts'
import { reservations } from './rows/reservations.ts'
import { largeSearches, searches } from './rows/search.ts'
import { stockCheck } from './rows/stock-check.ts'
import { openShoppers } from './shoppers.ts'
import { stockedSkus } from './stock.ts'

const rowNames = [
  ...(['orders', 'bare', 'standing', 'cancel', 'bare-cancel', 'listing', 'cart'] as const),
  ...(['search', 'large-search', 'reservations', 'stock-check'] as const),
] as const
type RowName = (typeof rowNames)[number]

/** So many buyers at once, of whole orders and of bare workflows. */
const crowds = [1, 8, 32] as const

/** Rows that are compared with one another are measured in so many turns. */
const turns = 3

/** A shop that has just been started is still being compiled, for a minute and more: so long it is busy before anything is measured. */
const shopWarmUpMs = 90_000

const usage = `npm run bench -- [options]
  --seconds <n>    how long each row is measured (21), those that are compared in ${turns} turns
  --warm-up <n>    how long it runs before that, in seconds (5)
  --only <names>   only these rows, separated by commas: ${rowNames.join(', ')}`

const say = (line: string): void => void process.stderr.write(`${line}\n`)

await runCommand(async () => {
  const wishes = wordsFor(usage, () => wishesOf(process.argv.slice(2)))
  const shop = await findRunningShop(process.env)
  const opened = openDatabases(shop.config.databases)
  const temporal = await connectTemporal(shop.config)
  try {
    const { databases } = opened
    const shoppers = await openShoppers(shop.api)
    const { perMinute } = shoppers
    const machine = await describeMachine({ shop, db: databases.order, temporal: temporal.client, perMinute })
    const { currency } = shop.config.shop
    const skus = await stockedSkus(databases, { currency, run: randomUUID() })
    const { warmUpMs, measureMs } = wishes
    const bench: Bench = { shop, databases, shoppers, skus, warmUpMs, measureMs, say }
    const memoryBefore = memoryByPart(shop.parts)
    const paces = [paceMs()]
    const timeBefore = processorTime()
    const look = (): unknown => paces.push(paceMs())
    const lines = await measureAll(bench, { only: wishes.only, temporal: temporal.client, look })
    const memoryAfter = memoryByPart(shop.parts)
    const timing =
      `${measureMs / 1000} s a row after ${warmUpMs / 1000} s of warm-up, what is compared in ${turns} turns; ` +
      `${skus.length} different things to buy`
    look()
    const seen: typeof machine = [
      ['Timing', timing],
      ['Pace', paceInWords(paces)],
      ['Stolen', stolenInWords(timeBefore, processorTime())],
    ]
    console.log(report({ machine: [...machine, ...seen], lines, memoryBefore, memoryAfter }))
  } finally {
    await temporal.close()
    await opened.close()
  }
})

async function measureAll(
  bench: Bench,
  { only, temporal, look }: { only: readonly RowName[]; temporal: Connection; look: () => unknown },
): Promise<Line[]> {
  const lines: Line[] = []
  const show = (line: Line): void => {
    lines.push(line)
    say(`${line.name}, ${line.callers} at once: ${perSecond(line).toFixed(1)} a second`)
  }
  const row = async (name: RowName, work: () => Promise<Line | Line[]>): Promise<void> => {
    if (only.includes(name)) for (const line of [await work()].flat()) show(line)
  }
  if (only.some((name) => name === 'orders' || name === 'standing' || name === 'cancel')) {
    say('warming up')
    await orders({ ...bench, measureMs: shopWarmUpMs }, { buyers: 8 })
  }
  await row('listing', () => listing(bench))
  await row('search', () => searches(bench))
  await row('large-search', () => largeSearches(bench))
  await row('cart', () => addToCart(bench))
  for (const skus of [1, 10_000]) await row('reservations', () => reservations(bench, { skus }))
  await row('stock-check', () => stockCheck(bench))

  const worker = only.some((name) => name === 'bare' || name === 'bare-cancel')
    ? await startBareWorker(bench.shop.env)
    : null
  try {
    for (const rows of comparedRows({ temporal, worker })) {
      const compared = rows.filter(({ name }) => only.includes(name))
      for (const line of await inTurns(bench, { compared, look })) show(line)
    }
  } finally {
    await worker?.stop()
  }
  return lines
}

interface ComparedRow {
  readonly name: RowName
  readonly work: (bench: Bench) => Promise<Line>
}

/**
 * What the shop does, each beside a bare workflow of its shape. Parcels that wait come last: the shop asks after each of them every
 * half minute for as long as it runs, and whatever is measured after them pays for it.
 */
function comparedRows({
  temporal,
  worker,
}: {
  temporal: Connection
  worker: BareWorker | null
}): ComparedRow[][] {
  const beside = (shape: Shape, callers: number) => (bench: Bench) =>
    bare(bench, { callers, temporal, worker: worker!, shape })
  const few = [1, 8]
  return [
    [
      ...crowds.map((buyers): ComparedRow => ({
        name: 'orders',
        work: (bench) => orders(bench, { buyers }),
      })),
      ...crowds.map((callers): ComparedRow => ({ name: 'bare', work: beside('bareOrder', callers) })),
    ],
    [
      ...few.map((callers): ComparedRow => ({
        name: 'cancel',
        work: (bench) => cancellations(bench, callers),
      })),
      ...few.map((callers): ComparedRow => ({ name: 'bare-cancel', work: beside('bareCancel', callers) })),
    ],
    crowds.map((buyers): ComparedRow => ({
      name: 'standing',
      work: (bench) => orders(bench, { buyers, standing: true }),
    })),
  ]
}

/** In turns, a part of its time each, so that a machine that is slower for a minute is so for all that are compared. */
async function inTurns(
  bench: Bench,
  { compared, look }: { compared: readonly ComparedRow[]; look: () => unknown },
): Promise<Line[]> {
  const measured = compared.map((): Line[] => [])
  for (let turn = 1; turn <= turns; turn += 1) {
    if (compared.length === 0) break
    say(`turn ${turn} of ${turns}`)
    look()
    for (const [index, { work }] of compared.entries()) {
      measured[index]!.push(await work({ ...bench, measureMs: bench.measureMs / turns }))
    }
  }
  return measured.map(together)
}

function wishesOf(args: string[]): { only: readonly RowName[]; warmUpMs: number; measureMs: number } {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '21' },
      'warm-up': { type: 'string', default: '5' },
      only: { type: 'string', default: rowNames.join(',') },
    },
  })
  return {
    measureMs: 1000 * wholeNumber('seconds', values.seconds),
    warmUpMs: 1000 * wholeNumber('warm-up', values['warm-up']),
    only: values.only.split(',').map(rowNamed),
  }
}

function rowNamed(text: string): RowName {
  const found = rowNames.find((name) => name === text.trim())
  if (found === undefined) throw new Error(`There is no row "${text}": name some of ${rowNames.join(', ')}.`)
  return found
}
