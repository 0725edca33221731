import { WithStartWorkflowOperation } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import type { ReshipId } from '../../domain/ids.ts'
import { searchAttributes } from '../../workflows/contract.ts'
import type { OrderQueue } from '../../workflows/contract.ts'
import { reship, reshipOrderId } from '../../workflows/reship-contract.ts'
import type { ReshipRequest, ReshipStanding } from '../../workflows/reship-contract.ts'
import { within } from './asking.ts'
import type { Late } from './asking.ts'

/** What the API may ask about sending parcels again. */
export interface ReshipFlows {
  /** Update-with-start of `reship-order:<reshipId>`: a repeat gets the same answer, as soon as it is decided. */
  reshipOrder(input: {
    reshipId: ReshipId
    request: ReshipRequest
    budgetMs: number
  }): Promise<ReshipStanding | Late>
}

export function reshipFlows(client: Client, taskQueue: OrderQueue): ReshipFlows {
  const { workflow } = client
  return {
    reshipOrder: ({ reshipId, request, budgetMs }) =>
      within(client, { workflowId: reshipOrderId(reshipId), budgetMs }, () => {
        const startWorkflowOperation = new WithStartWorkflowOperation('reshipOrder', {
          workflowId: reshipOrderId(reshipId),
          taskQueue,
          args: [{ reshipId }, { updateId: reshipId, content: request }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: `${request.shipmentId} of order ${request.orderId}`,
          typedSearchAttributes: new TypedSearchAttributes([
            { key: searchAttributes.sagaStep, value: 'reshipping' },
          ]),
        })
        return workflow.executeUpdateWithStart(reship, {
          startWorkflowOperation,
          args: [request],
          updateId: reshipId,
        })
      }),
  }
}
