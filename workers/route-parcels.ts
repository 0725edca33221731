import type { ShippingServices } from '../activities/shipping/buy-label.ts'
import { applyTracking } from '../activities/shipping/follow-parcels.ts'
import type { TrackingState } from '../gateways/easypost.ts'
import type { StoredEvent } from '../store/provider-events.ts'
import { putOffPolls, shipmentsByTracker } from '../store/shipments.ts'
import type { Shipment } from '../store/shipments.ts'
import type { Route, Verdict } from './router.ts'

/**
 * Routes what carriers tell: their signature covers no time, so the event is only the occasion to ask where the parcel is. What the
 * carrier answers is booked on the parcel and announced from there; no workflow waits for it (flows.md §5).
 */
export function routeParcels(services: Pick<ShippingServices, 'db' | 'carrier' | 'pollEveryMs'>): Route {
  const { db, pollEveryMs } = services
  return async (events, nowMs) => {
    const trackerIds = [...new Set(events.flatMap(({ subject }) => subject ?? []))]
    const parcels = new Map((await shipmentsByTracker(db, trackerIds)).map((each) => [each.trackerId, each]))
    const wanted = [...parcels.values()].filter(isOnItsWay)
    const answers = await asked(services, wanted)
    const nextPollAt = new Date(nowMs + pollEveryMs).toISOString()
    for (const parcel of wanted) {
      const state = answers.states.get(parcel.trackerId ?? '')
      if (state) await applyTracking(services, { parcel, state, nextPollAt })
    }
    // Who has just been heard of need not be asked for a while.
    const heard = wanted.filter(({ trackerId }) => answers.states.has(trackerId ?? ''))
    await putOffPolls(db, { shipmentIds: heard.map(({ shipmentId }) => shipmentId), nextPollAt })
    return events.map((event) => verdictOn(event, { parcels, answers }))
  }
}

/** A parcel that has arrived, or was called off, has nothing more to tell. */
const isOnItsWay = ({ status }: Shipment): boolean => status === 'ready' || status === 'handed_over'

interface Answers {
  readonly states: ReadonlyMap<string, TrackingState>
  readonly trouble: string
}

async function asked(
  { carrier }: Pick<ShippingServices, 'carrier'>,
  parcels: readonly Shipment[],
): Promise<Answers> {
  try {
    const states = await carrier.track(parcels.flatMap(({ trackerId }) => trackerId ?? []))
    return {
      states: new Map(states.map((state) => [state.trackerId, state])),
      trouble: 'the carrier gave no answer',
    }
  } catch (error) {
    return { states: new Map(), trouble: error instanceof Error ? error.message : String(error) }
  }
}

function verdictOn(
  { eventId, subject }: StoredEvent,
  { parcels, answers }: { parcels: ReadonlyMap<string | null, Shipment>; answers: Answers },
): Verdict {
  const parcel = parcels.get(subject)
  if (!parcel) return { eventId, verdict: 'waits', why: 'no parcel of ours has this tracker (yet)' }
  if (!isOnItsWay(parcel)) return { eventId, verdict: 'filed' }
  return answers.states.has(subject ?? '')
    ? { eventId, verdict: 'routed', to: parcel.shipmentId }
    : { eventId, verdict: 'waits', why: answers.trouble }
}
