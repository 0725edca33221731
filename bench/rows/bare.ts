/** Bare workflows of the shape of an order, or of a cancellation, beside the shop's, on the same server: what is left when nothing is done. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client, WithStartWorkflowOperation } from '@temporalio/client'
import type { Connection } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { searchAttributes } from '../../workflows/contract.ts'
import { bareCheckout, bareQueue } from '../bare/contract.ts'
import type { BareNews } from '../bare/contract.ts'
import { failureNotes } from '../bench.ts'
import type { Bench, Line } from '../bench.ts'
import { isIn, secondsOf } from '../loop.ts'
import { measure } from '../measure.ts'

export interface BareWorker {
  /** When each workflow ended, in Unix time. */
  readonly endedAt: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** Starts the worker in a process of its own, as the shop's are. */
export async function startBareWorker(env: NodeJS.ProcessEnv): Promise<BareWorker> {
  const endedAt = new Map<string, number>()
  const child = fork(fileURLToPath(new URL('../bare/worker.ts', import.meta.url)), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    env,
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (news: BareNews) => {
      if ('ready' in news) resolve()
      else endedAt.set(news.ended, news.at)
    })
    child.once('exit', (code) =>
      reject(new Error(`The worker of the bare workflows ended with code ${code}.`)),
    )
  })
  await ready
  return { endedAt, stop: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  const over = once(child, 'exit')
  child.disconnect()
  await over
}

/** How long the last ones may take. */
const patienceMs = 120_000

/** Which shape. */
export type Shape = 'bareOrder' | 'bareCancel'

const names = {
  bareOrder: 'bare workflows (the update-with-start)',
  bareCancel: 'bare cancellations (the update-with-start)',
} as const satisfies Record<Shape, string>

export async function bare(
  bench: Bench,
  {
    callers,
    temporal,
    worker,
    shape,
  }: { callers: number; temporal: Connection; worker: BareWorker; shape: Shape },
): Promise<Line> {
  const { workflow } = new Client({
    connection: temporal,
    namespace: bench.shop.config.temporal.namespace,
  })
  const { turns, window, failures } = await measure(bench, {
    callers,
    turn: async () => {
      const workflowId = `bench:${randomUUID()}`
      const begin = performance.now()
      await workflow.executeUpdateWithStart(bareCheckout, {
        startWorkflowOperation: startOf(workflowId, shape),
        args: [{ cartId: workflowId }],
        updateId: workflowId,
      })
      return { workflowId, answeredMs: performance.now() - begin }
    },
  })
  const ids = turns.map(({ value }) => value.workflowId)
  const deadline = Date.now() + patienceMs
  while (!ids.every((id) => worker.endedAt.has(id)) && Date.now() < deadline) await sleep(100)
  const open = ids.filter((id) => !worker.endedAt.has(id)).length
  const counted = ids.filter((id) => isIn(window)(worker.endedAt.get(id) ?? 0))
  const timings = turns.filter(({ endedAt }) => isIn(window)(endedAt)).map(({ value }) => value.answeredMs)
  return {
    name: names[shape],
    callers,
    ...{ count: counted.length, seconds: secondsOf(window), timingsMs: timings },
    notes: [...failureNotes(failures), ...(open > 0 ? [`${open} had not ended after two minutes`] : [])],
  }
}

function startOf(workflowId: string, shape: Shape): WithStartWorkflowOperation<() => Promise<void>> {
  return new WithStartWorkflowOperation(shape, {
    workflowId,
    taskQueue: bareQueue,
    args: [],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    staticSummary: 'a bare order of the bench',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.orderStatus, value: 'pending_payment' },
      { key: searchAttributes.customerRef, value: 'bench' },
      { key: searchAttributes.sagaStep, value: 'checkout' },
    ]),
  })
}
