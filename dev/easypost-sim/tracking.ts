import type { WireAddress } from './addresses.ts'
import { newId, seconds } from './wire.ts'

/** EasyPost's words for where a parcel is. */
export const trackerStatuses = [
  'unknown',
  'pre_transit',
  'in_transit',
  'out_for_delivery',
  'delivered',
  'available_for_pickup',
  'return_to_sender',
  'failure',
  'cancelled',
  'error',
] as const
export type TrackerStatus = (typeof trackerStatuses)[number]

/**
 * A parcel on the road. What happened is `scans`; what will happen is `plan`, one status every `stepMs` from `anchorMs` on. Where it is
 * now is computed from the clock, so nothing is lost while nobody looks or the double is down.
 */
export interface TrackerRecord {
  id: string
  trackingCode: string
  carrier: string
  service: string | null
  shipmentId: string | null
  createdAtMs: number
  scans: { status: TrackerStatus; atMs: number }[]
  anchorMs: number
  stepMs: number
  plan: TrackerStatus[]
  origin: Place
  destination: Place
}

export interface Place {
  city: string | null
  state: string | null
  country: string | null
  zip: string | null
}

export function placeOf({ city, state, country, zip }: WireAddress): Place {
  return { city: city?.toUpperCase() ?? null, state, country, zip }
}

const journey: readonly TrackerStatus[] = ['pre_transit', 'in_transit', 'out_for_delivery', 'delivered']

/** Endings that a second address line asks for. */
const fates: readonly { asked: RegExp; plan: readonly TrackerStatus[] }[] = [
  { asked: /return to sender/i, plan: ['pre_transit', 'in_transit', 'out_for_delivery', 'return_to_sender'] },
  { asked: /lost parcel/i, plan: ['pre_transit', 'in_transit', 'failure'] },
  { asked: /pickup point/i, plan: ['pre_transit', 'in_transit', 'available_for_pickup', 'delivered'] },
  { asked: /never scanned/i, plan: ['pre_transit'] },
]

export function planFor(street2: string | null): TrackerStatus[] {
  return [...(fates.find(({ asked }) => asked.test(street2 ?? ''))?.plan ?? journey)]
}

/** EasyPost's own test codes: a parcel that stands still in the given state. */
export const testCodes: Partial<Record<string, TrackerStatus>> = {
  EZ1000000001: 'pre_transit',
  EZ2000000002: 'in_transit',
  EZ3000000003: 'out_for_delivery',
  EZ4000000004: 'delivered',
  EZ5000000005: 'return_to_sender',
  EZ6000000006: 'failure',
  EZ7000000007: 'unknown',
}

/** All that has happened until then, oldest first; before the first scan there is nothing. */
export function scansUntil(tracker: TrackerRecord, nowMs: number): TrackerRecord['scans'] {
  return [...tracker.scans, ...planned(tracker).filter(({ atMs }) => atMs <= nowMs)]
}

/** When the next scan after this moment is due; infinity when the parcel stays where it is. */
export function nextScanAt(tracker: TrackerRecord, nowMs: number): number {
  return planned(tracker).find(({ atMs }) => atMs > nowMs)?.atMs ?? Infinity
}

const planned = ({ plan, anchorMs, stepMs }: TrackerRecord): TrackerRecord['scans'] =>
  plan.map((status, step) => ({ status, atMs: anchorMs + (step + 1) * stepMs }))

export function statusAt(tracker: TrackerRecord, nowMs: number): TrackerStatus {
  return scansUntil(tracker, nowMs).at(-1)?.status ?? 'unknown'
}

/** Whether a carrier has had the parcel in hand: from then on a label is not taken back. */
export function wasScanned(tracker: TrackerRecord, nowMs: number): boolean {
  return scansUntil(tracker, nowMs).some(
    ({ status }) => !['unknown', 'pre_transit', 'cancelled'].includes(status),
  )
}

/** Puts the parcel somewhere by hand. Afterwards it goes on by itself from there, if there is somewhere to go. */
export function moved(
  tracker: TrackerRecord,
  { status, atMs }: { status: TrackerStatus; atMs: number },
): TrackerRecord {
  const index = journey.indexOf(status)
  return {
    ...tracker,
    scans: [...scansUntil(tracker, atMs), { status, atMs }],
    anchorMs: atMs,
    plan: index < 0 ? [] : journey.slice(index + 1),
  }
}

