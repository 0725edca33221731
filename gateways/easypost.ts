import type { Address } from '../domain/addresses.ts'
import { shipmentOf, trackingOf } from './easypost/answers.ts'
import type { CarrierRate, Label, ShipmentAnswer, TrackingState } from './easypost/answers.ts'
import { ask, CarrierRefusal, easyPostClient, keptConnections, unreadable } from './easypost/transport.ts'
import type { EasyPostClient } from './easypost/transport.ts'
import { ProviderFault } from './provider-fault.ts'

export type { CarrierRate, Label, TrackingState } from './easypost/answers.ts'

interface Parcel {
  readonly grams: number
  readonly lengthCm?: number
  readonly widthCm?: number
  readonly heightCm?: number
}

type Voiding = 'voided' | 'unbought' | 'refused'

/** The carriers, through EasyPost. Throws `ProviderFault` for everything that is not an answer. */
export interface CarrierGateway {
  /** Registers an unbought shipment and asks for its rates. A refused address is an answer. */
  quote(input: {
    reference: string
    from: Address
    to: Address
    parcel: Parcel
    timeoutMs?: number
  }): Promise<
    | { outcome: 'rates'; carrierShipmentId: string; rates: CarrierRate[] }
    | { outcome: 'no_service'; code: string }
  >
  /** Buys the label; a shipment that already has one answers with it, so a repeat after a lost answer buys nothing. */
  buy(input: {
    carrierShipmentId: string
    rateId: string
  }): Promise<Label | { outcome: 'refused'; code: string }>
  retrieveLabel(carrierShipmentId: string): Promise<Label | { outcome: 'unbought'; rates: CarrierRate[] }>
  /**
   * Takes a label back. `voided` also when that was asked for before; `unbought` when there is none to take back (yet); `refused` once
   * a carrier has the parcel. Getting the postage back may take the carrier weeks and is not waited for.
   */
  voidLabel(carrierShipmentId: string): Promise<{ outcome: Voiding }>
  /**
   * Where these parcels are now: one call per tracker, a few at a time. A tracker that could not be asked is left out, to be asked in
   * the next round; if none could be, the first fault is thrown.
   */
  track(trackerIds: readonly string[]): Promise<TrackingState[]>
}

/** How many trackers are asked about at once. */
const trackedAtOnce = 8

export function createCarrierGateway({
  apiKey,
  baseUrl,
  timeoutMs,
}: {
  apiKey: string
  baseUrl?: string | undefined
  timeoutMs: number
}): CarrierGateway {
  const account = { apiKey, baseUrl, connections: keptConnections(baseUrl) }
  const client = easyPostClient({ ...account, timeoutMs })
  return {
    quote: async ({ timeoutMs: limitMs, ...input }) =>
      quote(limitMs === undefined ? client : easyPostClient({ ...account, timeoutMs: limitMs }), input),
    buy: async (input) => buy(client, input),
    retrieveLabel: async (carrierShipmentId) => {
      const shipment = await retrieve(client, carrierShipmentId)
      return shipment.label ?? { outcome: 'unbought', rates: [...shipment.rates] }
    },
    voidLabel: async (carrierShipmentId) => voidLabel(client, carrierShipmentId),
    track: async (trackerIds) => track(client, trackerIds),
  }
}

async function quote(
  client: EasyPostClient,
  { reference, from, to, parcel }: { reference: string; from: Address; to: Address; parcel: Parcel },
): Promise<Awaited<ReturnType<CarrierGateway['quote']>>> {
  const asked = { operation: 'shipments.create', effect: false }
  const params = {
    reference,
    from_address: wireAddress(from),
    to_address: wireAddress(to),
    parcel: wireParcel(parcel),
    options: { label_format: 'PDF' },
  }
  try {
    const shipment = shipmentOf(await ask({ ...asked, call: async () => client.Shipment.create(params) }))
    if (shipment === null) throw unreadable(asked)
    if (shipment.rates.length > 0) {
      return { outcome: 'rates', carrierShipmentId: shipment.id, rates: [...shipment.rates] }
    }
    // A carrier that is down must not be told to the customer as "nobody delivers to you".
    if (shipment.carrierSilent) {
      throw new ProviderFault({
        provider: 'easypost',
        ...asked,
        code: 'carriers_silent',
        outcomeUnknown: false,
      })
    }
    return { outcome: 'no_service', code: 'no_rates' }
  } catch (error) {
    if (!(error instanceof CarrierRefusal)) throw error
    if (/^(ADDRESS|PARCEL|SHIPMENT)\./.test(error.code)) return { outcome: 'no_service', code: error.code }
    throw asFault(error, asked.operation)
  }
}

