import type { Address } from '../../domain/addresses.ts'
import type { ShipmentId } from '../../domain/ids.ts'
import type { ChosenRate } from '../../domain/orders.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { CarrierGateway, CarrierRate, Label } from '../../gateways/easypost.ts'
import type { Db } from '../../store/db.ts'
import {
  isPurchaseUnderWay,
  readShipment,
  registerShipment,
  rememberCarrierShipment,
  storeLabel,
} from '../../store/shipments.ts'
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

/** A purchase has had its effect after this long, or never will: more than twice as long as its answer is waited for. */
const purchaseMs = 25_000

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

async function labelFor(services: ShippingServices, shipment: Shipment): Promise<Bought> {
  if (shipment.status === 'closed') return unsent(services, shipment)
  if (shipment.trackingCode !== null) return { trackingCode: shipment.trackingCode }

  const label = await boughtFor(services, shipment)
  if (label && (await bookLabel(services, { shipment, label }))) return { trackingCode: label.trackingCode }

  const now = await knownShipment(services, shipment.shipmentId)
  if (now.status === 'closed') return unsent(services, now)
  return now.trackingCode === null ? null : { trackingCode: now.trackingCode }
}

/**
 * A cancellation closed the parcel, perhaps while its label was bought: nobody shall use it. A purchase whose answer nobody heard may
 * still take effect, so the carrier is asked again until that can no longer be.
 */
async function unsent({ db, carrier }: ShippingServices, shipment: Shipment): Promise<null> {
  const { shipmentId, carrierShipmentId } = shipment
  if (carrierShipmentId === null) return null
  const label = await carrier.retrieveLabel(carrierShipmentId)
  if (label.outcome === 'bought') await carrier.voidLabel(carrierShipmentId)
  else if (await isPurchaseUnderWay(db, { shipmentId, lastingMs: purchaseMs })) {
    throw new Error(`Parcel ${shipmentId} is closed, and its carrier may still be selling the label for it.`)
  }
  return null
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
  const { carrier } = services
  const known = await knownOffer(services, shipment)
  if (known && 'trackingCode' in known) return known
  if (known) {
    const label = await carrier.buy(known)
    if (label.outcome === 'bought') return label
  }
  // No rate was quoted, or it can no longer be bought: the carrier is asked anew for the service that the customer chose.
  const offer = await freshOffer(services, shipment)
  const { shipmentId } = shipment
  if (!(await rememberCarrierShipment(services.db, { shipmentId, ...offer }))) return null
  const label = await carrier.buy(offer)
  if (label.outcome === 'bought') return label
  throw refused(shipmentId, label.code)
}

/** What is known at the carrier already: a label, a shipment that could be bought, or nothing. */
async function knownOffer(
  { db, carrier }: ShippingServices,
  shipment: Shipment,
): Promise<Label | Offer | null> {
  const { shipmentId, carrierShipmentId, rate } = shipment
  if (carrierShipmentId === null) {
    const quoted = offerOf(rate)
    return quoted && (await rememberCarrierShipment(db, { shipmentId, ...quoted })) ? quoted : null
  }
  const found = await carrier.retrieveLabel(carrierShipmentId)
  if (found.outcome === 'bought') return found
  const best = bestFor(rate, found.rates)
  const isOpen = best && (await rememberCarrierShipment(db, { shipmentId, carrierShipmentId }))
  return isOpen ? { carrierShipmentId, rateId: best.rateId } : null
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
async function bookLabel(
  { db, pollEveryMs }: ShippingServices,
  { shipment, label }: { shipment: Shipment; label: Label },
): Promise<boolean> {
  const { shipmentId, orderId, cause } = shipment
  const { carrier, service, trackingCode, trackingUrl, labelUrl } = label
  const now = new Date()
  const nextPollAt = new Date(now.getTime() + pollEveryMs).toISOString()
  const data = { orderId, shipmentId, carrier, service, trackingCode, trackingUrl, labelUrl }
  const event = { type: 'Shipment Ready', subject: orderId, at: now.toISOString(), cause, data } as const
  return storeLabel(db, { shipmentId, ...label, nextPollAt, event })
}
