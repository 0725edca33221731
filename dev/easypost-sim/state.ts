import { openJournal } from '../sim-kit/journal.ts'
import type { Deed } from '../sim-kit/server.ts'
import type { WireAddress } from './addresses.ts'
import type { RateRecord, Rating } from './rates.ts'
import type { Purchase, RefundRecord, ShipmentRecord, WireParcel } from './shipments.ts'
import type { TrackerRecord, TrackerStatus } from './tracking.ts'

/** Something that EasyPost tells its webhooks about. What it says is computed from the records, as of its time. */
export interface EventRecord {
  id: string
  atMs: number
  description: 'tracker.created' | 'tracker.updated' | 'refund.successful'
  /** The tracker or the refund that it is about. */
  subjectId: string
  previous: { status?: TrackerStatus }
}

export interface WebhookRecord {
  id: string
  url: string
  secret: string | null
  customHeaders: { name: string; value: string }[]
  createdAtMs: number
}

/** What the journal holds: every change, with the ids and times that were drawn for it, so that a replay makes the same world. */
type Entry =
  | { type: 'address.create'; address: WireAddress }
  | { type: 'parcel.create'; parcel: WireParcel }
  | { type: 'shipment.create'; shipment: ShipmentRecord }
  | { type: 'shipment.rerate'; shipmentId: string; atMs: number; rating: Rating }
  | { type: 'shipment.buy'; shipmentId: string; to: WireAddress; bought: Purchase; tracker: TrackerRecord }
  | { type: 'shipment.refund'; refund: RefundRecord; tracker: TrackerRecord }
  | { type: 'tracker.create'; tracker: TrackerRecord }
  | { type: 'tracker.move'; tracker: TrackerRecord; status: TrackerStatus; atMs: number }
  | { type: 'event'; event: EventRecord }
  | { type: 'event.settled'; eventId: string; webhookId: string; outcome: 'delivered' | 'given_up' }
  | { type: 'webhook.create'; webhook: WebhookRecord }
  | { type: 'webhook.delete'; webhookId: string }

interface World {
  readonly addresses: Map<string, WireAddress>
  readonly parcels: Map<string, WireParcel>
  readonly shipments: Map<string, ShipmentRecord>
  /** The newest shipment with this reference: EasyPost finds shipments by it too, and does not make it unique. */
  readonly shipmentIdOfReference: Map<string, string>
  readonly trackers: Map<string, TrackerRecord>
  readonly trackerIdOfCode: Map<string, string>
  readonly refunds: Map<string, RefundRecord>
  readonly events: EventRecord[]
  readonly webhooks: Map<string, WebhookRecord>
  /** `<event> <webhook>` of all that needs no more sending. */
  readonly settled: Set<string>
}

export interface State extends World {
  /** Changes the world at once, and resolves when the change would survive a crash. */
  commit(entry: Entry): Promise<void>
  close(): Promise<void>
}

/** Opens the double's memory; `record` hears the deeds, those of an earlier life included. */
export async function openState({
  path,
  record,
}: {
  path: string
  record: (deed: Deed) => void
}): Promise<State> {
  const world: World = {
    addresses: new Map(),
    parcels: new Map(),
    shipments: new Map(),
    shipmentIdOfReference: new Map(),
    trackers: new Map(),
    trackerIdOfCode: new Map(),
    refunds: new Map(),
    events: [],
    webhooks: new Map(),
    settled: new Set(),
  }
  const journal = await openJournal<Entry>({
    path,
    apply(entry) {
      apply(world, entry)
      const deed = deedOf(entry)
      if (deed) record(deed)
    },
  })
  return { ...world, commit: (entry) => journal.append(entry), close: () => journal.close() }
}

function apply(world: World, entry: Entry): void {
  switch (entry.type) {
    case 'address.create':
      world.addresses.set(entry.address.id, entry.address)
      return
    case 'parcel.create':
      world.parcels.set(entry.parcel.id, entry.parcel)
      return
    case 'shipment.create':
      world.shipments.set(entry.shipment.id, entry.shipment)
      if (entry.shipment.reference !== null) {
        world.shipmentIdOfReference.set(entry.shipment.reference, entry.shipment.id)
      }
      return
    case 'shipment.rerate':
      changeShipment(world, entry.shipmentId, { ...entry.rating, ratedAtMs: entry.atMs })
      return
    case 'shipment.buy':
      changeShipment(world, entry.shipmentId, { bought: entry.bought, to: entry.to })
      keepTracker(world, entry.tracker)
      return
    case 'shipment.refund':
      world.refunds.set(entry.refund.id, entry.refund)
      changeShipment(world, entry.refund.shipmentId, { refund: entry.refund })
      keepTracker(world, entry.tracker)
      return
    case 'tracker.create':
    case 'tracker.move':
      keepTracker(world, entry.tracker)
      return
    case 'event':
      world.events.push(entry.event)
      return
    case 'event.settled':
      world.settled.add(`${entry.eventId} ${entry.webhookId}`)
      return
    case 'webhook.create':
      world.webhooks.set(entry.webhook.id, entry.webhook)
      return
    case 'webhook.delete':
      world.webhooks.delete(entry.webhookId)
      return
  }
}

function changeShipment(world: World, id: string, change: Partial<ShipmentRecord>): void {
  const shipment = world.shipments.get(id)
  if (shipment) world.shipments.set(id, { ...shipment, ...change })
}

function keepTracker(world: World, tracker: TrackerRecord): void {
  world.trackers.set(tracker.id, tracker)
  world.trackerIdOfCode.set(tracker.trackingCode, tracker.id)
}

const at = (atMs: number): string => new Date(atMs).toISOString()
const summary = ({ carrier, service, minor, currency }: RateRecord) => ({ carrier, service, minor, currency })

/** What the ledger says of an entry. Names and addresses of people stay out of it. */
function deedOf(entry: Entry): Deed | undefined {
  switch (entry.type) {
    case 'shipment.create': {
      const { id, createdAtMs, reference, rates, to } = entry.shipment
      const detail = { reference, country: to.country, rates: rates.length }
      return { at: at(createdAtMs), operation: 'shipments.create', id, detail }
    }
    case 'shipment.buy': {
      const { bought, tracker, shipmentId } = entry
      const detail = { trackingCode: tracker.trackingCode, trackerId: tracker.id, ...summary(bought.rate) }
      return { at: at(bought.atMs), operation: 'shipments.buy', id: shipmentId, detail }
    }
    case 'shipment.refund': {
      const { refund } = entry
      const detail = { refundId: refund.id, trackingCode: refund.trackingCode }
      return { at: at(refund.atMs), operation: 'shipments.refund', id: refund.shipmentId, detail }
    }
    case 'tracker.create': {
      const { id, createdAtMs, trackingCode } = entry.tracker
      return { at: at(createdAtMs), operation: 'trackers.create', id, detail: { trackingCode } }
    }
    case 'tracker.move':
      return {
        at: at(entry.atMs),
        operation: 'trackers.move',
        id: entry.tracker.id,
        detail: { status: entry.status },
      }
    case 'event': {
      const { atMs, id, description, subjectId } = entry.event
      return { at: at(atMs), operation: 'events.create', id, detail: { description, subjectId } }
    }
    case 'shipment.rerate':
      return { at: at(entry.atMs), operation: 'shipments.rerate', id: entry.shipmentId, detail: {} }
    default:
      return undefined
  }
}
