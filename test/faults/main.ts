/**
 * `npm run faults -- --seed N --orders M`: mixed buyers against a shop of its own, while providers fail before and after their
 * effect, time out and drop connections, and processes are killed at random moments; then everything settles, and every invariant
 * and every double's ledger is checked. The seed repeats the buyers, the accidents and the kills.
 */
import { parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCommand } from '../../dev/running-shop.ts'
import type { FiredFault } from '../../dev/sim-kit/faults.ts'
import { wholeNumber, wordsFor } from '../../dev/supervisor/advice.ts'
import type { Violation } from '../../domain/invariants.ts'
import { openDatabases, rows } from '../../store/db.ts'
import { buy } from './buyers.ts'
import type { Market, Told } from './buyers.ts'
import { randomFrom } from './random.ts'
import { openOwnShop } from './shop.ts'
import type { OwnShop } from './shop.ts'
import { processStorm, providerStorm } from './storms.ts'
import type { Provider } from './storms.ts'
import { counted, judge } from './verdict.ts'

const usage = `npm run faults -- [options]
  --seed <n>     which buyers, accidents and kills (1); the same seed, the same storm
  --orders <n>   how many orders (200)
  --buyers <n>   how many buyers at once (6)
  --keep         leave the shop running if a rule was broken, for you to look at`

await runCommand(async () => {
  const { seed, wanted, atOnce, keep } = wordsFor(usage, wishes)
  const say = (line: string): void => console.log(line)
  say(`Seed ${seed}, ${wanted} orders. Starting a shop …`)
  const shop = await openOwnShop({
    HOLD_MS: '20000',
    RATE_LIMIT_PER_MINUTE: '1000000',
    LOCAL_PARCEL_STEP_MS: '3000',
    STRIPE_TIMEOUT_MS: '8000',
  })
  const stopOnSignal = (): void => void shop.stop().then(() => process.exit(130))
  process.once('SIGINT', stopOnSignal)
  try {
    const { told, broken, killed, fired } = await storm(shop, {
      seed,
      wanted,
      atOnce,
      say,
    })
    say('The storm is over. Waiting for everything to end …')
    const verdict = await judge(shop, { told, settleMs: 240_000 })
    const violations = [...broken, ...verdict.violations]
    report({ told, killed, fired, ...verdict, violations, seed }, say)
    if (violations.length > 0) process.exitCode = 1
  } finally {
    if (keep && process.exitCode) {
      say(`Left running for you to look at: ${shop.pages.temporal}; its state is in ${shop.folder}.`)
      await new Promise(() => {})
    }
    await shop.stop()
  }
})

function wishes(): { seed: number; wanted: number; atOnce: number; keep: boolean } {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      orders: { type: 'string', default: '200' },
      buyers: { type: 'string', default: '6' },
      keep: { type: 'boolean', default: false },
    },
  })
  return {
    seed: wholeNumber('seed', values.seed, { least: 0 }),
    wanted: wholeNumber('orders', values.orders),
    atOnce: wholeNumber('buyers', values.buyers),
    keep: values.keep,
  }
}

async function storm(
  shop: OwnShop,
  {
    seed,
    wanted,
    atOnce,
    say,
  }: { seed: number; wanted: number; atOnce: number; say: (line: string) => void },
): Promise<{
  told: Told[]
  /** What buyers were told that cannot be. */
  broken: Violation[]
  killed: Map<string, number>
  fired: Record<string, number>
}> {
  const random = randomFrom(seed)
  const market: Market = { api: shop.api, skus: await someSkus(shop), untilMs: Date.now() + 60 * 60_000 }
  const doubles = shop.doubles as Record<Provider, string>
  const accidents = providerStorm({ doubles, random: random.fork('providers'), everyMs: 700 })
  const victims = ['workers', 'workers', 'api', 'temporal', 'postgres']
  const kills = processStorm({ victims, kill: shop.kill, random: random.fork('kills'), everyMs: 12_000 })

  const told: Told[] = []
  const broken: Violation[] = []
  let next = 0
  let lastSaid = Date.now()
  const buyer = async (): Promise<void> => {
    while (next < wanted) {
      next += 1
      const number = next
      try {
        told.push(await buy(market, { number, random: random.fork(`buyer ${number}`) }))
      } catch (error) {
        broken.push({ invariant: 'I14', subject: `buyer ${number}`, detail: String(error) })
      }
      if (Date.now() - lastSaid > 10_000) {
        lastSaid = Date.now()
        say(
          `${told.length} of ${wanted}: ${JSON.stringify(counted(told.map(({ last }) => last)))}, killed ${[...kills.killed].join(' ')}`,
        )
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, buyer))
  await kills.stop()
  await accidents.stop()
  return { told, broken, killed: kills.killed, fired: await endAccidents(doubles) }
}

/** What is in stock, many of each: what is sold out would only end orders early. */
async function someSkus({ config }: OwnShop): Promise<string[]> {
  const { databases, close } = openDatabases(config.databases)
  try {
    const found = await rows<{ sku: string }>(
      databases.inventory,
      'select sku from inventory.stock_levels group by sku having sum(on_hand - reserved) >= 20 order by sku limit 60',
    )
    return found.map(({ sku }) => sku)
  } finally {
    await close()
  }
}

/** Counts which accidents really hit, and clears the rest. A double that is just being started again is waited for. */
async function endAccidents(doubles: Readonly<Record<Provider, string>>): Promise<Record<string, number>> {
  const fired: Record<string, number> = {}
  for (const [provider, url] of Object.entries(doubles)) {
    for (let tries = 0; ; tries += 1) {
      try {
        const faults = (await (await fetch(`${url}/_control/faults`)).json()) as FiredFault[]
        for (const fault of faults) {
          const name = `${provider} ${fault.kind}`
          fired[name] = (fired[name] ?? 0) + fault.fired
        }
        await fetch(`${url}/_control/faults`, { method: 'DELETE' })
        break
      } catch (error) {
        if (tries === 30) throw error
        await sleep(500)
      }
    }
  }
  return fired
}

function report(
  run: {
    seed: number
    told: readonly Told[]
    killed: ReadonlyMap<string, number>
    fired: Record<string, number>
  } & Awaited<ReturnType<typeof judge>>,
  say: (line: string) => void,
): void {
  const list = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  say(`\nSeed ${run.seed}`)
  say(`  buyers    ${list(counted(run.told.map(({ behaviour }) => behaviour)))}`)
  say(`  told      ${list(counted(run.told.map(({ last }) => last)))}`)
  say(`  orders    ${list(run.orders)}`)
  say(`  accidents ${list(run.fired)}`)
  say(`  killed    ${list(Object.fromEntries(run.killed))}`)
  say(`  settled   ${(run.settledMs / 1000).toFixed(1)} s after the storm`)
  say(`  reconcile compared ${run.payments} payments with the provider's`)
  for (const { invariant, subject, detail } of run.violations) say(`  ${invariant} ${subject}: ${detail}`)
  say(`\n${run.violations.length} violations`)
}
