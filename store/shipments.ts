import type { Address } from '../domain/addresses.ts'
import type { DomainEvent } from '../domain/events.ts'
import type { OrderId, OrderLineId, ReshipId, ShipmentId, Sku, WarehouseId } from '../domain/ids.ts'
import type { ChosenRate } from '../domain/orders.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'
import { asRecords } from './outbox.ts'

export const shipmentStatuses = [
  'pending',
  'ready',
  'handed_over',
  'delivered',
  'lost',
  'returned',
  'closed',
] as const
export type ShipmentStatus = (typeof shipmentStatuses)[number]

export interface ShipmentLine {
  readonly lineId: OrderLineId
  readonly sku: Sku
  readonly quantity: number
}

/** A parcel that is to be sent: what is in it, from where, to whom, by which rate. */
export interface ShipmentPlan {
  readonly shipmentId: ShipmentId
  readonly orderId: OrderId
  readonly number: number
  readonly warehouseId: WarehouseId
  readonly lines: readonly ShipmentLine[]
  readonly shipTo: Address
  readonly grams: number
  readonly rate: ChosenRate
}

export interface Shipment extends ShipmentPlan {
  readonly status: ShipmentStatus
  readonly carrierShipmentId: string | null
  readonly carrier: string | null
  readonly service: string | null
  readonly trackerId: string | null
  readonly trackingCode: string | null
  readonly trackingUrl: string | null
  readonly labelUrl: string | null
  /** What asked for it, of a parcel that goes in the place of one that did not arrive. */
  readonly reshipId: ReshipId | null
  readonly cause: string
}

/** The columns of a `Shipment`. */
export const selectShipments = `
  id as "shipmentId", order_id as "orderId", number, warehouse_id as "warehouseId", lines, ship_to as "shipTo", grams, rate,
  status, carrier_shipment_id as "carrierShipmentId", carrier, service, tracker_id as "trackerId",
  tracking_code as "trackingCode", tracking_url as "trackingUrl", label_url as "labelUrl", reship_id as "reshipId", cause`

/** Registers a parcel, or finds it as it was registered before (a repeat) or closed (a cancellation was faster). */
export async function registerShipment(
  db: Db,
  { plan, cause }: { plan: ShipmentPlan; cause: string },
): Promise<Shipment> {
  const [registered] = await rows<Shipment>(
    db,
    `insert into shipping.shipments (id, order_id, number, warehouse_id, status, lines, ship_to, grams, rate, cause)
     values (:shipmentId, :orderId, :number, :warehouseId, 'pending', :lines, :shipTo, :grams, :rate, :cause)
     on conflict (id) do nothing
     returning ${selectShipments}`,
    {
      ...plan,
      lines: JSON.stringify(plan.lines),
      shipTo: JSON.stringify(plan.shipTo),
      rate: JSON.stringify(plan.rate),
      cause,
    },
  )
  if (registered) return registered
  const shipment = await readShipment(db, plan.shipmentId)
  if (!shipment) throw new Error(`Shipment ${plan.shipmentId} was neither registered nor found.`)
  return shipment
}

export async function readShipment(db: Db, shipmentId: ShipmentId): Promise<Shipment | null> {
  const [shipment] = await rows<Shipment>(
    db,
    `select ${selectShipments} from shipping.shipments where id = :shipmentId`,
    { shipmentId },
  )
  return shipment ?? null
}

export interface BoughtLabel {
  readonly shipmentId: ShipmentId
  readonly carrierShipmentId: string
  readonly trackerId: string
  readonly trackingCode: string
  readonly trackingUrl: string | null
  readonly labelUrl: string
  readonly carrier: string
  readonly service: string
  readonly costMinor: number
  readonly currency: string
  readonly nextPollAt: string
}

/**
 * `pending → ready`, announced in the same statement, which also ends the purchase. False: it has its label already, or was closed.
 */
