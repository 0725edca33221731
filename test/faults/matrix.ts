import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import type { Fault, FiredFault } from '../../dev/sim-kit/faults.ts'
import { alteredBundle } from '../support/altered-bundle.ts'
import { assertSettled, passLeases } from '../support/books.ts'
import { stories } from '../support/buyers.ts'
import type { Story } from '../support/buyers.ts'
import { watch } from '../support/database-faults.ts'
import type { DatabaseFaults, Kind } from '../support/database-faults.ts'
import { sell } from '../support/goods.ts'
import { aLossyLineTo } from '../support/lossy-line.ts'
import type { LossyLine } from '../support/lossy-line.ts'
import { openShop } from '../support/shop.ts'
import type { TestShop } from '../support/shop.ts'
import { inOurBooks, overThere } from './steps.ts'
import type { Cell, Provider } from './steps.ts'

/** In these tests a step is given up on after this long, instead of the 10 to 60 seconds of `workflows/proxies.ts`. */
const stepMs = 6_000
/** Later than anybody waits for. */
const lateMs = stepMs + 1_000

/** What providers do; inside the database `support/database-faults.ts` does the same. */
const atProviders = {
  'fails before its effect': { kind: 'fail_before' },
  'fails after it': { kind: 'fail_after' },
  'times out': { kind: 'delay', delayMs: lateMs },
  'has its worker killed': { kind: 'hold_after' },
} as const satisfies Record<Kind, Omit<Fault, 'operation'>>

type Crowd = Readonly<Record<keyof typeof stories, number>>

/** Whoever buys: enough that every step is taken. */
const crowd: Crowd = {
  'pays in one call': 4,
  'passes the challenge of his bank': 2,
  'fails the challenge, and cancels': 2,
  'is sent no label': 1,
  'gets money back that nobody here gave him': 1,
}
/** Where steps are held up until their worker is killed: enough that each of them, one after the other, has an order of its own. */
const largerCrowd: Crowd = {
  ...crowd,
  'pays in one call': 14,
  'passes the challenge of his bank': 5,
  'fails the challenge, and cancels': 7,
  'gets money back that nobody here gave him': 2,
}

/**
 * The fixed part of the fault matrix: every step of an order, from the cart to the door, meets these kinds of accident, each once. That
 * it did is read from the providers' own lists and from counters in the database; that it did no harm, from the books of all.
 * `patienceMs` is how long a provider is waited for.
 */
export function everythingHappensTo(
  what: string,
  { kinds, patienceMs }: { kinds: readonly Kind[]; patienceMs: number },
): void {
  describe(what, { timeout: 170_000 }, () => matrix({ kinds, patienceMs }))
}

