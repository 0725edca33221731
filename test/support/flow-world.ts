import { ApplicationFailure } from '@temporalio/common'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import type { WorkflowBundle } from '@temporalio/worker'
import { readFile } from 'node:fs/promises'
import type { Activities } from '../../activities/index.ts'
import type { RefusalCode } from '../../domain/refusals.ts'
import { queues, shopQueue } from '../../workflows/contract.ts'
import { atTheEnd } from './at-the-end.ts'
import { timeSkippingServer } from './skipping-server.ts'
import { fromTestRun } from './test-run.ts'

/** Activities that a test puts in the place of the real ones. */
export type Fakes = { [Name in keyof Activities]?: (input: never) => Promise<unknown> }

/** One time-skipping server and one set of workers for a test file; each test brings its own activities. */
export interface FlowWorld {
  readonly env: TestWorkflowEnvironment
  /** Runs a test's body with these activities; answers the names of all that were called, in order. */
  play(fakes: Fakes, body: () => Promise<void>): Promise<string[]>
  close(): Promise<void>
}

export async function testBundle(): Promise<WorkflowBundle> {
  return { code: await readFile(fromTestRun('TEST_BUNDLE'), 'utf8') }
}

export async function openFlowWorld(): Promise<FlowWorld> {
  const env = await timeSkippingServer()
  const world = await flowWorldOn(env, await testBundle())
  return {
    ...world,
    close: async () => {
      await world.close()
      await env.teardown()
    },
  }
}

let shared: Promise<FlowWorld> | undefined

/** One world for all files of a process in which stories end by themselves; it closes by itself. */
export async function sharedFlowWorld(): Promise<FlowWorld> {
  shared ??= openFlowWorld().then((world) => {
    atTheEnd(world.close)
    return world
  })
  return shared
}

/** The same on any server that knows our search attributes, which outlives it. */
export async function flowWorldOn(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundle,
): Promise<FlowWorld> {
  let fakes: Fakes = {}
  let calls: string[] = []
  const activities = new Proxy<Record<string, (input: never) => Promise<unknown>>>(
    {},
    {
      has: () => true,
      get: (_, name) => async (input: never) => {
        calls.push(String(name))
        const fake = fakes[name as keyof Activities]
        if (!fake) throw ApplicationFailure.nonRetryable(`No fake for ${String(name)} in this test.`)
        return fake(input)
      },
    },
  )
  const named = Object.fromEntries(allActivities.map((name) => [name, activities[name]!]))
  const workers = await Promise.all(
    [...Object.values(queues), shopQueue].map((taskQueue) =>
      Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        activities: named,
        // In this thread, as stories are replayed: for each queue a thread of its own would load the whole SDK again.
        debugMode: true,
        ...(taskQueue !== 'notification' && { workflowBundle }),
      }),
    ),
  )
  const running = Promise.all(workers.map((worker) => worker.run()))
  return {
    env,
    play: async (next, body) => {
      fakes = next
      calls = []
      await body()
      return calls
    },
    close: async () => {
      for (const worker of workers) worker.shutdown()
      await running
    },
  }
}

const allActivities: readonly (keyof Activities)[] = [
  'openOrder',
  'priceOrder',
  'confirmOrder',
  'abandonOrder',
  'extendOrder',
  'flagOrder',
  'authorizePayment',
  'lookUpPayment',
  'capturePayment',
  'returnPayment',
  'bookProviderNews',
  'reserveStock',
  'commitStock',
  'extendHold',
  'releaseStock',
  'quoteShipping',
  'buyLabel',
  'followParcels',
  'sendConfirmation',
  'beginCancellation',
  'announceCancellation',
  'loseCancellation',
  'finishCancellation',
  'recallParcels',
  'labelParcel',
  'refundPayment',
  'openRefund',
  'openReship',
  'dropReship',
  'confirmReship',
  'readLostParcel',
  'registerReship',
  'sendSentAgain',
  'releaseCancelled',
  'sendRefund',
  'sendTooLate',
  'judgeOrders',
  'judgeOrderBooks',
  'judgeProvider',
  'judgeStories',
  'fileFindings',
  'judgeStock',
  'judgeReservations',
  'judgeParcels',
  'checkLevels',
  'finishCheck',
  'openReplenishment',
  'rejectReplenishment',
  'expireReplenishment',
  'noteReminder',
  'createPurchaseOrder',
  'readOrderStanding',
  'writeSupplierLetter',
  'noteSupplierTold',
  'noteOverdue',
  'receiveStock',
  'endPurchaseOrder',
  'sendStockDigest',
  'sendReplenishmentReminder',
  'sendPurchaseOrder',
  'sendOrderCancelled',
  'sendOverdueOrder',
  'searchEngines',
  'refreshSearch',
  'rebuildIndex',
  'checkIndex',
]

/** A fake that refuses, as `activities/refusals.ts` would. */
export function refuse(code: RefusalCode): () => Promise<never> {
  return async () => {
    throw ApplicationFailure.create({
      type: 'Refusal',
      message: code,
      details: [{ code, detail: `refused with ${code}`, facts: {} }],
      nonRetryable: true,
    })
  }
}

/** A fake that fails so many times, as a crash or a lost answer would, and then does what `then` does. */
export function faulty(
  times: number,
  then: (input: never) => Promise<unknown>,
): (input: never) => Promise<unknown> {
  let left = times
  return async (input) => {
    if (left > 0) {
      left -= 1
      throw new Error('the line went dead')
    }
    return then(input)
  }
}
