import { queues } from '../../../workflows/contract.ts'
import type { Ending, Endings } from '../ending.ts'

/** Indexes of which so much differs from the catalog, and what is written again, batch after batch. */
const comparing =
  (name: string, drift: Readonly<Record<string, number>>, { batches }: { batches: number }): Ending =>
  async ({ env, play }) => {
    const workflowId = `check-search-${name}`
    let left = batches
    const fakes = {
      searchEngines: async () => ({ engines: Object.keys(drift) }),
      checkIndex: async ({ engine }: { engine: string }) => ({ drift: drift[engine], examples: [] }),
      refreshSearch: async () => {
        left -= 1
        return { refreshed: 500, more: left > 0, away: [] }
      },
    }
    await play(fakes, async () => {
      await env.client.workflow.execute('checkSearch', {
        ...{ workflowId, taskQueue: queues.catalog, args: [] },
      })
    })
    return workflowId
  }

export const endings: Endings = {
  'nothing-differs': comparing('same', { postgres: 0 }, { batches: 0 }),
  'something-differs': comparing('drift', { postgres: 0, meilisearch: 3 }, { batches: 1 }),
  'an-index-was-emptied': comparing('empty', { postgres: 1_200, meilisearch: 0 }, { batches: 3 }),
}
