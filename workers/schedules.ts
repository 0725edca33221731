import {
  Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import type {
  Connection,
  ScheduleOptions,
  ScheduleOptionsStartWorkflowAction,
  Workflow,
} from '@temporalio/client'
import { queues } from '../workflows/contract.ts'

/** What runs by the clock. Each is created if it is missing and brought up to date if it is there. */
export async function ensureSchedules({
  connection,
  namespace,
  trackEveryMs,
}: {
  connection: Connection
  namespace: string
  trackEveryMs: number
}): Promise<void> {
  const { schedule } = new Client({ connection, namespace })
  const scheduleId = 'track-shipments'
  const plan: Pick<
    ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>>,
    'spec' | 'action' | 'policies'
  > = {
    spec: { intervals: [{ every: trackEveryMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'trackShipments',
      workflowId: 'track-shipments',
      taskQueue: queues.shipping,
      args: [{ pollEveryMs: trackEveryMs }],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
  }
  try {
    await schedule.getHandle(scheduleId).update((known) => ({ ...known, ...plan }))
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error
    await schedule.create({ scheduleId, ...plan }).catch((late: unknown) => {
      // Another process of this service was faster.
      if (!(late instanceof ScheduleAlreadyRunning)) throw late
    })
  }
}
