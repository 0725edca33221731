import { WithStartWorkflowOperation } from '@temporalio/client'
import type { WorkflowHandle } from '@temporalio/client'
import { typeid } from 'typeid-js'
import type { CancellationId, OrderId } from '../../domain/ids.ts'
import { cancel, cancelOrderId } from '../../workflows/cancel-contract.ts'
import type { CancelRequest, CancelStanding } from '../../workflows/cancel-contract.ts'
import { queues } from '../../workflows/contract.ts'
import type { Fakes, FlowWorld } from './flow-world.ts'

export const aCancelRequest = (changes: Partial<CancelRequest> = {}): CancelRequest => ({
  orderId: typeid('ord').toString() as OrderId,
  ...{
    wanted: null,
    version: null,
    reason: 'ordered twice',
    actor: 'customer',
    askedBy: null,
    cause: 'req_1',
  },
  ...changes,
})

const line = { lineId: 'line_1', quantity: 2 }
export const begun = {
  outcome: 'begun',
  whole: true,
  lines: [{ ...line, grams: 300 }],
  amountMinor: 2390,
  currency: 'EUR',
  parcels: 1,
}
export const recalled = {
  outcome: 'recalled',
  closed: 1,
  replacements: [] as string[],
  voided: [],
  units: [{ ...line, sku: 'MUG', warehouseId: 'berlin' }],
}
export const left = { ...recalled, outcome: 'left', closed: 0, left: [], units: undefined }

/** Activities that all go well. */
export function goodCancelParts() {
  const nothing = async (): Promise<void> => {}
  const note = { cancelled: 'all', lines: [{ name: 'Mug', quantity: 2 }], reason: 'ordered twice' }
  return {
    beginCancellation: async (): Promise<unknown> => begun,
    recallParcels: async (): Promise<unknown> => recalled,
    announceCancellation: nothing,
    refundPayment: async () => ({ amountMinor: 2390, currency: 'EUR' }),
    releaseCancelled: nothing,
    finishCancellation: async () => ({ note }),
    sendRefund: nothing,
    labelParcel: async () => ({ trackingCode: 'EZ2' }),
    loseCancellation: nothing,
    sendTooLate: nothing,
    flagOrder: nothing,
  } satisfies Fakes
}

export interface Cancelled {
  readonly calls: string[]
  readonly answer: CancelStanding
  readonly verdict: CancelStanding
}

/** Cancels an order; tells what was called, what was answered, and how it ended. */
export async function cancelIn(
  world: FlowWorld,
  {
    fakes,
    request = aCancelRequest(),
    then = async () => {},
  }: {
    fakes: Fakes
    request?: CancelRequest
    then?: (handle: WorkflowHandle) => Promise<unknown>
  },
): Promise<Cancelled> {
  const cancellationId = typeid('can').toString() as CancellationId
  const workflowId = cancelOrderId(cancellationId)
  const { workflow } = world.env.client
  const handle = workflow.getHandle(workflowId)
  let answer: CancelStanding | undefined
  let verdict: CancelStanding | undefined
  const calls = await world.play({ ...goodCancelParts(), ...fakes }, async () => {
    const startWorkflowOperation = new WithStartWorkflowOperation('cancelOrder', {
      workflowId,
      taskQueue: queues.order,
      args: [{ cancellationId }],
      workflowIdConflictPolicy: 'USE_EXISTING',
    })
    const asked = workflow.executeUpdateWithStart(cancel, { startWorkflowOperation, args: [request] })
    // Time stands still while an update is awaited, and an unpaid order is asked after by the clock.
    ;[answer] = await Promise.all([asked, world.env.sleep(1_000)])
    await then(handle)
    verdict = (await handle.result()) as CancelStanding
  })
  return { calls, answer: answer!, verdict: verdict! }
}
