import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { CheckLevels } from '../../activities/replenishment.ts'
import { sku } from '../../domain/ids.ts'
import { queues } from '../../workflows/contract.ts'
import { openFlowWorld } from '../support/flow-world.ts'
import type { FlowWorld } from '../support/flow-world.ts'
import { asked, mails, place } from '../support/stock-fakes.ts'

describe('the daily check', () => {
  let world: FlowWorld
  before(async () => {
    world = await openFlowWorld()
  })
  after(() => world.close())

  it('goes on at the page where it stopped, counts nothing twice, and writes one mail', async () => {
    const pages = ['A', 'B', 'C'].map((name) => ({ sku: sku(name), warehouseId: place }))
    const looks: (string | null)[] = []
    let digests = 0
    const checkLevels = async ({ after: last }: CheckLevels) => {
      looks.push(last?.sku ?? null)
      // The worker dies while it reads the second page, twice.
      if (looks.length === 2 || looks.length === 3) throw new Error('the line went dead')
      const [level] = pages.slice(last === null ? 0 : pages.findIndex((each) => each.sku === last.sku) + 1)
      if (!level) return { levels: 0, low: 0, next: null, start: [], urgent: [] }
      const urgent = [{ ...level, quantity: 6, urgency: 0, because: ['It is all gone.'] }]
      return { levels: 5_000, low: 1, next: level, start: [level], urgent }
    }
    const sendStockDigest = async () => {
      digests += 1
    }
    const opened: string[] = []
    const openReplenishment = async (level: { sku: string }) => {
      opened.push(level.sku)
      return null
    }

    const fakes = {
      ...mails,
      checkLevels,
      openReplenishment,
      sendStockDigest,
      finishCheck: async () => ({ waiting: 3 }),
    }
    await world.play(fakes, async () => {
      const found = (await world.env.client.workflow.execute('checkInventory', {
        ...{ workflowId: 'check-inventory-resumed', taskQueue: queues.inventory, args: [asked] },
      })) as unknown
      assert.deepEqual(found, { levels: 15_000, low: 3, started: 3, waiting: 3 })
      while (opened.length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
    })

    assert.deepEqual(looks, [null, 'A', 'A', 'A', 'B', 'C'])
    assert.deepEqual([opened.sort(), digests], [['A', 'B', 'C'], 1])
  })
})
