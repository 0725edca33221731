import { Worker } from '@temporalio/worker'
import type { NativeConnection, WorkflowBundle } from '@temporalio/worker'
import type { Config } from '../config.ts'
import { dataConverter } from '../gateways/payload-codec.ts'
import { queues } from '../workflows/contract.ts'
import type { EventsToTake } from './deliver.ts'
import { heartbeats } from './heartbeats.ts'
import type { Wired } from './services-for.ts'
import { services as plans } from './services.ts'

/** One worker per service that this process runs, each on its own queue; only those with workflows load the bundle. */
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
  return Promise.all(
    config.workers.services.map((service) => {
      const activities = { ...services.activities[service], takeEvents: take }
      return Worker.create({
        connection,
        namespace: config.temporal.namespace,
        taskQueue: queues[service],
        identity: `${service}@${process.pid}`,
        dataConverter: dataConverter(config.secrets.payloadKeys),
        ...(plans[service].workflows.length > 0 && { workflowBundle: workflows }),
        activities,
        interceptors: { activity: [heartbeats] },
        // A step waits for a connection of the pool anyway: more of them at once would only queue there.
        maxConcurrentActivityTaskExecutions: config.databases[service].poolSize,
        maxConcurrentLocalActivityExecutions: config.databases[service].poolSize,
        // A workflow task that waits for a local step's connection would time out here and be done again. In Temporal it just waits.
        maxConcurrentWorkflowTaskExecutions: config.databases[service].poolSize,
        // Fewer polls than steps: the free ones are for steps that come with the answer to a workflow task (eager execution).
        activityTaskPollerBehavior: {
          type: 'simple-maximum',
          maximum: Math.ceil(config.databases[service].poolSize / 2),
        },
        maxCachedWorkflows: 500,
        stickyQueueScheduleToStartTimeout: '5s',
        shutdownGraceTime: '5s',
        shutdownForceTime: '8s',
      })
    }),
  )
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
