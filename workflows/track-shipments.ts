import { setCurrentDetails } from '@temporalio/workflow'
import { shipping } from './proxies.ts'

/** How many parcels are asked about in one activity, and in one run at the most: the schedule comes again soon. */
const batch = 50
const mostBatches = 20

/**
 * Asks carriers where the parcels are of which nothing was heard for too long. Watching a parcel is listening, so no workflow sits
 * waiting for it: a schedule starts this, and what it learns is announced from the shipment's own row (flows.md §5).
 */
export async function trackShipments({ pollEveryMs }: { pollEveryMs: number }): Promise<{ asked: number }> {
  let total = 0
  for (let round = 0; round < mostBatches; round += 1) {
    const { asked } = await shipping.followParcels({ limit: batch, pollEveryMs })
    total += asked
    setCurrentDetails(`Asked about ${total} parcels.`)
    if (asked < batch) break
  }
  return { asked: total }
}
