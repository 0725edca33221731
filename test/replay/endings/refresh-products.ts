import { productsWait, queues } from '../../../workflows/contract.ts'
import type { Ending, Endings } from '../ending.ts'

interface Batch {
  readonly refreshed: number
  readonly more?: boolean
  readonly away?: readonly string[]
  /** Events come while it is written. */
  readonly rung?: boolean
}

/** Batch after batch; what is asked for after the last one finds nothing that waits. */
const refreshing =
  (name: string, batches: readonly Batch[], { ringsLater = false } = {}): Ending =>
  async ({ env, play }) => {
    const workflowId = `refresh-products-${name}`
    const story = env.client.workflow.getHandle(workflowId)
    const left = [...batches]
    const refreshSearch = async () => {
      const { refreshed, more = false, away = [], rung = false } = left.shift() ?? { refreshed: 0 }
      if (rung) await story.signal(productsWait)
      return { refreshed, more, away }
    }
    await play({ refreshSearch }, async () => {
      await env.client.workflow.signalWithStart('refreshProducts', {
        ...{ workflowId, taskQueue: queues.catalog, args: [] },
        ...{ signal: productsWait, signalArgs: [] },
      })
      if (ringsLater) {
        await env.sleep(1_000)
        await story.signal(productsWait)
      }
      await story.result()
    })
    return workflowId
  }

const away = ['meilisearch']

export const endings: Endings = {
  'one-batch': refreshing('one', [{ refreshed: 3 }]),
  'several-batches': refreshing('several', [
    ...[{ refreshed: 500, more: true }, { refreshed: 500, more: true }, { refreshed: 20 }],
  ]),
  'rung-while-it-writes': refreshing('rung', [{ refreshed: 3, rung: true }, { refreshed: 1 }]),
  'an-engine-was-away': refreshing('away', [{ refreshed: 3, away }, { refreshed: 3 }]),
  'rung-while-an-engine-is-away': refreshing('rung-away', [{ refreshed: 3, away }, { refreshed: 4 }], {
    ringsLater: true,
  }),
}
