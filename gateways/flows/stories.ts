import { WorkflowNotFoundError } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import { translated } from './asking.ts'

/** How a workflow stands, for whoever looks after what it does. */
export interface StoryStanding {
  readonly workflowId: string
  /** Temporal's word in lower case: `running`, `completed`, `failed`, `canceled`, `terminated`, `timed_out`. */
  readonly status: string
  readonly startedAt: string
  readonly endedAt: string | null
}

export interface Stories {
  /** Null: there is no such workflow, or Temporal has forgotten it since it ended. */
  readStory(workflowId: string): Promise<StoryStanding | null>
}

export function stories({ workflow }: Pick<Client, 'workflow'>): Stories {
  return {
    readStory: async (workflowId) => {
      try {
        const { status, startTime, closeTime } = await workflow.getHandle(workflowId).describe()
        return {
          workflowId,
          status: status.name.toLowerCase(),
          startedAt: startTime.toISOString(),
          endedAt: closeTime?.toISOString() ?? null,
        }
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null
        throw translated(error)
      }
    },
  }
}