/** The label was taken back: the parcel stays where it is, and is called cancelled when the refund is through. */
export function calledOff(
  tracker: TrackerRecord,
  { atMs, refundedAtMs }: { atMs: number; refundedAtMs: number },
): TrackerRecord {
  return {
    ...tracker,
    scans: scansUntil(tracker, atMs),
    anchorMs: atMs,
    stepMs: refundedAtMs - atMs,
    plan: ['cancelled'],
  }
}

export function newTracker(tracker: Omit<TrackerRecord, 'id' | 'anchorMs'>): TrackerRecord {
  return { ...tracker, id: newId('trk'), anchorMs: tracker.createdAtMs }
}

const messages = {
  unknown: 'Status unknown',
  pre_transit: 'Shipping label created',
  in_transit: 'Arrived at sorting facility',
  out_for_delivery: 'Out for delivery',
  delivered: 'Delivered',
  available_for_pickup: 'Ready to be picked up',
  return_to_sender: 'Could not be delivered, on its way back to the sender',
  failure: 'The parcel cannot be found',
  cancelled: 'Label cancelled by the sender',
  error: 'No information from the carrier',
} as const satisfies Record<TrackerStatus, string>

const details = {
  unknown: 'unknown',
  pre_transit: 'status_update',
  in_transit: 'arrived_at_facility',
  out_for_delivery: 'out_for_delivery',
  delivered: 'arrived_at_destination',
  available_for_pickup: 'arrived_at_pickup_location',
  return_to_sender: 'return',
  failure: 'lost',
  cancelled: 'cancelled',
  error: 'unknown',
} as const satisfies Record<TrackerStatus, string>

const nowhere: Place = { city: null, state: null, country: null, zip: null }

function placeAt(tracker: TrackerRecord, status: TrackerStatus): Place {
  if (status === 'in_transit') return tracker.origin
  return status === 'pre_transit' || status === 'cancelled' ? nowhere : tracker.destination
}

const inWords = ({ city, state, zip }: Place): string =>
  [[city, state].filter(Boolean).join(' '), zip].filter(Boolean).join(', ')

interface Shown {
  tracker: TrackerRecord
  nowMs: number
  publicUrl: (id: string) => string
}

/** The tracker as `GET /trackers/:id`, lists, shipments and events show it. */
export function wireTracker(input: Shown) {
  return { ...sharedFields(input), fees: [] }
}

/** The tracker as `POST /trackers` answers it: without `fees`, with two fields of its own. */
export function wireNewTracker(input: Shown) {
  return { ...sharedFields(input), finalized: true, is_return: false }
}

function sharedFields({ tracker, nowMs, publicUrl }: Shown) {
  const scans = scansUntil(tracker, nowMs)
  const last = scans.at(-1)
  const status = last?.status ?? 'unknown'
  const arrivesAtMs = tracker.anchorMs + tracker.plan.length * tracker.stepMs
  return {
    id: tracker.id,
    object: 'Tracker',
    mode: 'test',
    tracking_code: tracker.trackingCode,
    status,
    status_detail: details[status],
    created_at: seconds(tracker.createdAtMs),
    updated_at: seconds(last?.atMs ?? tracker.createdAtMs),
    signed_by: status === 'delivered' ? 'RECIPIENT' : null,
    weight: null,
    est_delivery_date: last === undefined ? null : seconds(arrivesAtMs),
    shipment_id: tracker.shipmentId,
    carrier: tracker.carrier,
    tracking_details: scans.map((scan) => ({
      object: 'TrackingDetail',
      message: messages[scan.status],
      description: '',
      status: scan.status,
      status_detail: details[scan.status],
      datetime: seconds(scan.atMs),
      source: tracker.carrier,
      carrier_code: '',
      tracking_location: { object: 'TrackingLocation', ...placeAt(tracker, scan.status) },
    })),
    carrier_detail: last === undefined ? null : carrierDetail(tracker),
    public_url: publicUrl(tracker.id),
  }
}

function carrierDetail({ service, origin, destination }: TrackerRecord) {
  return {
    object: 'CarrierDetail',
    service: service ?? 'Parcel',
    container_type: null,
    est_delivery_date_local: null,
    est_delivery_time_local: null,
    origin_location: inWords(origin),
    origin_tracking_location: { object: 'TrackingLocation', ...origin },
    destination_location: inWords(destination),
    destination_tracking_location: null,
    guaranteed_delivery_date: null,
    alternate_identifier: null,
    initial_delivery_attempt: null,
  }
}
