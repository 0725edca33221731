import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Databases } from '../../store/db.ts'
import { openFlowWorld } from '../support/flow-world.ts'
import type { FlowWorld } from '../support/flow-world.ts'
import { assertInvariants, levelOf, someDatabases } from '../support/parts.ts'
import {
  aLowLevel,
  approveIt,
  beginStory,
  aSupplier,
  check,
  daysGoBy,
  deliver,
  orderOf,
  realParts,
  shortageOf,
  storyOf,
} from '../support/stock-world.ts'
import type { Mail } from '../support/stock-world.ts'

/** Weeks of waiting. The time-skipping server has one clock, so each test has a server of its own. */
describe('what waits for people', () => {
  async function aShop(
    t: TestContext,
    body: (shop: { world: FlowWorld; databases: Databases; mails: Mail[] }) => Promise<void>,
  ): Promise<void> {
    const databases = await someDatabases(t)
    await aSupplier(databases.inventory, { items: [{ sku: 'MUG', packSize: 6 }] })
    await aLowLevel(databases.inventory, { sku: 'MUG' })
    const { parts, mails } = realParts(databases)
    const world = await openFlowWorld()
    try {
      await world.play(parts, () => body({ world, databases, mails }))
    } finally {
      await world.close()
    }
    await assertInvariants(databases)
  }

  it('is reminded, goes one step higher, and ends when nobody decides; the next check begins anew', (t) =>
    aShop(t, async ({ world, databases, mails }) => {
      const db = databases.inventory
      await beginStory(world, 'MUG')
      await shortageOf(db, 'MUG')

      await daysGoBy(world, 15)

      assert.equal((await shortageOf(db, 'MUG')).status, 'expired')
      assert.deepEqual((await storyOf(world, 'MUG').result()) as unknown, { outcome: 'expired' })
      const reminders = mails.filter(({ kind }) => kind === 'reminder')
      const escalated = reminders.filter(({ input }) => (input as { escalated: boolean }).escalated)
      // Every second day but the last, and once on the fifth to somebody else.
      assert.deepEqual([reminders.length - escalated.length, escalated.length], [6, 1])

      await beginStory(world, 'MUG')
      while ((await shortageOf(db, 'MUG')).status !== 'waiting') await setTimeout(20)
    }))

  it('is approved on the thirteenth day all the same', (t) =>
    aShop(t, async ({ world, databases }) => {
      await beginStory(world, 'MUG')
      await shortageOf(databases.inventory, 'MUG')
      await daysGoBy(world, 13)

      assert.equal((await approveIt(world, 'MUG', { quantity: 48 })).outcome, 'ordered')
      assert.equal((await shortageOf(databases.inventory, 'MUG')).status, 'ordered')
    }))

  it('reminds of an order that does not come, however many weeks, and takes what comes at last', (t) =>
    aShop(t, async ({ world, databases, mails }) => {
      const db = databases.inventory
      await beginStory(world, 'MUG')
      await shortageOf(db, 'MUG')
      await approveIt(world, 'MUG', { quantity: 42 })
      const order = await orderOf(db, 'MUG')
      await told(databases, 'MUG')

      await daysGoBy(world, 40)

      const reminders = mails.filter(({ kind }) => kind === 'overdue').length
      // A week until it is overdue, then every three days.
      assert.ok(reminders >= 10 && reminders <= 12, `${reminders} reminders`)
      const answer = await deliver(world, order.id, { units: { MUG: 10 }, final: true })
      assert.equal(answer.outcome === 'booked' && answer.status, 'closed_short')
      assert.deepEqual(await levelOf(db, 'MUG'), { onHand: 12, reserved: 0 })
      assert.equal((await shortageOf(db, 'MUG')).status, 'closed_short')
      const again = await check(world)
      assert.deepEqual([again.low, again.started], [0, 0])
    }))

  /** Waits until the supplier of a SKU's order was told. */
  async function told(databases: Databases, sku: string): Promise<void> {
    while ((await orderOf(databases.inventory, sku)).sentAt === null) {
      await setTimeout(20)
    }
  }
})
