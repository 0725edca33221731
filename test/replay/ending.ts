import { shopQueue } from '../../workflows/contract.ts'
import type { OrderQueue } from '../../workflows/contract.ts'
import type { FlowWorld } from '../support/flow-world.ts'

/** Plays a workflow to one of its ends on the given server, an order's on the given queue; answers its id. */
export type Ending = (world: FlowWorld, taskQueue?: OrderQueue) => Promise<string>

/** The ends of one use case, by the name of the history that is recorded of each. */
export type Endings = Readonly<Record<string, Ending>>

/** Those that differ where one process does every step: there stock is held, promised and let go inside the workflow task. */
export const inTheShop = (endings: Endings, names: readonly string[]): Endings =>
  Object.fromEntries(
    names.map((name) => [`in-the-shop-${name}`, (world) => endings[name]!(world, shopQueue)]),
  )
