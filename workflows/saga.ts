import { allHandlersFinished, CancellationScope, condition, log } from '@temporalio/workflow'
import { fallBehind } from './failures.ts'
import type { Fall } from './failures.ts'

/** Takes back one step. It must do nothing where the step did nothing: it is registered before its step runs. */
export type Undo = (fall: Fall) => Promise<unknown>

/**
 * Runs a story. When it falls (a refusal, the hold's end, somebody's goodbye, an operator's cancel), the steps so far are undone,
 * last first, in a scope that no cancel can interrupt, and `end` says what comes out. What is not recognised is not caught.
 */
export async function saga<Verdict>({
  story,
  end,
}: {
  story: (undo: (undo: Undo) => void) => Promise<Verdict>
  end: (fall: Fall) => Verdict
}): Promise<Verdict> {
  const undos: Undo[] = []
  const verdict = await story((undo) => undos.push(undo)).catch((error: unknown) => {
    const fall = fallBehind(error)
    if (!fall) throw error
    return CancellationScope.nonCancellable(async () => {
      for (const undo of undos.toReversed()) await undone(undo, fall)
      return end(fall)
    })
  })
  // Whoever still waits for an answer gets it before the workflow closes.
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished))
  return verdict
}

/** Undos are retried without end by their policy; one that is refused all the same must not keep the others from running. */
async function undone(undo: Undo, fall: Fall): Promise<void> {
  try {
    await undo(fall)
  } catch (error) {
    if (!fallBehind(error)) throw error
    log.error('An undo was refused: an admin has to look at this order.', { error })
  }
}
