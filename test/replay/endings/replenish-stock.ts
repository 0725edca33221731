import type { WorkflowHandle } from '@temporalio/client'
import { setTimeout as sleep } from 'node:timers/promises'
import { queues } from '../../../workflows/contract.ts'
import {
  approve,
  approveSignal,
  orderedTogether,
  purchaseOrderWorkflowId,
  reject,
  shortageEnded,
} from '../../../workflows/stock-contract.ts'
import type { CheckInventory } from '../../../workflows/stock-contract.ts'
import { endPurchaseOrder, receive } from '../../../workflows/stock-contract.ts'
import type { ReceiptId } from '../../../domain/ids.ts'
import { refuse } from '../../support/flow-world.ts'
import type { Fakes, FlowWorld } from '../../support/flow-world.ts'
import type { Ending, Endings } from '../ending.ts'
import { anOrder, aShortage, asked, mug, orderId, replenishmentId } from '../../support/stock-fakes.ts'

interface Story {
  readonly patience?: CheckInventory['patience']
  readonly fakes?: Fakes
  readonly then?: (handle: WorkflowHandle, world: FlowWorld) => Promise<unknown>
}

/** The story of one shortage, up to its end. */
const story =
  (name: string, { patience = asked.patience, fakes = {}, then }: Story): Ending =>
  async (world) => {
    const workflowId = `replenish-stock-${name}`
    const parts: Fakes = {
      ...anOrder('2036-01-01'),
      openReplenishment: async (opening: { now: string; expiresAt: string }) => aShortage(opening),
      rejectReplenishment: async () => {},
      expireReplenishment: async () => ({ status: 'expired', purchaseOrderId: null }),
      noteReminder: async () => true,
      ...fakes,
    }
    await world.play(parts, async () => {
      const handle = await world.env.client.workflow.start('replenishStock', {
        ...{ workflowId, taskQueue: queues.inventory },
        args: [{ ...asked, patience, ...mug, checkId: 'check' }],
      })
      await then?.(handle, world)
      await handle.result()
    })
    return workflowId
  }

const ended = { ...mug, replenishmentId } as const

/** All of it comes; the order signals the shortage by its own name, so this one is told by hand. */
const delivered = async (handle: WorkflowHandle, { env }: FlowWorld): Promise<void> => {
  const order = env.client.workflow.getHandle(purchaseOrderWorkflowId(orderId))
  const lines = [{ ...mug, received: 42, damaged: 0, quarantined: 0 }]
  await order.executeUpdate(receive, { args: [{ receiptId: 'rcp_1' as ReceiptId, lines }] })
  await order.result()
  await handle.signal(shortageEnded, { ...ended, status: 'fulfilled' })
}

export const endings: Endings = {
  'approved-and-there-again': story('approved', {
    then: async (handle, world) => {
      await handle.executeUpdate(approve, { args: [{ quantity: 42, actor: 'key:1', cause: 'req_1' }] })
      await delivered(handle, world)
    },
  }),
  'approved-by-an-operator-and-closed-short': story('by-hand', {
    then: async (handle, { env }) => {
      await handle.signal(approveSignal, {})
      const order = env.client.workflow.getHandle(purchaseOrderWorkflowId(orderId))
      for (let tries = 0; tries < 50; tries += 1) {
        const there = await order.describe().catch(() => null)
        if (there?.status.name === 'RUNNING') break
        await sleep(100)
      }
      const end = { as: 'closed_short', reason: 'the supplier has no more' } as const
      await order.executeUpdate(endPurchaseOrder, { args: [end] })
      await handle.signal(shortageEnded, { ...ended, status: 'closed_short' })
    },
  }),
  'refused-then-rejected': story('rejected', {
    fakes: { createPurchaseOrder: refuse('replenishment.quantity') },
    then: async (handle) => {
      await handle.executeUpdate(approve, { args: [{ quantity: 7 }] })
      await handle.executeUpdate(reject, { args: [{ reason: 'out of season' }] })
    },
  }),
  'reminded-escalated-expired': story('expired', {
    patience: { remindMs: 300, escalateMs: 700, expireMs: 1_500 },
  }),
  'ordered-with-another': story('together', {
    then: async (handle) => {
      await handle.signal(orderedTogether, { replenishmentId, purchaseOrderId: orderId })
      await handle.signal(shortageEnded, { ...ended, status: 'fulfilled' })
    },
  }),
  'cancelled-by-an-operator': story('cancelled', {
    then: async (handle) => {
      await sleep(200)
      await handle.cancel()
    },
  }),
  'not-low-any-more': story('enough', { fakes: { openReplenishment: async () => null } }),
}
