import type { CarrierGateway } from '../../gateways/easypost.ts'
import type { Db } from '../../store/db.ts'
import { endPurchase, purchasesOf, strayPurchases } from '../../store/purchases.ts'
import type { Shipment } from '../../store/shipments.ts'

interface Carrier {
  readonly db: Db
  readonly carrier: CarrierGateway
}

/**
 * Takes back every label of a closed parcel: the one that it has, and all that were asked for and of which nobody heard. Answers the
 * carrier's id of the one that it does not take back, because it has the parcel; null: none is left. Throws while one of them may still
 * be sold: until that is certain, nobody can say who was faster.
 */
export async function takeBackLabels(
  { db, carrier }: Carrier,
  { shipmentId, carrierShipmentId }: Pick<Shipment, 'shipmentId' | 'carrierShipmentId'>,
): Promise<string | null> {
  const asked = await purchasesOf(db, shipmentId)
  const unheard = asked.map((purchase) => purchase.carrierShipmentId)
  for (const id of new Set([...(carrierShipmentId === null ? [] : [carrierShipmentId]), ...unheard])) {
    const { outcome } = await carrier.voidLabel(id)
    if (outcome === 'refused') return id
    if (outcome === 'unbought' && asked.some((each) => each.carrierShipmentId === id && each.underWay)) {
      throw new Error(
        `Parcel ${shipmentId} is closed, and its carrier may still be selling the label for it.`,
      )
    }
    await endPurchase(db, { shipmentId, carrierShipmentId: id })
  }
  return null
}

/**
 * Takes back labels that were bought unheard for parcels that go out under another one. What the carrier does not take back is left,
 * for the reconciliation to report.
 */
export async function takeBackStrays({ db, carrier }: Carrier, { limit }: { limit: number }): Promise<void> {
  for (const stray of await strayPurchases(db, { limit })) {
    const { outcome } = await carrier.voidLabel(stray.carrierShipmentId)
    if (outcome !== 'refused') await endPurchase(db, stray)
  }
}