export async function storeLabel(
  db: Db,
  { event, ...label }: BoughtLabel & { event: Omit<DomainEvent, 'id'> },
): Promise<boolean> {
  const stored = await rows(
    db,
    `with stored as (
       update shipping.shipments
       set status = 'ready', carrier_shipment_id = :carrierShipmentId, tracker_id = :trackerId,
           tracking_code = :trackingCode, tracking_url = :trackingUrl, label_url = :labelUrl, carrier = :carrier, service = :service, cost_minor = :costMinor,
           cost_currency = :currency, next_poll_at = :nextPollAt
       where id = :shipmentId and status = 'pending'
       returning id
     ), heard as (
       delete from shipping.purchases
       where shipment_id in (select id from stored) and carrier_shipment_id = :carrierShipmentId
     ), announced as (
       insert into shipping.outbox (event_id, type, subject, at, cause, data)
       select :eventId, :type, :subject, cast(:at as timestamptz), :cause, cast(:data as jsonb) from stored
     )
     select id from stored`,
    { ...label, ...event, eventId: newId('evt'), data: JSON.stringify(event.data) },
  )
  return stored.length === 1
}

/** Parcels about which the carrier is to be asked, locked for this transaction; what another poller has is skipped. */
export async function dueShipments(
  trx: Db,
  { now, limit, nextPollAt }: { now: string; limit: number; nextPollAt: string },
): Promise<Shipment[]> {
  return rows<Shipment>(
    trx,
    `update shipping.shipments set next_poll_at = :nextPollAt
     where id in (
       select id from shipping.shipments where next_poll_at <= :now
       order by next_poll_at limit :limit for update skip locked
     )
     returning ${selectShipments}`,
    { now, limit, nextPollAt },
  )
}

/** Parcels by the carrier's trackers; a tracker that is nobody's is left out. */
export async function shipmentsByTracker(db: Db, trackerIds: readonly string[]): Promise<Shipment[]> {
  if (trackerIds.length === 0) return []
  return rows<Shipment>(
    db,
    `select ${selectShipments} from shipping.shipments where tracker_id = any(:trackerIds)`,
    {
      trackerIds: [...trackerIds],
    },
  )
}

/** Puts off the next question about parcels that were just heard of; one about which nothing is asked any more stays so. */
export async function putOffPolls(
  db: Db,
  { shipmentIds, nextPollAt }: { shipmentIds: readonly ShipmentId[]; nextPollAt: string },
): Promise<void> {
  if (shipmentIds.length === 0) return
  await changed(
    db,
    `update shipping.shipments set next_poll_at = :nextPollAt
     where id = any(:shipmentIds) and next_poll_at < :nextPollAt`,
    { shipmentIds: [...shipmentIds], nextPollAt },
  )
}

export interface Scan {
  readonly at: string
  readonly status: string
  readonly message: string
  readonly place: string | null
}

/** A step of a parcel on its way, and what is announced of it. */
export interface TrackedMove {
  readonly shipmentId: ShipmentId
  readonly scans: readonly Scan[]
  readonly from: ShipmentStatus
  /** Where it is now; the same where it has only been seen. */
  readonly to: ShipmentStatus
  readonly nextPollAt: string | null
  readonly events: readonly Omit<DomainEvent, 'id'>[]
}

/**
 * Writes down where the carrier saw a parcel and, in the same statement, moves it on and announces that, if it still is where it was:
 * otherwise somebody was faster.
 */
export async function bookTracking(db: Db, { scans, events, ...move }: TrackedMove): Promise<void> {
  await changed(
    db,
    `with seen as (
       insert into shipping.scans (shipment_id, at, status, message, place)
       select :shipmentId, s.at, s.status, s.message, s.place
       from jsonb_to_recordset(cast(:scans as jsonb)) as s (at timestamptz, status text, message text, place text)
       on conflict (shipment_id, at, status) do nothing
     ), moved as (
       update shipping.shipments set status = :to, next_poll_at = :nextPollAt
       where id = :shipmentId and status = :from and status <> :to
       returning id
     )
     insert into shipping.outbox (event_id, type, subject, at, cause, data)
     select e."eventId", e.type, e.subject, e.at, e.cause, e.data
     from moved, jsonb_to_recordset(cast(:events as jsonb)) as e
       (position integer, "eventId" text, type text, subject text, at timestamptz, cause text, data jsonb)
     order by e.position`,
    {
      ...move,
      scans: JSON.stringify(scans),
      events: asRecords(events),
    },
  )
}
