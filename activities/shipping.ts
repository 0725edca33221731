import type { Address } from '../domain/addresses.ts'
import type { OrderId, ShipmentId } from '../domain/ids.ts'
import { isCurrency } from '../domain/money.ts'
import type { Currency } from '../domain/money.ts'
import type { ChosenRate } from '../domain/orders.ts'
import { Refusal } from '../domain/refusals.ts'
import { convertRate, isShippable, tableRates } from '../domain/shipping.ts'
import type { CarrierGateway, CarrierRate } from '../gateways/easypost.ts'
import type { Db } from '../store/db.ts'
import type { ShipmentPlan } from '../store/shipments.ts'
import { buyLabel, buyLabelOf } from './shipping/buy-label.ts'
import type { ShippingServices } from './shipping/buy-label.ts'
import { followParcels } from './shipping/follow-parcels.ts'
import { recallParcels } from './shipping/recall.ts'
import type { Recall, RecallParcels } from './shipping/recall.ts'
import { readLostParcel, registerReship } from './shipping/reship.ts'
import type { RegisterReship } from './shipping/reship.ts'

export interface QuoteShipping {
  readonly orderId: OrderId
  readonly grams: number
  readonly subtotalMinor: number
  readonly currency: Currency
  readonly personal: { readonly shipTo: Address }
}

/** A carrier that is slow at checkout costs a customer; after this long the table of rates answers. */
const rateTimeoutMs = 2_000

export function shippingActivities(services: ShippingServices) {
  return {
    /** The carrier's cheapest rate, or our own table's where the carrier cannot be asked. Refuses with `shipping.no_service`. */
    async quoteShipping(parcel: QuoteShipping): Promise<{ rate: ChosenRate }> {
      const { currency, grams, subtotalMinor } = parcel
      const { country } = parcel.personal.shipTo
      if (!isShippable(country)) throw noService(country)

      const rates = await carrierRates(services, parcel)
      const [cheapest] = rates
      if (cheapest) return { rate: cheapest }

      const [table] = tableRates({ country, grams, subtotalMinor, currency })
      if (!table) throw noService(country)
      return { rate: { ...table, source: 'table', carrierShipmentId: null, carrierRateId: null } }
    },

    /**
     * Buys the label of a parcel: at most one live label per shipment, keyed by the shipment's id. Refuses with
     * `shipping.label_refused` when the carrier says no for good; null when the parcel was closed before.
     */
    async buyLabel(input: {
      plan: Omit<ShipmentPlan, 'shipTo'>
      personal: { shipTo: Address }
      cause: string
    }) {
      return buyLabel(services, { plan: { ...input.plan, ...input.personal }, cause: input.cause })
    },

    /** Buys the label of a parcel that goes in the place of another one; null when it was closed before. */
    async labelParcel({ shipmentId }: { shipmentId: ShipmentId }) {
      return buyLabelOf(services, shipmentId)
    },

    /** Takes parcels of a cancelled order back, unless the carrier has them already (`activities/shipping/recall.ts`). */
    async recallParcels(asked: RecallParcels): Promise<Recall> {
      return recallParcels(services, asked)
    },

    /** What is in a parcel that was lost or came back. Refuses with `shipment.unknown` or `shipment.not_lost`. */
    async readLostParcel(parcel: { orderId: OrderId; shipmentId: ShipmentId }) {
      return readLostParcel(services.db, parcel)
    },

    /** Registers the parcels that go in its place; their labels are bought by `labelParcel`. */
    async registerReship(asked: RegisterReship) {
      return registerReship(services.db, asked)
    },

    /** Asks the carrier about parcels that have been silent, a batch at a time. Answers how many it asked about. */
    async followParcels(input: { limit: number; pollEveryMs: number }): Promise<{ asked: number }> {
      return followParcels(services, input)
    },
  }
}

const noService = (country: string): Refusal =>
  new Refusal('shipping.no_service', 'We do not ship to this address.', { country })

/** The carrier's rates in the order's currency, cheapest first; none when it cannot be asked in time. */
async function carrierRates(
  { carrier, shipFrom }: { db: Db; carrier: CarrierGateway; shipFrom: Address },
  { orderId, grams, currency, personal }: QuoteShipping,
): Promise<ChosenRate[]> {
  const parcel = { grams }
  const asked = carrier.quote({
    reference: orderId,
    from: shipFrom,
    to: personal.shipTo,
    parcel,
    timeoutMs: rateTimeoutMs,
  })
  const answer = await asked.catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ProviderFault') return null
    throw error
  })
  if (answer === null) return []
  if (answer.outcome === 'no_service') throw noService(personal.shipTo.country)
  const { carrierShipmentId } = answer
  return answer.rates
    .flatMap((rate) => chosen(rate, { carrierShipmentId, currency }))
    .sort((a, b) => a.amountMinor - b.amountMinor)
}

/** A carrier's rate as we would freeze it; none for a currency that we cannot convert. */
function chosen(
  { rateId, carrier, service, amountMinor, currency: from, deliveryDays }: CarrierRate,
  { carrierShipmentId, currency: to }: { carrierShipmentId: string; currency: Currency },
): ChosenRate[] {
  if (!isCurrency(from)) return []
  return [
    {
      source: 'carrier',
      carrier,
      service,
      amountMinor: convertRate({ amountMinor, from, to }),
      deliveryDays,
      carrierShipmentId,
      carrierRateId: rateId,
    },
  ]
}
