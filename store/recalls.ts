import type { CancellationId, OrderId, ReshipId, ShipmentId } from '../domain/ids.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { registerShipment, selectShipments } from './shipments.ts'
import type { Shipment, ShipmentPlan } from './shipments.ts'

/** Parcels that a cancellation takes back. A closed row refuses a label that is bought late (flows.md §4). */

/** A parcel of an order, with what a cancellation did to it. */
export interface OwnParcel extends Shipment {
  readonly recalledBy: CancellationId | null
  readonly voidedAt: string | null
}

/** All parcels of an order by their numbers, locked until the transaction ends: a scan that comes now waits, and is judged after us. */
export async function lockParcels(trx: Db, orderId: OrderId): Promise<OwnParcel[]> {
  return rows<OwnParcel>(
    trx,
    `select ${selectShipments}, recalled_by as "recalledBy", voided_at as "voidedAt"
     from shipping.shipments where order_id = :orderId order by number for update`,
    { orderId },
  )
}

/** What a recall answered, if it has ended. */
export async function readRecall<Answer>(db: Db, cancellationId: CancellationId): Promise<Answer | null> {
  const [recall] = await rows<{ answer: Answer }>(
    db,
    `select answer from shipping.recalls where cancellation_id = :cancellationId`,
    { cancellationId },
  )
  return recall?.answer ?? null
}

export async function writeRecall(
  trx: Db,
  recall: { cancellationId: CancellationId; orderId: OrderId; answer: unknown },
): Promise<void> {
  await changed(
    trx,
    `insert into shipping.recalls (cancellation_id, order_id, answer) values (:cancellationId, :orderId, :answer)
     on conflict do nothing`,
    { ...recall, answer: JSON.stringify(recall.answer) },
  )
}

/** Closes parcels that nobody has taken yet. The rows are locked, so those that were open a moment ago still are. */
export async function closeParcels(
  trx: Db,
  { shipmentIds, cancellationId }: { shipmentIds: readonly ShipmentId[]; cancellationId: CancellationId },
): Promise<void> {
  await changed(
    trx,
    `update shipping.shipments set status = 'closed', recalled_by = :cancellationId, next_poll_at = null
     where id = any(:shipmentIds) and status in ('pending', 'ready')`,
    { shipmentIds: [...shipmentIds], cancellationId },
  )
}

/**
 * Closes a parcel that is not registered yet, before it is: whoever registers it finds it closed. Throws where somebody was faster: who
 * tries again finds it among the others.
 */
export async function shutBeforehand(
  trx: Db,
  { plan, cancellationId, cause }: { plan: ShipmentPlan; cancellationId: CancellationId; cause: string },
): Promise<void> {
  const { lines } = await registerShipment(trx, { plan, cause })
  if (lines.length > 0) throw new Error(`${plan.shipmentId} was registered meanwhile.`)
  await closeParcels(trx, { shipmentIds: [plan.shipmentId], cancellationId })
}

export async function noteVoided(db: Db, { shipmentId }: { shipmentId: ShipmentId }): Promise<void> {
  await changed(
    db,
    `update shipping.shipments set voided_at = now() where id = :shipmentId and status = 'closed'`,
    { shipmentId },
  )
}

/** The carrier has it after all: it goes on, and is asked about at once; one whose label nobody heard of waits for that. */
export async function reopenParcel(
  trx: Db,
  { shipmentId, to, nextPollAt }: { shipmentId: ShipmentId; to: 'pending' | 'ready'; nextPollAt: string },
): Promise<void> {
  await changed(
    trx,
    `update shipping.shipments set status = :to, recalled_by = null, next_poll_at = :nextPollAt
     where id = :shipmentId and status = 'closed'`,
    { shipmentId, to, nextPollAt },
  )
}

/**
 * Registers a parcel that goes in the place of another one; `reshipId` where that one did not arrive. Throws where its number was taken by
 * somebody else meanwhile: who tries again counts on from there.
 */
export async function registerReplacement(
  trx: Db,
  {
    plan,
    replaces,
    reshipId = null,
    cause,
  }: { plan: ShipmentPlan; replaces: ShipmentId; reshipId?: ReshipId | null; cause: string },
): Promise<void> {
  const { shipmentId } = await registerShipment(trx, { plan, cause })
  const ours = await changed(
    trx,
    `update shipping.shipments set replaces = :replaces, reship_id = :reshipId where id = :shipmentId and replaces is null`,
    { replaces, reshipId, shipmentId },
  )
  if (ours === 0) throw new Error(`The number of ${shipmentId} was taken meanwhile.`)
}
