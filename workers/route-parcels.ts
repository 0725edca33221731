import type { ShippingServices } from '../activities/shipping/buy-label.ts'
import { applyTracking } from '../activities/shipping/follow-parcels.ts'
import { nextParcelStatus } from '../domain/shipments.ts'
import type { TrackingState } from '../gateways/easypost.ts'
import { sightingIn } from '../gateways/easypost/webhook.ts'
import type { StoredEvent } from '../store/provider-events.ts'
import { putOffPolls, shipmentsByTracker } from '../store/shipments.ts'
import type { Shipment } from '../store/shipments.ts'
import type { Route, Verdict } from './router.ts'

/**
 * Routes what carriers tell: their signature covers no time, so an event that would move a parcel on is only the occasion to ask where
 * it is. What the carrier answers is booked on the parcel and announced from there; no workflow waits for it (flows.md §5). One more
 * scan on the way is written down as it was told.
 */
export function routeParcels(services: Pick<ShippingServices, 'db' | 'carrier' | 'pollEveryMs'>): Route {
  const { db, pollEveryMs } = services
  return async (events, nowMs) => {
    const trackerIds = [...new Set(events.flatMap(({ subject }) => subject ?? []))]
    const parcels = new Map((await shipmentsByTracker(db, trackerIds)).map((each) => [each.trackerId, each]))
    const wanted = [...parcels.values()].filter(isOnItsWay)
    const told = sightings(wanted, events)
    const answers = await asked(
      services,
      wanted.filter(({ trackerId }) => !told.has(trackerId)),
    )
    const states = new Map<string | null, Told>([...told, ...answers.states])
    const nextPollAt = new Date(nowMs + pollEveryMs).toISOString()
    for (const parcel of wanted) {
      const state = states.get(parcel.trackerId)
      if (state) await applyTracking(services, { parcel, state, nextPollAt })
    }
    // Who has just been heard of need not be asked for a while.
    const heard = wanted.filter(({ trackerId }) => states.has(trackerId))
    await putOffPolls(db, { shipmentIds: heard.map(({ shipmentId }) => shipmentId), nextPollAt })
    return events.map((event) => verdictOn(event, { parcels, states, trouble: answers.trouble }))
  }
}

type Underway = Shipment & { readonly status: 'ready' | 'handed_over' }

/** A parcel that has arrived, or was called off, has nothing more to tell. */
const isOnItsWay = (parcel: Shipment): parcel is Underway =>
  parcel.status === 'ready' || parcel.status === 'handed_over'

type Told = Pick<TrackingState, 'status' | 'scans'>

/** By tracker, where parcels were seen: of those of which no event says that they are any further than we know. */
function sightings(parcels: readonly Underway[], events: readonly StoredEvent[]): Map<string | null, Told> {
  const told = new Map<string | null, Told>()
  for (const { trackerId, status } of parcels) {
    const seen = events.flatMap(({ subject, excerpt }) =>
      subject === trackerId ? [sightingIn(excerpt)] : [],
    )
    const scans = seen.filter((each) => each !== null)
    const moves = scans.some(({ tracker, scan }) =>
      [tracker, scan.status].some((says) => nextParcelStatus(status, says).length > 0),
    )
    const newest = scans.at(-1)
    if (newest === undefined || scans.length < seen.length || moves) continue
    told.set(trackerId, { status: newest.tracker, scans: scans.map(({ scan }) => scan) })
  }
  return told
}

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
  {
    parcels,
    states,
    trouble,
  }: {
    parcels: ReadonlyMap<string | null, Shipment>
    states: ReadonlyMap<string | null, Told>
    trouble: string
  },
): Verdict {
  const parcel = parcels.get(subject)
  if (!parcel) return { eventId, verdict: 'waits', why: 'no parcel of ours has this tracker (yet)' }
  if (!isOnItsWay(parcel)) return { eventId, verdict: 'filed' }
  return states.has(subject)
    ? { eventId, verdict: 'routed', to: parcel.shipmentId }
    : { eventId, verdict: 'waits', why: trouble }
}
