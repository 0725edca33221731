import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import type { WorkflowHandle } from '@temporalio/client'
import { sku as asSku } from '../../domain/ids.ts'
import { hasEnded } from '../../domain/purchase-orders.ts'
import type { Databases } from '../../store/db.ts'
import { listPurchaseOrders } from '../../store/purchase-orders.ts'
import { endPurchaseOrder, receive } from '../../workflows/stock-contract.ts'
import { openFlowWorld } from '../support/flow-world.ts'
import type { Fakes, FlowWorld } from '../support/flow-world.ts'
import { assertInvariants, levelOf, someDatabases } from '../support/parts.ts'
import {
  aLowLevel,
  approveIt,
  aReceiptId,
  aSupplier,
  check,
  deliver,
  hamburg,
  orderOf,
  orderStory,
  plainClient,
  realParts,
  shortageOf,
  storyOf,
} from '../support/stock-world.ts'
import type { Mail } from '../support/stock-world.ts'

const dayMs = 24 * 60 * 60 * 1000

describe('stock from low to there again, on a real database', () => {
  let world: FlowWorld
  before(async () => {
    world = await openFlowWorld()
  })
  after(() => world.close())

  /** A shop with these SKUs low, and somebody who sells them; no story outlives the test. */
  async function aShop(
    t: TestContext,
    skus: readonly string[],
    body: (shop: { databases: Databases; mails: Mail[] }) => Promise<void>,
    changes: Fakes = {},
  ): Promise<void> {
    const databases = await someDatabases(t)
    const { inventory: db } = databases
    await aSupplier(db, { items: skus.map((sku) => ({ sku, packSize: 6 })) })
    for (const sku of skus) await aLowLevel(db, { sku })
    const { parts, mails } = realParts(databases)
    await world.play({ ...parts, ...changes }, async () => {
      await body({ databases, mails })
      await endOrders(databases)
      for (const sku of skus) await goodbye(storyOf(world, sku))
    })
    await assertInvariants(databases)
  }

  /** Closes whatever is still ordered, so that its story does not wait through the next test. */
  async function endOrders({ inventory: db }: Databases): Promise<void> {
    for (const { id, status } of await listPurchaseOrders(db, { limit: 100 })) {
      if (hasEnded(status)) continue
      const end = { as: 'closed_short', reason: 'the test is over' } as const
      await orderStory(world, id).executeUpdate(endPurchaseOrder, { args: [end] })
    }
  }

  const events = async ({ inventory }: Databases): Promise<string[]> =>
    (await inventory<{ type: string }>('inventory.outbox').orderBy('position').select('type')).map(
      ({ type }) => type,
    )

  it('is found, approved with another quantity, ordered, received in two pieces and one broken, and sold again', (t) =>
    aShop(t, ['A1'], async ({ databases, mails }) => {
      const db = databases.inventory
      const found = await check(world)
      assert.deepEqual(found, { levels: 1, low: 1, started: 1, waiting: found.waiting })

      const shortage = await shortageOf(db, 'A1')
      assert.deepEqual([shortage.status, shortage.suggestedQuantity], ['waiting', 42])
      const waits =
        /^\*\*Waits for somebody to decide:\*\* order 42 of `A1` for `hamburg`\?[^]*Next: a reminder at \d{4}-\d\d-\d\d \d\d:\d\d UTC\./
      assert.match(await detailsOf(storyOf(world, 'A1')), waits)
      const answer = await approveIt(world, 'A1', { quantity: 48 })
      assert.equal(answer.outcome, 'ordered')
      const order = await orderOf(db, 'A1')
      assert.deepEqual([order.status, order.totalMinor, order.lines[0]?.ordered], ['open', 48 * 450, 48])
      await told(databases, 'A1')
      assert.match(await detailsOf(orderStory(world, order.id)), /Still to come: 48 × `A1` \(hamburg\)/)

      assert.deepEqual(
        await deliver(world, order.id, { units: { A1: 20 } }).then(statusOf),
        'partly_received',
      )
      const lines = [{ sku: asSku('A1'), received: 24, damaged: 4, quarantined: 0 }]
      const last = { receiptId: aReceiptId(), lines }
      assert.deepEqual(
        statusOf(await orderStory(world, order.id).executeUpdate(receive, { args: [last] })),
        'received',
      )

      assert.deepEqual(await storyOf(world, 'A1').result().then(outcomeOf), 'ordered')
      assert.equal(await orderStory(world, order.id).result(), 'received')
      assert.match(
        await detailsOf(storyOf(world, 'A1')),
        /^\*\*Ended: fulfilled\.\*\* It was ordered with PO-\d+ /,
      )
      const end = await detailsOf(orderStory(world, order.id))
      assert.match(end, /^\*\*PO-\d+ is received\.\*\* The supplier knows\.\n\nNothing more is expected\./)
      assert.ok(!end.includes('Request Cancellation'), 'it says what cannot be done any more')
      assert.deepEqual(await levelOf(db, 'A1'), { onHand: 46, reserved: 0 })
      assert.equal((await shortageOf(db, 'A1')).status, 'fulfilled')
      assert.deepEqual(await events(databases), [
        'Low Stock Alert',
        'Replenishment Ordered',
        'Stock Updated',
        'Stock Updated',
      ])
      assert.deepEqual(
        mails.map(({ kind }) => kind),
        ['digest', 'order'],
      )
    }))

  it('is ordered once, though two approve at the same time', (t) =>
    aShop(t, ['B1'], async ({ databases }) => {
      await check(world)
      await shortageOf(databases.inventory, 'B1')

      const answers = await Promise.all([
        approveIt(world, 'B1', { quantity: 42, cause: 'req_1' }),
        approveIt(world, 'B1', { quantity: 54, cause: 'req_2' }),
        approveIt(world, 'B1', { cause: 'req_3' }),
      ])

      assert.deepEqual(answers.map(outcomeOf).sort(), [
        'ordered',
        'replenishment.decided',
        'replenishment.decided',
      ])
      assert.equal(await count(databases, 'purchase_orders'), 1)
    }))

  it('is ordered once, though two checks run at the same time, and another one later', (t) =>
    aShop(t, ['C1', 'C2'], async ({ databases }) => {
      const both = await Promise.all([check(world), check(world)])
      assert.equal(both[0].started + both[1].started, 2)
      await Promise.all([shortageOf(databases.inventory, 'C1'), shortageOf(databases.inventory, 'C2')])
      await Promise.all([approveIt(world, 'C1'), approveIt(world, 'C2')])

      const later = await check(world)

      assert.deepEqual([later.low, later.started], [0, 0])
      assert.equal(await count(databases, 'replenishments'), 2)
      assert.equal(await count(databases, 'purchase_orders'), 2)
    }))

  it('is no shortage again while its deliveries are booked, however often it is looked at in between', (t) =>
    aShop(t, ['J1'], async ({ databases }) => {
      const db = databases.inventory
      await check(world)
      await shortageOf(db, 'J1')
      await approveIt(world, 'J1', { quantity: 42 })
      await told(databases, 'J1')
      const order = await orderOf(db, 'J1')

      const [looks, booked] = await Promise.all([
        Promise.all([1, 2, 3, 4].map(() => check(world))),
        Promise.all([12, 12, 18].map((units) => deliver(world, order.id, { units: { J1: units } }))),
      ])

      assert.deepEqual(
        looks.map(({ low, started }) => [low, started]),
        [1, 2, 3, 4].map(() => [0, 0]),
      )
      assert.deepEqual(booked.map(statusOf).sort(), ['partly_received', 'partly_received', 'received'])
      assert.equal(
        (await orderOf(db, 'J1')).version,
        order.version + 3,
        'each delivery makes it another version',
      )
      assert.equal(await count(databases, 'replenishments'), 1)
      assert.deepEqual(await levelOf(db, 'J1'), { onHand: 44, reserved: 0 })
    }))

  it('is one purchase order for what was approved together', (t) =>
    aShop(t, ['D1', 'D2', 'D3'], async ({ databases, mails }) => {
      const db = databases.inventory
      await check(world)
      const [one, two, three] = await Promise.all(['D1', 'D2', 'D3'].map((sku) => shortageOf(db, sku)))
      assert.ok(one && two && three)

      const answer = await approveIt(world, 'D1', {
        quantity: 48,
        together: [{ replenishmentId: two.id, quantity: 54 }, { replenishmentId: three.id }],
      })

      assert.equal(answer.outcome, 'ordered')
      const order = await orderOf(db, 'D2')
      assert.deepEqual(
        order.lines.map(({ sku, ordered }) => [sku, ordered]),
        [
          ['D1', 48],
          ['D2', 54],
          ['D3', 42],
        ],
      )
      assert.equal(await count(databases, 'purchase_orders'), 1)
      assert.deepEqual(outcomeOf(await approveIt(world, 'D3')), 'replenishment.decided')
      await deliver(world, order.id, { units: { D1: 48, D2: 54, D3: 42 } })
      for (const sku of ['D1', 'D2', 'D3'])
        assert.equal(outcomeOf(await storyOf(world, sku).result()), 'ordered')
      assert.equal(mails.filter(({ kind }) => kind === 'order').length, 1)
    }))

  it('orders nothing of what was approved together when one of them is decided already', (t) =>
    aShop(t, ['E1', 'E2'], async ({ databases }) => {
      const db = databases.inventory
      await check(world)
      const [, two] = await Promise.all(['E1', 'E2'].map((sku) => shortageOf(db, sku)))
      await approveIt(world, 'E2')

      const answer = await approveIt(world, 'E1', { together: [{ replenishmentId: two!.id }] })

      assert.equal(outcomeOf(answer), 'replenishment.decided')
      assert.equal((await shortageOf(db, 'E1')).status, 'waiting')
    }))

  it('asks for whole packs, and waits on after a wrong number', (t) =>
    aShop(t, ['F1'], async ({ databases }) => {
      await check(world)
      await shortageOf(databases.inventory, 'F1')

      assert.equal(outcomeOf(await approveIt(world, 'F1', { quantity: 7 })), 'replenishment.quantity')
      assert.equal(outcomeOf(await approveIt(world, 'F1', { quantity: 12 })), 'ordered')
    }))

  it('is not alerted when a receipt came between the look and the alert', async (t) => {
    let booked = async (): Promise<void> => {}
    await aShop(t, ['G1'], async ({ databases }) => {
      const { openReplenishment } = realParts(databases).parts
      assert.ok(openReplenishment)
      const db = databases.inventory
      booked = async () => {
        await db('inventory.stock_levels').where({ sku: 'G1' }).update({ on_hand: 30 })
        await db('inventory.stock_movements').insert({
          ...{ sku: 'G1', warehouse_id: hamburg, quantity: 28, kind: 'returned', actor: 'x', source: 'x' },
          at: new Date().toISOString(),
        })
      }
      const { checkLevels } = realParts(databases).parts
      await world.play(
        {
          ...realParts(databases).parts,
          checkLevels: async (input: never) => {
            const page = await checkLevels!(input)
            await booked()
            return page
          },
        },
        async () => {
          assert.equal((await check(world)).started, 1)
          assert.equal(outcomeOf(await storyOf(world, 'G1').result()), 'not_low')
        },
      )
      assert.equal(await count(databases, 'replenishments'), 0)
    })
  })

  it('books what comes after the order was cancelled, and asks somebody to look', (t) =>
    aShop(t, ['H1'], async ({ databases, mails }) => {
      const db = databases.inventory
      await check(world)
      await shortageOf(db, 'H1')
      await approveIt(world, 'H1', { quantity: 42 })
      const order = await orderOf(db, 'H1')
      const end = {
        as: 'cancelled',
        reason: 'found some in the cellar',
        actor: 'key:1',
        cause: 'req_9',
      } as const
      await told(databases, 'H1')
      const ended = await orderStory(world, order.id).executeUpdate(endPurchaseOrder, { args: [end] })
      assert.deepEqual(ended, { outcome: 'ended', status: 'cancelled' })
      assert.equal(await orderStory(world, order.id).result(), 'cancelled')
      assert.equal(outcomeOf(await storyOf(world, 'H1').result()), 'ordered')
      assert.equal((await shortageOf(db, 'H1')).status, 'cancelled')

      const late = await startedAnew(order.id)
      const lines = [{ sku: asSku('H1'), received: 42, damaged: 0, quarantined: 0 }]
      const answer = await late.executeUpdate(receive, { args: [{ receiptId: aReceiptId(), lines }] })

      assert.deepEqual(statusOf(answer), 'cancelled')
      assert.deepEqual(await levelOf(db, 'H1'), { onHand: 44, reserved: 0 })
      const after = await orderOf(db, 'H1')
      assert.equal(after.attentionReason, '42 units came after the order was cancelled')
      assert.deepEqual(
        mails.map(({ kind }) => kind),
        ['digest', 'order', 'cancelled'],
      )
    }))

  /** Waits until the supplier of a SKU's order was told. */
  async function told(databases: Databases, sku: string): Promise<void> {
    while ((await orderOf(databases.inventory, sku)).sentAt === null) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** A story of an order whose first one has ended: it lives for as long as its first step. */
  async function startedAnew(id: Parameters<typeof orderStory>[1]): Promise<WorkflowHandle> {
    const { workflowId } = orderStory(world, id)
    return plainClient(world).start('purchaseOrder', {
      workflowId,
      taskQueue: 'inventory',
      args: [{ purchaseOrderId: id, overdueEveryMs: 3 * dayMs }],
    })
  }
})

/** Ends a story as an operator would. (One that is terminated keeps the time-skipping server from skipping time.) */
async function goodbye(story: WorkflowHandle): Promise<void> {
  await story.cancel().catch(() => {})
  await story.result().catch(() => {})
}

/** What the Web UI shows an operator of a story. */
async function detailsOf(story: WorkflowHandle): Promise<string> {
  const { currentDetails } = await story.query<{ currentDetails: string }>('__temporal_workflow_metadata')
  return currentDetails
}

const outcomeOf = (answer: unknown): string => {
  const { outcome, refusal } = answer as { outcome: string; refusal?: { code: string } }
  return refusal?.code ?? outcome
}
const statusOf = (answer: unknown): string => (answer as { status?: string }).status ?? outcomeOf(answer)

async function count(databases: Databases, table: string): Promise<number> {
  const found = await databases.inventory(`inventory.${table}`).select<object[]>()
  return found.length
}
