import { WithStartWorkflowOperation } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import type { CancellationId, RefundId } from '../../domain/ids.ts'
import { cancel, cancelOrderId, refund, refundOrderId } from '../../workflows/cancel-contract.ts'
import type {
  CancelRequest,
  CancelStanding,
  RefundRequest,
  RefundStanding,
} from '../../workflows/cancel-contract.ts'
import { searchAttributes } from '../../workflows/contract.ts'
import type { OrderQueue } from '../../workflows/contract.ts'
import { within } from './asking.ts'
import type { Late } from './asking.ts'

export type CancelAnswer = CancelStanding | Late

/** What the API may ask about taking orders back. */
export interface CancelFlows {
  /** Update-with-start of `cancel-order:<cancellationId>`: a repeat gets the same answer, as soon as it is decided. */
  cancelOrder(input: {
    cancellationId: CancellationId
    request: CancelRequest
    budgetMs: number
  }): Promise<CancelAnswer>
  /** Update-with-start of `refund-order:<refundId>`: answered as soon as it stands in our books. */
  refundOrder(input: {
    refundId: RefundId
    request: RefundRequest
    budgetMs: number
  }): Promise<RefundStanding | Late>
}

export function cancelFlows(client: Client, taskQueue: OrderQueue): CancelFlows {
  const { workflow } = client
  return {
    cancelOrder: ({ cancellationId, request, budgetMs }) =>
      within(client, { workflowId: cancelOrderId(cancellationId), budgetMs }, () => {
        const startWorkflowOperation = new WithStartWorkflowOperation('cancelOrder', {
          workflowId: cancelOrderId(cancellationId),
          taskQueue,
          args: [{ cancellationId }, { updateId: cancellationId, content: request }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: `${request.wanted === null ? '' : 'a part of '}order ${request.orderId}`,
          typedSearchAttributes: new TypedSearchAttributes([
            { key: searchAttributes.sagaStep, value: 'cancelling' },
          ]),
        })
        return workflow.executeUpdateWithStart(cancel, {
          startWorkflowOperation,
          args: [request],
          updateId: cancellationId,
        })
      }),
    refundOrder: ({ refundId, request, budgetMs }) =>
      within(client, { workflowId: refundOrderId(refundId), budgetMs }, () => {
        const startWorkflowOperation = new WithStartWorkflowOperation('refundOrder', {
          workflowId: refundOrderId(refundId),
          taskQueue,
          args: [{ refundId }, { updateId: refundId, content: request }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: `order ${request.orderId}`,
          typedSearchAttributes: new TypedSearchAttributes([
            { key: searchAttributes.sagaStep, value: 'refunding' },
          ]),
        })
        return workflow.executeUpdateWithStart(refund, {
          startWorkflowOperation,
          args: [request],
          updateId: refundId,
        })
      }),
  }
}