async function buy(
  client: EasyPostClient,
  { carrierShipmentId, rateId }: { carrierShipmentId: string; rateId: string },
): Promise<Label | { outcome: 'refused'; code: string }> {
  const asked = { operation: 'shipments.buy', effect: true }
  try {
    const answer = await ask({ ...asked, call: async () => client.Shipment.buy(carrierShipmentId, rateId) })
    const label = shipmentOf(answer)?.label
    if (!label) throw unreadable(asked)
    return label
  } catch (error) {
    if (!(error instanceof CarrierRefusal)) throw error
    if (error.code !== 'SHIPMENT.POSTAGE.EXISTS') return { outcome: 'refused', code: error.code }
    const { label } = await retrieve(client, carrierShipmentId)
    if (!label) throw unreadable(asked)
    return label
  }
}

async function voidLabel(client: EasyPostClient, carrierShipmentId: string): Promise<{ outcome: Voiding }> {
  const asked = { operation: 'shipments.refund', effect: true }
  try {
    const answer = await ask({ ...asked, call: async () => client.Shipment.refund(carrierShipmentId) })
    const shipment = shipmentOf(answer)
    if (shipment === null) throw unreadable(asked)
    return { outcome: voidingOf(shipment) }
  } catch (error) {
    if (!(error instanceof CarrierRefusal)) throw error
    // Refused because of a parcel on the road, a refund that was asked for before, or a label that never was: the shipment tells.
    return { outcome: voidingOf(await retrieve(client, carrierShipmentId)) }
  }
}

/** `not_applicable`: this carrier charges a label when it scans it, so one that is never used costs nothing. */
function voidingOf({ bought, refundStatus, scanned }: ShipmentAnswer): Voiding {
  if (!bought) return 'unbought'
  if (refundStatus === 'submitted' || refundStatus === 'refunded') return 'voided'
  return refundStatus === 'not_applicable' && !scanned ? 'voided' : 'refused'
}

async function retrieve(client: EasyPostClient, carrierShipmentId: string): Promise<ShipmentAnswer> {
  const asked = { operation: 'shipments.retrieve', effect: false }
  try {
    const answer = await ask({ ...asked, call: async () => client.Shipment.retrieve(carrierShipmentId) })
    const shipment = shipmentOf(answer)
    if (shipment === null || (shipment.bought && shipment.label === null)) throw unreadable(asked)
    return shipment
  } catch (error) {
    throw error instanceof CarrierRefusal ? asFault(error, asked.operation) : error
  }
}

async function track(client: EasyPostClient, trackerIds: readonly string[]): Promise<TrackingState[]> {
  const asked = { operation: 'trackers.retrieve', effect: false }
  const waiting = [...trackerIds]
  const states: TrackingState[] = []
  const faults: unknown[] = []
  const askOne = async (trackerId: string): Promise<void> => {
    try {
      const state = trackingOf(await ask({ ...asked, call: async () => client.Tracker.retrieve(trackerId) }))
      if (state === null) throw unreadable(asked)
      states.push(state)
    } catch (error) {
      faults.push(error instanceof CarrierRefusal ? asFault(error, asked.operation) : error)
    }
  }
  const askMany = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await askOne(next)
  }
  await Promise.all(Array.from({ length: Math.min(trackedAtOnce, trackerIds.length) }, askMany))
  if (states.length === 0 && faults.length > 0) throw faults[0]
  return states
}

/** A no to something that only we can have got wrong, e.g. an id that this account does not know. */
function asFault({ code, status }: CarrierRefusal, operation: string): ProviderFault {
  return new ProviderFault({ provider: 'easypost', operation, status, code, outcomeUnknown: false })
}

function wireAddress({ name, line1, line2, city, region, postalCode, country, phone }: Address) {
  return {
    name,
    street1: line1,
    ...(line2 === undefined ? {} : { street2: line2 }),
    city,
    ...(region === undefined ? {} : { state: region }),
    zip: postalCode,
    country,
    ...(phone === undefined ? {} : { phone }),
  }
}

/** EasyPost weighs in ounces and measures in inches. Weights are rounded up to a tenth: a carrier may charge for what it finds. */
function wireParcel({ grams, lengthCm, widthCm, heightCm }: Parcel) {
  const inches = (cm: number): number => Math.ceil((cm / 2.54) * 10) / 10
  return {
    weight: Math.max(Math.ceil((grams / 28.349523125) * 10) / 10, 0.1),
    ...(lengthCm === undefined ? {} : { length: inches(lengthCm) }),
    ...(widthCm === undefined ? {} : { width: inches(widthCm) }),
    ...(heightCm === undefined ? {} : { height: inches(heightCm) }),
  }
}
