import { Worker } from '@temporalio/worker'
import type { NativeConnection, WorkflowBundle } from '@temporalio/worker'
import { serviceNames } from '../config.ts'
import type { Config } from '../config.ts'
import { dataConverter } from '../gateways/payload-codec.ts'
import { queues, shopQueue } from '../workflows/contract.ts'
import type { EventsToTake } from './deliver.ts'
import { heartbeats } from './heartbeats.ts'
import type { Wired } from './services-for.ts'
import { services as plans } from './services.ts'

/** What one worker listens to, and what it can do. */
interface Room {
  readonly taskQueue: string
  /** How it signs in Temporal. */
  readonly name: string
  readonly activities: object
  /** How many connections its steps share. */
  readonly poolSize: number
  /** How many ordinary steps it takes at once. */
  readonly steps: number
  readonly runsWorkflows: boolean
}

/**
 * One worker per service that this process runs, each on its own queue. A process that runs all of them listens to the shop's queue as
 * well, with the steps of all, so that the stories told there need no other (docs/decisions/one-queue.md).
 */
export async function createWorkers({
  config,
  workflows,
  connection,
  services,
  take,
}: {
  config: Config
  workflows: WorkflowBundle
  connection: NativeConnection
  services: Wired
  take: (asked: EventsToTake) => Promise<void>
}): Promise<Worker[]> {
  const rooms = config.workers.services.map((service): Room => {
    const { poolSize } = config.databases[service]
    return {
      ...{ taskQueue: queues[service], name: service, poolSize },
      activities: { ...services.activities[service], takeEvents: take },
      // A step waits for a connection of the pool anyway: more of them at once would only queue there.
      steps: poolSize,
      runsWorkflows: plans[service].workflows.length > 0,
    }
  })
  const all = serviceNames.every((service) => config.workers.services.includes(service))
  return Promise.all(
    [...rooms, ...(all ? [theShop(rooms)] : [])].map(
      ({ taskQueue, name, activities, poolSize, steps, runsWorkflows }) =>
        Worker.create({
          connection,
          namespace: config.temporal.namespace,
          taskQueue,
          identity: `${name}@${process.pid}`,
          dataConverter: dataConverter(config.secrets.payloadKeys),
          ...(runsWorkflows && { workflowBundle: workflows }),
          activities,
          interceptors: { activity: [heartbeats] },
          maxConcurrentActivityTaskExecutions: steps,
          maxConcurrentLocalActivityExecutions: poolSize,
          // A workflow task that waits for a local step's connection would time out here and be done again. In Temporal it just waits.
          maxConcurrentWorkflowTaskExecutions: poolSize,
          // Fewer polls than steps: the free ones are for steps that come with the answer to a workflow task (eager execution).
          activityTaskPollerBehavior: { type: 'simple-maximum', maximum: Math.ceil(poolSize / 2) },
          maxCachedWorkflows: 500,
          stickyQueueScheduleToStartTimeout: '5s',
          shutdownGraceTime: '5s',
          shutdownForceTime: '8s',
        }),
    ),
  )
}

/** The worker that can do what all the others can, and as much at once as they can together. */
function theShop(rooms: readonly Room[]): Room {
  return {
    ...{ taskQueue: shopQueue, name: 'shop', runsWorkflows: true },
    activities: Object.assign({}, ...rooms.map(({ activities }) => activities)) as object,
    poolSize: Math.min(...rooms.map(({ poolSize }) => poolSize)),
    steps: rooms.reduce((sum, { steps }) => sum + steps, 0),
  }
}

/** Runs them all; the first that fails stops the others. */
export function runWorkers(workers: readonly Worker[]): { stop(): void; done: Promise<void> } {
  let stopped = false
  const stop = (): void => {
    if (stopped) return
    stopped = true
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  const done = Promise.all(
    workers.map((worker) =>
      worker.run().catch((error: unknown) => {
        stop()
        throw error
      }),
    ),
  ).then(() => {})
  return { stop, done }
}
