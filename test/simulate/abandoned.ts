/**
 * A workflow interceptor for Temporal's time-skipping server (1.40.0): when a child ends whose parent ended before it, that server takes a
 * lock on its clock for the parent to release, and the clock stands still for good. So a child that its parent does not wait for is
 * started by the client, from a step, under the same id and with the same arguments. All that is missing is the link to its parent.
 */
import { ParentClosePolicy, proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { WorkflowInterceptors } from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'

export interface Abandoned {
  readonly workflowType: string
  readonly workflowId: string
  readonly taskQueue: string
  readonly args: unknown[]
}

/** What the interceptor asks for. Null: one of this name runs. */
export interface Starting {
  startAbandoned(asked: Abandoned): Promise<string | null>
}

const { startAbandoned } = proxyActivities<Starting>({ startToCloseTimeout: '30s' })

export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      async startChildWorkflowExecution(input, next) {
        const { workflowType, options } = input
        const { workflowId, taskQueue = workflowInfo().taskQueue, args, parentClosePolicy } = options
        if (parentClosePolicy !== ParentClosePolicy.ABANDON) return next(input)
        const started = startAbandoned({ workflowType, workflowId, taskQueue, args }).then((runId) => {
          if (runId !== null) return runId
          throw new WorkflowExecutionAlreadyStartedError('It runs already.', workflowId, workflowType)
        })
        return [started, new Promise(() => {})]
      },
    },
  ],
})
