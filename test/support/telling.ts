import { WithStartWorkflowOperation, WorkflowFailedError } from '@temporalio/client'
import type { WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { UpdateDefinition } from '@temporalio/common'
import { queues } from '../../workflows/contract.ts'
import type { OrderQueue } from '../../workflows/contract.ts'
import type { Fakes, FlowWorld } from './flow-world.ts'

/** What became of a story that one letter began. */
export interface Told<Answer> {
  readonly workflowId: string
  /** The names of all activities that were called, in order. */
  readonly calls: string[]
  readonly answer: Answer
  /** Null: the workflow failed. */
  readonly verdict: Answer | null
}

/** Starts a workflow by its first letter and waits for its end. `then` runs once the letter is answered. */
export async function toldIn<Content, Answer>(
  { env, play }: FlowWorld,
  story: {
    workflow: string
    workflowId: string
    args: unknown[]
    update: UpdateDefinition<Answer, [Content]>
    content: Content
    fakes: Fakes
    then?: ((handle: WorkflowHandle) => Promise<unknown>) | undefined
    taskQueue?: OrderQueue | undefined
  },
): Promise<Told<Answer>> {
  const { workflow } = env.client
  const { workflowId, args, update, content, fakes, then = async () => {}, taskQueue = queues.order } = story
  const handle = workflow.getHandle(workflowId)
  let answer: Answer | undefined
  let verdict: Answer | null = null
  const calls = await play(fakes, async () => {
    const startWorkflowOperation = new WithStartWorkflowOperation(story.workflow, {
      ...{ workflowId, taskQueue, args: [...args, { updateId: workflowId, content }] },
      workflowIdConflictPolicy: 'USE_EXISTING' as const,
    })
    const asked = workflow.executeUpdateWithStart(update, {
      ...{ startWorkflowOperation, args: [content], updateId: workflowId },
    })
    // Time stands still while an update is awaited, and an unpaid order is asked after by the clock.
    ;[answer] = await Promise.all([asked, env.sleep(1_000)])
    await then(handle)
    verdict = await handle.result().then(
      (result: unknown) => result as Answer,
      (error: unknown) => {
        if (error instanceof WorkflowFailedError) return null
        throw error
      },
    )
  })
  return { workflowId, calls, answer: answer!, verdict }
}

/** Works, but its answer is lost so many times after that. */
export function forgetful(
  times: number,
  works: (input: never) => Promise<unknown>,
): (input: never) => Promise<unknown> {
  let left = times
  return async (input) => {
    const answer = await works(input)
    left -= 1
    if (left >= 0) throw new Error('the line went dead')
    return answer
  }
}

/** A day is long, and each of its tries costs the test some milliseconds: what is down asks to be tried again much later. */
export const downForLong = (): Error =>
  ApplicationFailure.create({ message: 'down', nextRetryDelay: '50 minutes' })
