import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'

/** Temporal cannot be reached (or is overloaded): nothing was started that could not be repeated. */
export class FlowsUnavailable extends Error {
  override readonly name = 'FlowsUnavailable'
}

/** `undecided`: the budget ran out and the work goes on. `closed`: the workflow has ended; Postgres knows how. */
export type Late = { readonly outcome: 'undecided' } | { readonly outcome: 'closed' }

/** Runs an update, but answers `undecided` once whoever asked has waited long enough. */
export async function within<Answer>(budgetMs: number, ask: () => Promise<Answer>): Promise<Answer | Late> {
  let timer: NodeJS.Timeout | undefined
  const outOfTime = new Promise<Late>((resolve) => {
    timer = setTimeout(() => resolve({ outcome: 'undecided' }), budgetMs)
  })
  const asked = ask().catch((error: unknown): Late => {
    if (error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError) {
      return { outcome: 'closed' }
    }
    if (isUnanswered(error)) return { outcome: 'closed' }
    throw translated(error)
  })
  // After the budget nobody listens to a late failure; what became of it is read from Postgres instead.
  asked.catch(() => {})
  try {
    return await Promise.race([asked, outOfTime])
  } finally {
    clearTimeout(timer)
  }
}

/** A workflow ended at the moment in which a question to it was accepted: the server remembers this as its answer, for good. */
function isUnanswered(error: unknown): boolean {
  const { cause } = error instanceof WorkflowUpdateFailedError ? error : {}
  return cause instanceof ApplicationFailure && cause.type === 'AcceptedUpdateCompletedWorkflow'
}

// gRPC status codes (https://grpc.github.io/grpc/core/md_doc_statuscodes.html) that say "not now".
const notNow = new Set([1, 4, 8, 14])

/** What whoever asked is to hear of an error of the client: that Temporal is away, or what a workflow said. */
export function translated(error: unknown): unknown {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && notNow.has(cause.code)) {
      return new FlowsUnavailable('The workflow service cannot be reached.', { cause: error })
    }
    if (cause instanceof ApplicationFailure) return cause
  }
  return error
}
