import {
  Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import type {
  Connection,
  ScheduleClient,
  ScheduleOptions,
  ScheduleOptionsStartWorkflowAction,
  Workflow,
} from '@temporalio/client'
import type { Config } from '../config.ts'
import { checkSearchId, queues } from '../workflows/contract.ts'
import type { Service } from '../workflows/contract.ts'
import { reconcileSchedule } from '../workflows/reconcile-contract.ts'
import type { Reconcile } from '../workflows/reconcile-contract.ts'
import { stockCheckId, stockCheckSchedule } from '../workflows/stock-contract.ts'
import type { CheckInventory } from '../workflows/stock-contract.ts'

type Plan = Pick<
  ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>>,
  'scheduleId' | 'spec' | 'action' | 'policies'
>

/** What runs by the clock, of the services of this process. Each is created if it is missing and brought up to date if it is there. */
export async function ensureSchedules({
  connection,
  namespace,
  services,
  trackEveryMs,
  stock,
  reconcile,
}: {
  connection: Connection
  namespace: string
  services: readonly Service[]
  trackEveryMs: number
  stock: Config['stock']
  reconcile: Config['reconcile']
}): Promise<void> {
  const { schedule } = new Client({ connection, namespace })
  if (services.includes('shipping')) await ensure(schedule, trackShipments(trackEveryMs))
  if (services.includes('order')) await ensure(schedule, compareBooks(reconcile))
  if (services.includes('inventory')) await ensure(schedule, checkStock(stock))
  if (services.includes('catalog')) await ensure(schedule, checkIndexes)
}

function trackShipments(everyMs: number): Plan {
  return {
    scheduleId: 'track-shipments',
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'trackShipments',
      workflowId: 'track-shipments',
      taskQueue: queues.shipping,
      args: [{ pollEveryMs: everyMs }],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
  }
}

/** Events keep the indexes; this finds what they could not know of, such as an index that somebody emptied. */
const checkIndexes: Plan = {
  scheduleId: 'check-search',
  spec: { intervals: [{ every: '1 hour' }] },
  action: {
    type: 'startWorkflow',
    workflowType: 'checkSearch',
    workflowId: checkSearchId,
    taskQueue: queues.catalog,
    args: [],
    staticSummary: 'compares the search indexes with the catalog',
  },
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
}

function compareBooks({ everyMs, days }: Config['reconcile']): Plan {
  const asked: Reconcile = { days }
  return {
    scheduleId: reconcileSchedule,
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'reconcile',
      workflowId: 'reconcile',
      taskQueue: queues.order,
      args: [asked],
      staticSummary: 'compares all books, and reports',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
  }
}

/**
 * The daily check of the specification. Checks that were missed are made up for once: all that are due start together when the server
 * is back, and while the first of them runs the others are skipped.
 */
export function checkStock({ check, policy, patience, overdueEveryMs }: Config['stock']): Plan {
  const asked: CheckInventory = { policy, patience, overdueEveryMs }
  return {
    scheduleId: stockCheckSchedule,
    spec: { calendars: [{ hour: check.hour, minute: 0, second: 0 }], timezone: check.timeZone },
    action: {
      type: 'startWorkflow',
      workflowType: 'checkInventory',
      workflowId: stockCheckId,
      taskQueue: queues.inventory,
      args: [asked],
      staticSummary: 'looks for stock that runs low',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: check.catchUpMs },
  }
}

/** Brings a schedule up to date. Whether it is paused is an admin's decision, and stays. */
export async function ensure(schedule: ScheduleClient, { scheduleId, ...plan }: Plan): Promise<void> {
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
