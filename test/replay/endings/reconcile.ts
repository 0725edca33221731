import { faulty } from '../../support/flow-world.ts'
import type { Fakes } from '../../support/flow-world.ts'
import { goodBooks, reconcileIn } from '../../support/reconciling.ts'
import type { Ending, Endings } from '../ending.ts'

const compared =
  (fakes: Fakes): Ending =>
  async (world) =>
    (await reconcileIn(world, fakes)).workflowId

const off = { invariant: 'I11', subject: 'pi_1', detail: '5 here, 6 there' }

export const endings: Endings = {
  'nothing-is-off': compared({}),
  'found-twice': compared({ judgeProvider: async () => ({ violations: [off], payments: 7 }) }),
  'several-pages-after-accidents': compared({
    judgeOrders: pages(3),
    judgeProvider: faulty(1, goodBooks().judgeProvider),
  }),
}

/** So many pages of one order each. */
function pages(count: number): () => Promise<unknown> {
  let page = 0
  return async () => {
    page += 1
    return { violations: [], orders: [{ orderId: `ord_${page}` }], last: page < count ? `ord_${page}` : null }
  }
}
