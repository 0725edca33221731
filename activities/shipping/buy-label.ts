import type { Address } from '../../domain/addresses.ts'
import type { ShipmentId } from '../../domain/ids.ts'
import type { ChosenRate } from '../../domain/orders.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { CarrierGateway, CarrierRate, Label } from '../../gateways/easypost.ts'
import type { Db } from '../../store/db.ts'
import { beginPurchase, endPurchase } from '../../store/purchases.ts'
import { readShipment, registerShipment, storeLabel } from '../../store/shipments.ts'
import type { Shipment, ShipmentPlan } from '../../store/shipments.ts'

export interface ShippingServices {
  readonly db: Db
  readonly carrier: CarrierGateway
  readonly shipFrom: Address
  /** How long a parcel may be silent before the carrier is asked where it is. */
  readonly pollEveryMs: number
}

/** What can be bought: a shipment that the carrier knows, and a rate of it. */
interface Offer {
  readonly carrierShipmentId: string
  readonly rateId: string
}

type Bought = { trackingCode: string } | null

export async function buyLabel(
  services: ShippingServices,
  { plan, cause }: { plan: ShipmentPlan; cause: string },
): Promise<Bought> {
  return labelFor(services, await registerShipment(services.db, { plan, cause }))
}

/** The same for a parcel that is registered already. */
export async function buyLabelOf(services: ShippingServices, shipmentId: ShipmentId): Promise<Bought> {
  return labelFor(services, await knownShipment(services, shipmentId))
}

/** A closed parcel gets none: whoever closed it takes back what was bought for it (`recall.ts`). */
async function labelFor(services: ShippingServices, shipment: Shipment): Promise<Bought> {
  if (shipment.status === 'closed') return null
  if (shipment.trackingCode !== null) return { trackingCode: shipment.trackingCode }

  const label = await boughtFor(services, shipment)
  if (label && (await bookLabel(services, { shipment, label }))) return { trackingCode: label.trackingCode }

  const now = await knownShipment(services, shipment.shipmentId)
  return now.status === 'closed' || now.trackingCode === null ? null : { trackingCode: now.trackingCode }
}

async function knownShipment({ db }: ShippingServices, shipmentId: ShipmentId): Promise<Shipment> {
  const shipment = await readShipment(db, shipmentId)
  if (!shipment) throw new Error(`Shipment ${shipmentId} is not registered.`)
  return shipment
}

/**
 * The label of this parcel. A carrier sells one label for each shipment that it knows, so a repeat goes back to the shipment that an
 * earlier try named, whether or not its answer came: only when that one is refused is another made. Null: it was closed meanwhile.
 */
async function boughtFor(services: ShippingServices, shipment: Shipment): Promise<Label | null> {
  const { carrier, db } = services
  const { shipmentId } = shipment
  const known = await knownOffer(services, shipment)
  if (known === 'closed') return null
  if (known && 'trackingCode' in known) return known
  if (known) {
    const label = await carrier.buy(known)
    if (label.outcome === 'bought') return label
  }
  // No rate was quoted, or it can no longer be bought: the carrier is asked anew for the service that the customer chose.
  const offer = await freshOffer(services, shipment)
  if (!(await beginPurchase(db, { shipmentId, ...offer }))) return null
  const label = await carrier.buy(offer)
  if (label.outcome === 'bought') return label
  await endPurchase(db, { shipmentId, ...offer })
  throw refused(shipmentId, label.code)
}

/** What is known at the carrier already: a label, a shipment that could be bought, or nothing. */
async function knownOffer(
  { db, carrier }: ShippingServices,
  shipment: Shipment,
): Promise<Label | Offer | 'closed' | null> {
  const { shipmentId, carrierShipmentId, rate } = shipment
  const begun = async (offer: Offer): Promise<Offer | 'closed'> =>
    (await beginPurchase(db, { shipmentId, ...offer })) ? offer : 'closed'
  if (carrierShipmentId === null) {
    const quoted = offerOf(rate)
    return quoted && begun(quoted)
  }
  const found = await carrier.retrieveLabel(carrierShipmentId)
  if (found.outcome === 'bought') return found
  const best = bestFor(rate, found.rates)
  return best ? begun({ carrierShipmentId, rateId: best.rateId }) : null
}

function offerOf({ carrierShipmentId, carrierRateId }: ChosenRate): Offer | null {
  return carrierShipmentId !== null && carrierRateId !== null
    ? { carrierShipmentId, rateId: carrierRateId }
    : null
}

async function freshOffer({ carrier, shipFrom }: ShippingServices, shipment: Shipment): Promise<Offer> {
  const { shipmentId, shipTo, grams, rate } = shipment
  const answer = await carrier.quote({ reference: shipmentId, from: shipFrom, to: shipTo, parcel: { grams } })
  if (answer.outcome === 'no_service') throw refused(shipmentId, answer.code)
  const best = bestFor(rate, answer.rates)
  if (!best) throw refused(shipmentId, 'no_rates')
  return { carrierShipmentId: answer.carrierShipmentId, rateId: best.rateId }
}

/** The service that the customer chose; else the cheapest. */
function bestFor(chosen: ChosenRate, rates: readonly CarrierRate[]): CarrierRate | undefined {
  const same = rates.find((rate) => rate.carrier === chosen.carrier && rate.service === chosen.service)
  return same ?? [...rates].sort((a, b) => a.amountMinor - b.amountMinor)[0]
}

const refused = (shipmentId: ShipmentId, code: string): Refusal =>
  new Refusal('shipping.label_refused', 'The carrier refuses to sell a label for this parcel.', {
    shipmentId,
    code,
  })

/** Stores the label and announces it. False: the parcel has a label already, or was closed. */
export async function bookLabel(
  { db, pollEveryMs }: Pick<ShippingServices, 'db' | 'pollEveryMs'>,
  { shipment, label }: { shipment: Pick<Shipment, 'shipmentId' | 'orderId' | 'cause'>; label: Label },
): Promise<boolean> {
  const { shipmentId, orderId, cause } = shipment
  const { carrier, service, trackingCode, trackingUrl, labelUrl } = label
  const now = new Date()
  const nextPollAt = new Date(now.getTime() + pollEveryMs).toISOString()
  const data = { orderId, shipmentId, carrier, service, trackingCode, trackingUrl, labelUrl }
  const event = { type: 'Shipment Ready', subject: orderId, at: now.toISOString(), cause, data } as const
  return storeLabel(db, { shipmentId, ...label, nextPollAt, event })
}
