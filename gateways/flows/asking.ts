import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client'
import type { Client } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'

/** Temporal cannot be reached (or is overloaded): nothing was started that could not be repeated. */
export class FlowsUnavailable extends Error {
  override readonly name = 'FlowsUnavailable'
}

/** `undecided`: the budget ran out and the work goes on. `closed`: the workflow has ended; Postgres knows how. */
export type Late = { readonly outcome: 'undecided' } | { readonly outcome: 'closed' }

/** A workflow that is asked, or started with the question. */
export interface Waiting {
  readonly workflowId: string
  /** How long whoever asked waits for an answer. */
  readonly budgetMs: number
}

/** How long the server may take to say whether it has a workflow. */
const lookMs = 2_000

/**
 * Runs an update, but answers `undecided` once whoever asked has waited long enough. That is a promise that the work goes on, so it is
 * only given of a workflow that is there; else it throws `FlowsUnavailable`, and a repeat attaches to whatever still comes of it.
 */
export async function within<Answer>(
  client: Pick<Client, 'workflow' | 'withDeadline'>,
  { workflowId, budgetMs }: Waiting,
  ask: () => Promise<Answer>,
): Promise<Answer | Late> {
  let timer: NodeJS.Timeout | undefined
  const outOfTime = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, budgetMs)
  }).then(async (): Promise<Late> => {
    const look = client.withDeadline(Date.now() + lookMs, () =>
      client.workflow.getHandle(workflowId).describe(),
    )
    await look.catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError)
        throw new FlowsUnavailable('It has not begun.', { cause: error })
      throw translated(error)
    })
    return { outcome: 'undecided' }
  })
  const asked = ask().catch((error: unknown): Late => {
    if (error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError) {
      return { outcome: 'closed' }
    }
    if (isUnanswered(error)) return { outcome: 'closed' }
    throw translated(error)
  })
  // Nobody listens to the slower of the two; what became of the work is read from Postgres instead.
  for (const either of [asked, outOfTime]) either.catch(() => {})
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
