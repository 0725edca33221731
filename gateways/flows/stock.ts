import { ScheduleNotFoundError, WithStartWorkflowOperation } from '@temporalio/client'
import type { Client, ScheduleDescription } from '@temporalio/client'
import type { PurchaseOrderId, ReplenishmentId, Sku, WarehouseId } from '../../domain/ids.ts'
import { queues } from '../../workflows/contract.ts'
import {
  approve,
  endPurchaseOrder,
  purchaseOrderWorkflowId,
  receive,
  reject,
  replenishStockId,
  stockCheckSchedule,
} from '../../workflows/stock-contract.ts'
import type {
  Approve,
  CheckInventory,
  Decided,
  EndPurchaseOrder,
  PurchaseAnswer,
  Receive,
  Reject,
} from '../../workflows/stock-contract.ts'
import { translated, within } from './asking.ts'
import type { Late } from './asking.ts'

/** A shortage, as far as one must know it to find its story. */
export interface ShortageName {
  readonly id: ReplenishmentId
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly checkId: string
}

interface Asked {
  readonly updateId: string
  readonly budgetMs: number
}

/** What the API may ask of the stories of stock. Each update may be repeated under its id, and is answered once. */
export interface StockFlows {
  /** To be asked only of a shortage that waits: its story is begun anew if it was lost. */
  approve(input: Asked & { shortage: ShortageName; content: Approve }): Promise<Decided | Late>
  reject(input: Asked & { shortage: ShortageName; content: Reject }): Promise<Decided | Late>
  /** A delivery that comes after the order's story has ended begins it anew. */
  receive(
    input: Asked & { purchaseOrderId: PurchaseOrderId; content: Receive },
  ): Promise<PurchaseAnswer | Late>
  endPurchaseOrder(
    input: Asked & { purchaseOrderId: PurchaseOrderId; content: EndPurchaseOrder },
  ): Promise<PurchaseAnswer | Late>
  /** Null: no worker of the inventory has ever run here. */
  readCheckSchedule(): Promise<CheckSchedule | null>
  /** Each answers false when there is no schedule. */
  triggerCheck(): Promise<boolean>
  pauseCheck(note: string): Promise<boolean>
  resumeCheck(note: string): Promise<boolean>
}

export interface CheckSchedule {
  readonly paused: boolean
  readonly note: string | null
  readonly timeZone: string | null
  /** Times of the next runs. */
  readonly next: readonly string[]
  /** Oldest first. */
  readonly recent: readonly {
    readonly scheduledAt: string
    readonly takenAt: string
    readonly runId: string
  }[]
  readonly running: readonly string[]
}

export function stockFlows(client: Client, asked: CheckInventory): StockFlows {
  const { workflow, schedule } = client
  const shortageStory = ({ sku, warehouseId, checkId }: ShortageName) =>
    new WithStartWorkflowOperation('replenishStock', {
      workflowId: replenishStockId({ sku, warehouseId }),
      taskQueue: queues.inventory,
      args: [{ ...asked, sku, warehouseId, checkId }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    })
  const orderStory = (purchaseOrderId: PurchaseOrderId) =>
    new WithStartWorkflowOperation('purchaseOrder', {
      workflowId: purchaseOrderWorkflowId(purchaseOrderId),
      taskQueue: queues.inventory,
      args: [{ purchaseOrderId, overdueEveryMs: asked.overdueEveryMs }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    })
  const handle = schedule.getHandle(stockCheckSchedule)

  return {
    approve: ({ shortage, content, updateId, budgetMs }) =>
      within(client, { workflowId: replenishStockId(shortage), budgetMs }, () =>
        workflow.executeUpdateWithStart(approve, {
          startWorkflowOperation: shortageStory(shortage),
          args: [content],
          updateId,
        }),
      ),
    reject: ({ shortage, content, updateId, budgetMs }) =>
      within(client, { workflowId: replenishStockId(shortage), budgetMs }, () =>
        workflow.executeUpdateWithStart(reject, {
          startWorkflowOperation: shortageStory(shortage),
          args: [content],
          updateId,
        }),
      ),
    receive: ({ purchaseOrderId, content, updateId, budgetMs }) =>
      within(client, { workflowId: purchaseOrderWorkflowId(purchaseOrderId), budgetMs }, () =>
        // A story that ends at this moment answers `closed`; the next one takes the letter.
        unlessClosed(updateId, (id) =>
          workflow.executeUpdateWithStart(receive, {
            startWorkflowOperation: orderStory(purchaseOrderId),
            args: [content],
            updateId: id,
          }),
        ),
      ),
    endPurchaseOrder: ({ purchaseOrderId, content, updateId, budgetMs }) =>
      within(client, { workflowId: purchaseOrderWorkflowId(purchaseOrderId), budgetMs }, () =>
        unlessClosed(updateId, (id) =>
          workflow.executeUpdateWithStart(endPurchaseOrder, {
            startWorkflowOperation: orderStory(purchaseOrderId),
            args: [content],
            updateId: id,
          }),
        ),
      ),
    readCheckSchedule: async () => {
      const found = await unlessMissing(() => handle.describe())
      return found && checkSchedule(found)
    },
    triggerCheck: async () => (await unlessMissing(() => handle.trigger().then(() => true))) ?? false,
    pauseCheck: async (note) => (await unlessMissing(() => handle.pause(note).then(() => true))) ?? false,
    resumeCheck: async (note) => (await unlessMissing(() => handle.unpause(note).then(() => true))) ?? false,
  }
}

async function unlessClosed(
  updateId: string,
  ask: (updateId: string) => Promise<PurchaseAnswer>,
): Promise<PurchaseAnswer> {
  const answer = await ask(updateId)
  return answer.outcome === 'closed' ? ask(`${updateId}-again`) : answer
}

async function unlessMissing<Found>(ask: () => Promise<Found>): Promise<Found | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null
    throw translated(error)
  }
}

function checkSchedule({ state, spec, info }: ScheduleDescription): CheckSchedule {
  return {
    paused: state.paused,
    note: state.note === undefined || state.note === '' ? null : state.note,
    timeZone: spec.timezone ?? null,
    next: info.nextActionTimes.map((time) => time.toISOString()),
    recent: info.recentActions.map(({ scheduledAt, takenAt, action }) => ({
      scheduledAt: scheduledAt.toISOString(),
      takenAt: takenAt.toISOString(),
      runId: action.workflow.firstExecutionRunId,
    })),
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
  }
}
