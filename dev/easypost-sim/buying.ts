import { randomInt } from 'node:crypto'
import { addressFaults, verified } from './addresses.ts'
import type { WireAddress } from './addresses.ts'
import { rate } from './rates.ts'
import type { RateRecord, Rating } from './rates.ts'
import { labelFormats } from './shipments.ts'
import type { LabelFormat, Purchase, RefundRecord, ShipmentRecord } from './shipments.ts'
import type { State } from './state.ts'
import { calledOff, newTracker, placeOf, planFor, wasScanned } from './tracking.ts'
import { newId, textOf, WireRefusal } from './wire.ts'
import type { Fields } from './wire.ts'

export function rated(parcel: {
  from: WireAddress
  to: WireAddress
  ounces: number
  options: Fields
}): Rating {
  const { from, to, ounces, options } = parcel
  const deliverable = addressFaults(to).length === 0
  return rate({ from, to, ounces, currency: textOf(options, 'currency') ?? 'USD', deliverable })
}

/** Buys postage, once a shipment. Everything that EasyPost would refuse is refused before anything is written. */
export async function buy(purchase: {
  state: State
  shipment: ShipmentRecord
  rateId: string | null
  insurance: string | null
  nowMs: number
  stepMs: number
  rateTtlMs: number
}): Promise<void> {
  const { state, shipment, insurance, nowMs, stepMs, rateTtlMs } = purchase
  if (shipment.bought) {
    throw new WireRefusal({
      code: 'SHIPMENT.POSTAGE.EXISTS',
      message: 'Postage already exists for this shipment.',
    })
  }
  const chosen = shipment.rates.find(({ id }) => id === purchase.rateId)
  if (!chosen) {
    throw new WireRefusal({
      code: 'SHIPMENT.MISSING_RATE',
      message: 'A valid rate must be supplied in order to purchase a shipment.',
    })
  }
  if (nowMs - shipment.ratedAtMs > rateTtlMs) {
    throw new WireRefusal({
      code: 'SHIPMENT.RATES.UNAVAILABLE',
      message: 'The rates of this shipment have expired. Rate it again.',
    })
  }
  if (/label refused/i.test(shipment.to.street2 ?? '')) {
    throw new WireRefusal({
      code: 'SHIPMENT.POSTAGE.FAILURE',
      message: 'The carrier refused to make a label for this shipment.',
    })
  }
  const tracker = newTracker({
    trackingCode: newTrackingCode(chosen.carrier),
    carrier: chosen.carrier,
    service: chosen.service,
    shipmentId: shipment.id,
    createdAtMs: nowMs,
    scans: [],
    stepMs,
    plan: planFor(shipment.to.street2),
    origin: placeOf(shipment.from),
    destination: placeOf(shipment.to),
  })
  const bought: Purchase = {
    atMs: nowMs,
    rate: { ...chosen },
    trackerId: tracker.id,
    labelId: newId('pl'),
    labelFormat: formatOf(shipment.options),
    insurance,
  }
  const to = shipment.to.country === 'US' ? { ...verified(shipment.to), id: shipment.to.id } : shipment.to
  await state.commit({ type: 'shipment.buy', shipmentId: shipment.id, to, bought, tracker })
}

/** Gives the postage back, unless a carrier has seen the parcel. */
export async function refund(request: {
  state: State
  shipment: ShipmentRecord
  nowMs: number
  stepMs: number
}): Promise<RefundRecord> {
  const { state, shipment, nowMs, stepMs } = request
  const { bought } = shipment
  const tracker = bought && state.trackers.get(bought.trackerId)
  if (!bought || !tracker) {
    throw new WireRefusal({
      code: 'SHIPMENT.POSTAGE.REQUIRED',
      message: 'Unable to request refund. No postage was bought for this shipment.',
    })
  }
  if (shipment.refund) {
    throw new WireRefusal({
      code: 'SHIPMENT.REFUND.UNAVAILABLE',
      message: 'Unable to request refund. A refund was requested before.',
    })
  }
  if (wasScanned(tracker, nowMs)) {
    throw new WireRefusal({
      code: 'SHIPMENT.REFUND.UNAVAILABLE',
      message: 'Unable to request refund. The parcel has been shipped.',
    })
  }
  const given: RefundRecord = {
    id: newId('rfnd'),
    shipmentId: shipment.id,
    trackingCode: tracker.trackingCode,
    carrier: tracker.carrier,
    atMs: nowMs,
    refundedAtMs: nowMs + stepMs,
  }
  await state.commit({ type: 'shipment.refund', refund: given, tracker: calledOff(tracker, given) })
  return given
}

export function formatOf(options: Fields): LabelFormat {
  const asked = (textOf(options, 'label_format') ?? 'PNG').toUpperCase()
  const format = labelFormats.find((known) => known === asked)
  if (!format) {
    throw new WireRefusal({
      code: 'SHIPMENT.POSTAGE.INVALID_FORMAT',
      message: 'The label format must be PNG or PDF.',
    })
  }
  return format
}

const digits = (count: number): string => Array.from({ length: count }, () => randomInt(10)).join('')

/** A tracking number that looks like the carrier's own. */
function newTrackingCode(carrier: string): string {
  switch (carrier) {
    case 'USPS':
      return `94001${digits(17)}`
    case 'UPS':
      return `1Z${digits(16)}`
    case 'RoyalMail':
      return `RM${digits(9)}GB`
    case 'DHLParcel':
      return `JJD0003${digits(15)}`
    default:
      return digits(12)
  }
}

/** One-call buy: the rate that was named by carrier and service. */
export function rateNamed(
  rates: readonly RateRecord[],
  wanted: { carrier: string | null; service: string },
): RateRecord | undefined {
  return rates.find(
    ({ carrier, service }) => service === wanted.service && (wanted.carrier ?? carrier) === carrier,
  )
}
