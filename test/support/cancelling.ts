import type { WorkflowHandle } from '@temporalio/client'
import { typeid } from 'typeid-js'
import type { CancellationId, OrderId, RefundId } from '../../domain/ids.ts'
import { cancel, cancelOrderId, refund, refundOrderId } from '../../workflows/cancel-contract.ts'
import type {
  CancelRequest,
  CancelStanding,
  RefundRequest,
  RefundStanding,
} from '../../workflows/cancel-contract.ts'
import type { OrderQueue } from '../../workflows/contract.ts'
import type { Fakes, FlowWorld } from './flow-world.ts'
import { toldIn } from './telling.ts'
import type { Told } from './telling.ts'

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

/** Cancels an order; tells what was called, what was answered, and how it ended. */
export async function cancelIn(
  world: FlowWorld,
  {
    fakes,
    request = aCancelRequest(),
    ...how
  }: {
    fakes: Fakes
    request?: CancelRequest
    then?: (handle: WorkflowHandle) => Promise<unknown>
    taskQueue?: OrderQueue | undefined
  },
): Promise<Told<CancelStanding>> {
  const cancellationId = typeid('can').toString() as CancellationId
  return toldIn(world, {
    ...{ workflow: 'cancelOrder', workflowId: cancelOrderId(cancellationId), args: [{ cancellationId }] },
    ...{ update: cancel, content: request, fakes: { ...goodCancelParts(), ...fakes }, ...how },
  })
}

export const aRefundRequest = (changes: Partial<RefundRequest> = {}): RefundRequest => ({
  orderId: typeid('ord').toString() as OrderId,
  what: { amount: { amount: 500, currency: 'EUR' } },
  ...{ version: null, reason: 'a scratch', askedBy: 'key_1', cause: 'req_1' },
  ...changes,
})

/** Activities of a refund that all go well. */
export function goodRefundParts() {
  const note = { cancelled: 'nothing', lines: [], reason: 'a scratch' }
  return {
    openRefund: async (): Promise<unknown> => ({ amountMinor: 500, note }),
    refundPayment: async () => ({ amountMinor: 500, currency: 'EUR' }),
    sendRefund: async () => {},
    flagOrder: async () => {},
  } satisfies Fakes
}

/** Gives money back; tells the same of it. */
export async function refundIn(
  world: FlowWorld,
  {
    fakes,
    request = aRefundRequest(),
    taskQueue,
  }: { fakes: Fakes; request?: RefundRequest; taskQueue?: OrderQueue | undefined },
): Promise<Told<RefundStanding>> {
  const refundId = typeid('rfd').toString() as RefundId
  return toldIn(world, {
    ...{ workflow: 'refundOrder', workflowId: refundOrderId(refundId), args: [{ refundId }] },
    ...{ update: refund, content: request, fakes: { ...goodRefundParts(), ...fakes }, taskQueue },
  })
}
