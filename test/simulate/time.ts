import { Client } from '@temporalio/client'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { bundleWorkflowCode, Worker } from '@temporalio/worker'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { heartbeats } from '../../workers/heartbeats.ts'
import { queues } from '../../workflows/contract.ts'
import { timeSkippingServer } from '../support/skipping-server.ts'
import type { Abandoned, Starting } from './abandoned.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs
/** A server that has not come to a moment after so long will never come to it. */
const stuckAfterMs = 60_000

/** The clock that all live by: the time-skipping server's. Days are counted from the first midnight after its start. */
export interface Time {
  readonly client: Client
  now(): Promise<Date>
  /** Lets time go by, with all that is due in it, until an hour of a day. */
  until(day: number, hour: number): Promise<void>
  /** The day in which a moment lies. */
  dayOf(moment: string): number
  close(): Promise<void>
}

/** A server of its own, and workers with the stories of stock and these steps. */
export async function openTime(steps: { inventory: object; notification: object }): Promise<Time> {
  const env = await timeSkippingServer()
  const client = new Client({ connection: env.connection })
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [fileURLToPath(new URL('abandoned.ts', import.meta.url))],
    logger: { ...console, trace: ignore, debug: ignore, info: ignore, log: ignore },
  })
  const common = { connection: env.nativeConnection, interceptors: { activity: [heartbeats] } }
  const workers = await Promise.all([
    Worker.create({
      ...{ ...common, taskQueue: queues.inventory, workflowBundle, maxCachedWorkflows: 2_000 },
      ...{ activities: { ...steps.inventory, ...starting(client) }, maxConcurrentActivityTaskExecutions: 8 },
    }),
    Worker.create({ ...common, taskQueue: queues.notification, activities: steps.notification }),
  ])
  const running = Promise.all(workers.map((worker) => worker.run()))
  const midnight = (Math.floor((await env.currentTimeMs()) / dayMs) + 1) * dayMs

  return {
    client,
    now: async () => new Date(await env.currentTimeMs()),
    until: async (day, hour) => {
      const leftMs = midnight + day * dayMs + hour * hourMs - (await env.currentTimeMs())
      if (leftMs <= 0) return
      const stuck = new AbortController()
      const given = setTimeout(stuckAfterMs, 'stuck', { signal: stuck.signal }).catch(ignore)
      const end = await Promise.race([env.sleep(leftMs), given])
      stuck.abort()
      if (end === 'stuck') throw new Error(`Time stands still before ${hour}:00 of day ${day + 1}.`)
    },
    dayOf: (moment) => Math.floor((Date.parse(moment) - midnight) / dayMs),
    close: async () => {
      for (const worker of workers) worker.shutdown()
      await running
      await env.teardown()
    },
  }
}

const ignore = (): void => {}

/** The step behind `abandoned.ts`. */
function starting({ workflow }: Client): Starting {
  return {
    async startAbandoned({ workflowType, workflowId, taskQueue, args }: Abandoned): Promise<string | null> {
      try {
        const handle = await workflow.start(workflowType, {
          ...{ workflowId, taskQueue, args },
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        })
        return handle.firstExecutionRunId
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return null
        throw error
      }
    },
  }
}
