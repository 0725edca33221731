import { isCancellation } from '@temporalio/workflow'
import { TemporalFailure } from '@temporalio/common'

/** For signals to other workflows: whoever is not there any more need not be told, because Postgres knows. */
export async function ignoringTheGone(telling: Promise<void>): Promise<void> {
  try {
    await telling
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error
  }
}
