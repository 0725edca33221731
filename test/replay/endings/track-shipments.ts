import { queues } from '../../../workflows/contract.ts'
import type { Ending, Endings } from '../ending.ts'

/** Carriers are asked about so many parcels, batch after batch; what they answer moves the parcels, up to `delivered`. */
const asking =
  (name: string, batches: readonly number[]): Ending =>
  async ({ env, play }) => {
    const left = [...batches]
    const workflowId = `track-shipments-${name}`
    await play({ followParcels: async () => ({ asked: left.shift() ?? 0 }) }, async () => {
      await env.client.workflow.execute('trackShipments', {
        workflowId,
        taskQueue: queues.shipping,
        args: [{ pollEveryMs: 1_000 }],
      })
    })
    return workflowId
  }

export const endings: Endings = {
  'nothing-on-its-way': asking('nothing', [0]),
  'one-batch': asking('one', [3]),
  'several-batches': asking('several', [50, 50, 7]),
  'more-than-one-run-can-ask': asking(
    'more',
    Array.from({ length: 25 }, () => 50),
  ),
}
