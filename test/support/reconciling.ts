import { typeid } from 'typeid-js'
import type { Violation } from '../../domain/invariants.ts'
import { queues } from '../../workflows/contract.ts'
import type { Reconciled } from '../../workflows/reconcile-contract.ts'
import type { Fakes, FlowWorld } from './flow-world.ts'

/** Books of one order in which nothing is off. */
export function goodBooks() {
  const nothing = async (): Promise<readonly Violation[]> => []
  return {
    judgeStock: nothing,
    judgeParcels: nothing,
    judgeOrderBooks: nothing,
    judgeStories: nothing,
    judgeProvider: async () => ({ violations: [] as Violation[], payments: 7 }),
    judgeOrders: async (): Promise<unknown> => ({
      ...{ violations: [], orders: [{ orderId: 'ord_1', status: 'confirmed', lines: [] }], last: null },
    }),
    judgeReservations: nothing,
    fileFindings: async () => ({ open: 0 }),
  } satisfies Fakes
}

/** Compares the books; tells what was called, what was answered, and what was filed. */
export async function reconcileIn(
  { env, play }: FlowWorld,
  fakes: Fakes,
): Promise<{ workflowId: string; calls: string[]; answer: Reconciled; filed: unknown[] }> {
  const workflowId = `reconcile:${typeid('run').toString()}`
  const filed: unknown[] = []
  let answer: Reconciled | undefined
  const fileFindings = async ({ violations }: { violations: readonly Violation[] }): Promise<unknown> => {
    filed.push(violations)
    return { open: violations.length }
  }
  const calls = await play({ ...goodBooks(), fileFindings, ...fakes }, async () => {
    answer = (await env.client.workflow.execute('reconcile', {
      ...{ workflowId, taskQueue: queues.order, args: [{ days: 7 }] },
    })) as Reconciled
  })
  return { workflowId, calls, answer: answer!, filed }
}
