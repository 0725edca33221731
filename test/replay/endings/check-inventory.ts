import { sku } from '../../../domain/ids.ts'
import { queues } from '../../../workflows/contract.ts'
import type { Ending, Endings } from '../ending.ts'
import { asked, mails, place } from '../../support/stock-fakes.ts'

/** Pages of the check, each with so many low levels; the shortages are over as soon as they are looked at. */
const checking =
  (name: string, pages: readonly number[]): Ending =>
  async ({ env, play }) => {
    const workflowId = `check-inventory-${name}`
    let page = 0
    const levelsOf = (low: number) =>
      Array.from({ length: low }, (_, index) => ({
        sku: sku(`${name}-${page}-${index}`),
        warehouseId: place,
      }))
    const checkLevels = async () => {
      const start = levelsOf(pages[page] ?? 0)
      page += 1
      const urgent = start.map((level) => ({
        ...level,
        quantity: 6,
        urgency: 0,
        because: ['It is all gone.'],
      }))
      const last = start.at(-1) ?? { sku: sku('A'), warehouseId: place }
      return { levels: 100, low: start.length, next: page < pages.length ? last : null, start, urgent }
    }
    const fakes = {
      ...{ ...mails, checkLevels, openReplenishment: async () => null },
      finishCheck: async () => ({ waiting: 0 }),
    }
    await play(fakes, async () => {
      await env.client.workflow.execute('checkInventory', {
        ...{ workflowId, taskQueue: queues.inventory, args: [asked] },
      })
    })
    return workflowId
  }

export const endings: Endings = {
  'nothing-low': checking('enough', [0]),
  'some-low-on-several-pages': checking('low', [2, 0, 3]),
}
