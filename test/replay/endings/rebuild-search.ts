import { queues } from '../../../workflows/contract.ts'
import type { Ending, Endings } from '../ending.ts'

const rebuilding =
  (name: string, engines: readonly string[]): Ending =>
  async ({ env, play }) => {
    const workflowId = `rebuild-search-${name}`
    const fakes = {
      searchEngines: async () => ({ engines }),
      rebuildIndex: async () => ({ documents: 1_000 }),
    }
    await play(fakes, async () => {
      await env.client.workflow.execute('rebuildSearch', {
        ...{ workflowId, taskQueue: queues.catalog, args: [] },
      })
    })
    return workflowId
  }

export const endings: Endings = {
  'one-engine': rebuilding('one', ['postgres']),
  'two-engines': rebuilding('two', ['postgres', 'meilisearch']),
}
