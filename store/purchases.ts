import type { ShipmentId } from '../domain/ids.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** Labels that a carrier was asked to sell and of which nobody knows yet what came of it. */

/** The carrier's own id of a shipment, which sells one label at most, and whose parcel it was asked for. */
export interface Purchase {
  readonly shipmentId: ShipmentId
  readonly carrierShipmentId: string
}

/** What it was asked for may still happen, though nobody hears of it: more than twice as long as an answer is waited for. */
const lastingMs = 25_000

/**
 * Remembers the carrier's own id, and the hour, before a label is asked for, so that a lost answer can be looked up. False: the parcel
 * has its label, or was closed meanwhile, and none is to be bought.
 */
export async function beginPurchase(db: Db, { shipmentId, carrierShipmentId }: Purchase): Promise<boolean> {
  const begun = await changed(
    db,
    `with open as (
       update shipping.shipments set carrier_shipment_id = :carrierShipmentId
       where id = :shipmentId and status = 'pending'
       returning id
     )
     insert into shipping.purchases (shipment_id, carrier_shipment_id)
     select id, :carrierShipmentId from open
     on conflict (shipment_id, carrier_shipment_id) do update set asked_at = now()`,
    { shipmentId, carrierShipmentId },
  )
  return begun === 1
}

/** It is known what came of it, and nothing is left to do. Where the label is stored, that ends it (`storeLabel`). */
export async function endPurchase(db: Db, { shipmentId, carrierShipmentId }: Purchase): Promise<void> {
  await changed(
    db,
    `delete from shipping.purchases
     where shipment_id = :shipmentId and carrier_shipment_id = :carrierShipmentId`,
    { shipmentId, carrierShipmentId },
  )
}

/** What was asked for this parcel, the latest first; `underWay`: it may still take effect. */
export async function purchasesOf(
  db: Db,
  shipmentId: ShipmentId,
): Promise<(Purchase & { readonly underWay: boolean })[]> {
  return rows<Purchase & { underWay: boolean }>(
    db,
    `select shipment_id as "shipmentId", carrier_shipment_id as "carrierShipmentId",
            asked_at > now() - :lastingMs * interval '1 millisecond' as "underWay"
     from shipping.purchases where shipment_id = :shipmentId order by asked_at desc`,
    { shipmentId, lastingMs },
  )
}

/** Purchases that can no longer take effect, for parcels that have another label or wait for another one; the oldest first. */
export async function strayPurchases(db: Db, { limit }: { limit: number }): Promise<Purchase[]> {
  return rows<Purchase>(
    db,
    `select p.shipment_id as "shipmentId", p.carrier_shipment_id as "carrierShipmentId"
     from shipping.purchases as p join shipping.shipments as s on s.id = p.shipment_id
     where p.asked_at < now() - :lastingMs * interval '1 millisecond' and s.status <> 'closed'
       and (s.status <> 'pending' or s.carrier_shipment_id <> p.carrier_shipment_id)
     order by p.asked_at limit :limit`,
    { limit, lastingMs },
  )
}
