import type { WorkflowHandle } from '@temporalio/client'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReceiptId } from '../../../domain/ids.ts'
import { queues } from '../../../workflows/contract.ts'
import { endPurchaseOrder, receive } from '../../../workflows/stock-contract.ts'
import type { EndPurchaseOrder, Receive } from '../../../workflows/stock-contract.ts'
import type { Fakes } from '../../support/flow-world.ts'
import type { Ending, Endings } from '../ending.ts'
import { anOrder, asked, mug, orderId } from '../../support/stock-fakes.ts'

interface Story {
  readonly expectedOn?: string
  readonly fakes?: Fakes
  readonly then: (handle: WorkflowHandle) => Promise<unknown>
}

/** The story of one order to a supplier, up to its end. */
const story =
  (name: string, { expectedOn = '2036-01-01', fakes = {}, then }: Story): Ending =>
  async ({ env, play }) => {
    const workflowId = `purchase-order-${name}`
    await play({ ...anOrder(expectedOn), ...fakes }, async () => {
      const handle = await env.client.workflow.start('purchaseOrder', {
        ...{ workflowId, taskQueue: queues.inventory },
        args: [{ purchaseOrderId: orderId, overdueEveryMs: asked.overdueEveryMs }],
      })
      await then(handle)
      await handle.result()
    })
    return workflowId
  }

let receipts = 0

const comes = (handle: WorkflowHandle, received: number, damaged = 0): Promise<unknown> => {
  receipts += 1
  const lines = [{ ...mug, received, damaged, quarantined: 0 }]
  const content: Receive = {
    receiptId: `rcp_${receipts}` as ReceiptId,
    lines,
    actor: 'key:1',
    cause: 'req_1',
  }
  return handle.executeUpdate(receive, { args: [content] })
}
const ends = (handle: WorkflowHandle, as: EndPurchaseOrder['as']): Promise<unknown> =>
  handle.executeUpdate(endPurchaseOrder, { args: [{ as, reason: 'no more of it' }] })

export const endings: Endings = {
  complete: story('complete', { then: (handle) => comes(handle, 42) }),
  'complete-in-three-deliveries': story('in-pieces', {
    then: async (handle) => {
      await comes(handle, 20)
      await comes(handle, 12)
      await comes(handle, 8, 2)
    },
  }),
  'closed-short': story('short', {
    then: async (handle) => {
      await comes(handle, 20)
      await ends(handle, 'closed_short')
    },
  }),
  cancelled: story('cancelled', { then: (handle) => ends(handle, 'cancelled') }),
  'cancelled-by-an-operator': story('by-hand', {
    then: async (handle) => {
      await sleep(200)
      await handle.cancel()
    },
  }),
  'overdue-then-complete': story('overdue', {
    expectedOn: '2026-01-01',
    then: async (handle) => {
      await sleep(300)
      await comes(handle, 42)
    },
  }),
  'the-supplier-refuses-mail': story('no-mail', {
    fakes: { sendPurchaseOrder: async () => ({ refusedWith: '550' }) },
    then: (handle) => comes(handle, 42),
  }),
}