function matrix({ kinds, patienceMs }: { kinds: readonly Kind[]; patienceMs: number }): void {
  let shop: TestShop
  let line: LossyLine
  let faults: DatabaseFaults
  let remove: () => Promise<void>
  /** Whose worker was killed while it waited for an answer. */
  const killed = new Set<string>()

  before(async () => {
    const bundle = await alteredBundle([
      [/startToCloseTimeout: '(10|15|30|60)s'/g, `startToCloseTimeout: ${stepMs}`],
    ])
    remove = bundle.remove
    shop = await openShop({
      parcelStepMs: 500,
      carrierTells: false,
      settings: {
        STRIPE_TIMEOUT_MS: String(patienceMs),
        EASYPOST_TIMEOUT_MS: String(patienceMs),
        DATABASE_POOL_SIZE: '30',
      },
      workers: async ({ databaseUrl }) => {
        line = await aLossyLineTo(databaseUrl)
        return { DATABASE_URL: line.url, WORKFLOW_BUNDLE_DIR: bundle.folder }
      },
    })
    await sell(shop.databases, { sku: 'EVERYTHING', units: 1_000 })
    faults = await watch(shop.databases.order, { traces: inOurBooks, lateMs })
  })
  after(async () => {
    await shop?.close()
    await line?.close()
    await remove?.()
  })

  const providerOf = (provider: Provider) =>
    ({ stripe: shop.stripe, carrier: shop.carrier, mail: shop.mailbox })[provider]

  async function order(kind: Kind): Promise<void> {
    for (const { provider, operation, impatient = false, never } of Object.values(overThere)) {
      if (never === kind) {
        // As often as orders may be held up at other steps, and once more.
        await providerOf(provider).fault({ operation, ...atProviders['fails before its effect'], count: 4 })
        continue
      }
      // Where the caller soon hangs up by himself, each call is held back, so that one is when it matters.
      const count = impatient && kind === 'has its worker killed' ? 100 : 1
      await providerOf(provider).fault({ operation, ...atProviders[kind], count })
    }
    await faults.begin(kind)
  }

  async function accidentAt(
    provider: Provider,
    operation: string,
    kind: Kind,
  ): Promise<FiredFault | undefined> {
    const all = await providerOf(provider).faults()
    return all.find((fault) => fault.operation === operation && fault.kind === atProviders[kind].kind)
  }

  const buy = (crowd: Partial<Crowd>): Promise<unknown> =>
    Promise.all(
      (Object.keys(crowd) as (keyof Crowd)[]).flatMap((name) => {
        const story: Story = stories[name]
        return Array.from({ length: crowd[name] ?? 0 }, () => story(shop, 'EVERYTHING'))
      }),
    )

  /** Whoever has something special in mind comes when what happens to everybody has been held up with others. */
  async function buyOneAfterTheOther({ 'pays in one call': many, ...special }: Crowd): Promise<void> {
    const plain = buy({ 'pays in one call': many })
    plain.catch(() => undefined)
    await untilHeld(['confirmOrder'])
    await Promise.all([plain, buy(special)])
  }

  /** How often a step met the accident of this kind, by the list of its provider or the counter in the database. */
  async function timesMet(kind: Kind, place: string): Promise<number> {
    if (kind === 'has its worker killed') return killed.has(place) ? 1 : 0
    const there = overThere[place]
    if (!there) return faults.met(kind, place)
    return (await accidentAt(there.provider, there.operation, kind))?.fired ?? 0
  }

  /** Waits for the last accidents, those of parcels on their way; what never happens is said by the test of that step. */
  async function everythingHappened(kind: Kind): Promise<void> {
    const deadline = Date.now() + 30_000
    for (const [place, { never }] of traces) {
      while (never !== kind && (await timesMet(kind, place)) === 0 && Date.now() < deadline) await sleep(50)
    }
  }

  /** Which steps hold back the worker at this moment. */
  async function heldUp(): Promise<Set<string>> {
    const held = new Set(line.held())
    for (const provider of ['stripe', 'carrier', 'mail'] as const) {
      const holding = (await providerOf(provider).faults()).filter((fault) => fault.holding > 0)
      for (const [place, there] of Object.entries(overThere)) {
        const isHeld = holding.some(({ operation }) => operation === there.operation)
        if (there.provider === provider && isHeld) held.add(place)
      }
    }
    return held
  }

  async function untilHeld(places: readonly string[]): Promise<void> {
    const deadline = Date.now() + 40_000
    for (let held = await heldUp(); !places.every((place) => held.has(place)); held = await heldUp()) {
      const missing = places.filter((place) => !held.has(place))
      assert.ok(Date.now() < deadline, `the workers do not wait for ${missing.join(', ')}`)
      await sleep(50)
    }
  }

  /** Kills the workers as soon as all of these steps wait for an answer, which then nobody hears. */
  async function killDuring(places: readonly string[]): Promise<void> {
    await untilHeld(places)
    for (const place of places) killed.add(place)
    await shop.killWorkers()
    await Promise.all([shop.stripe, shop.carrier, shop.mailbox].map((double) => double.forget()))
    await passLeases(shop.databases)
  }

  const traces: readonly (readonly [string, Cell])[] = [
    ...Object.entries(inOurBooks),
    ...Object.entries(overThere),
  ]
  const holding = (kill: 1 | 2 | 3): string[] =>
    traces.flatMap(([place, { kills = 1, never }]) =>
      kills === kill && never !== 'has its worker killed' ? [place] : [],
    )

  for (const kind of kinds) {
    describe(`where each step ${kind}`, () => {
      before(async () => {
        await order(kind)
        const killing = kind === 'has its worker killed'
        const buying = killing ? buyOneAfterTheOther(largerCrowd) : buy(crowd)
        // Whether somebody failed is asked below; until then a failure must not end the process.
        buying.catch(() => undefined)
        try {
          if (killing) for (const kill of [1, 2, 3] as const) await killDuring(holding(kill))
          await buying
          await everythingHappened(kind)
        } finally {
          await faults.end()
        }
        await assertSettled(shop)
      })

      for (const [place, { never }] of traces) {
        if (never === kind) continue
        it(`${place} ${kind}, and is done once`, async () => {
          assert.ok((await timesMet(kind, place)) > 0, 'nothing went wrong: the accident never happened')
        })
      }
    })
  }
}
