import type { FlowWorld } from '../support/flow-world.ts'

/** Plays a workflow to one of its ends on the given server; answers its id. */
export type Ending = (world: FlowWorld) => Promise<string>

/** The ends of one use case, by the name of the history that is recorded of each. */
export type Endings = Readonly<Record<string, Ending>>
