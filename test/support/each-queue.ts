import { after, before, describe } from 'node:test'
import { queues, shopQueue } from '../../workflows/contract.ts'
import type { OrderQueue } from '../../workflows/contract.ts'
import { openFlowWorld, sharedFlowWorld } from './flow-world.ts'
import type { FlowWorld } from './flow-world.ts'

interface OnQueue {
  readonly taskQueue: OrderQueue
  /** From the first test on. */
  readonly world: () => FlowWorld
}

/** Tells a suite's stories on either queue of orders: with a service for each step, and where one process does every step. */
export function onEachQueue(useCase: string, suite: (on: OnQueue) => void): void {
  describe(`${useCase}, told on the queue ${queues.order}`, () => {
    let world: FlowWorld
    before(async () => {
      world = await sharedFlowWorld()
    })
    suite({ taskQueue: queues.order, world: () => world })
  })
  // After the shop's stories the time-skipping server stands still in a later file, which other worlds need not suffer from.
  describe(`${useCase}, told on the queue ${shopQueue}`, () => {
    let world: FlowWorld
    before(async () => {
      world = await openFlowWorld()
    })
    after(() => world.close())
    suite({ taskQueue: shopQueue, world: () => world })
  })
}
