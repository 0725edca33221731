/**
 * What EasyPost answers, read with suspicion: its client's types promise fields that are null until a label is bought, and hand out
 * whatever JSON came. Everything here returns null for an answer that is not one.
 */

/** A price for a parcel. Can be bought while the carrier keeps to it, usually for days. */
export interface CarrierRate {
  readonly rateId: string
  readonly carrier: string
  readonly service: string
  /** In minor units of `currency` (ISO 4217), which is the carrier's, not the order's. */
  readonly amountMinor: number
  readonly currency: string
  readonly deliveryDays: number | null
}

/** A label that is bought, and the tracker that came with it. */
export interface Label {
  readonly outcome: 'bought'
  readonly carrierShipmentId: string
  readonly trackerId: string
  readonly trackingCode: string
  readonly trackingUrl: string | null
  readonly labelUrl: string
  readonly carrier: string
  readonly service: string
  readonly costMinor: number
  readonly currency: string
}

const trackingStatuses = [
  'unknown',
  'pre_transit',
  'in_transit',
  'out_for_delivery',
  'delivered',
  'available_for_pickup',
  'return_to_sender',
  'failure',
  'cancelled',
  'error',
] as const
type TrackingStatus = (typeof trackingStatuses)[number]

export interface TrackingState {
  readonly trackerId: string
  readonly trackingCode: string
  readonly status: TrackingStatus
  /** When a carrier first had the parcel in hand, ISO 8601 in UTC; null before. */
  readonly scannedAt: string | null
  /** Oldest first. */
  readonly scans: readonly {
    readonly at: string
    readonly status: TrackingStatus
    readonly message: string
    readonly city?: string
  }[]
}

type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/**
 * An amount that is written as a decimal number, in minor units of its currency, rounded half up. Read digit by digit, because
 * `19.99 * 100` is not 1999. Null for anything that is not an amount.
 */
export function minorOf({ amount, currency }: { amount: string; currency: string }): number | null {
  const parts = /^(\d{1,12})(?:\.(\d*))?$/.exec(amount)
  if (!parts || !/^[A-Z]{3}$/.test(currency)) return null
  const decimals = decimalsOf(currency)
  const digits = (parts[2] ?? '').padEnd(decimals + 1, '0')
  const roundUp = Number(digits.charAt(decimals)) >= 5 ? 1 : 0
  return Number(`${parts[1]}${digits.slice(0, decimals)}`) + roundUp
}

/** By currency, since a format is slow to make; there are fewer than two hundred. */
const decimals = new Map<string, number>()

function decimalsOf(currency: string): number {
  const known = decimals.get(currency)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const found = format.resolvedOptions().maximumFractionDigits ?? 2
  decimals.set(currency, found)
  return found
}

function rateOf(rate: Fields): CarrierRate | null {
  const rateId = textOf(rate['id'])
  const carrier = textOf(rate['carrier'])
  const service = textOf(rate['service'])
  const currency = textOf(rate['currency'])
  const amountMinor = minorOf({ amount: textOf(rate['rate']) ?? '', currency: currency ?? '' })
  if (rateId === null || carrier === null || service === null || currency === null || amountMinor === null) {
    return null
  }
  const days = rate['delivery_days'] ?? rate['est_delivery_days']
  return {
    rateId,
    carrier,
    service,
    amountMinor,
    currency,
    deliveryDays: typeof days === 'number' ? days : null,
  }
}

/** A shipment as far as we use it. `label` is null while none is bought. */
export interface ShipmentAnswer {
  readonly id: string
  readonly rates: readonly CarrierRate[]
  readonly label: Label | null
  readonly bought: boolean
  readonly refundStatus: string | null
  readonly scanned: boolean
  /** Whether a carrier gave no price because it could not be asked, rather than because it will not carry the parcel. */
  readonly carrierSilent: boolean
}

export function shipmentOf(answer: unknown): ShipmentAnswer | null {
  const shipment = fieldsOf(answer)
  const id = textOf(shipment['id'])
  if (id === null || !Array.isArray(shipment['rates'])) return null
  const tracking = trackingOf(shipment['tracker'])
  return {
    id,
    rates: listOf(shipment['rates'])
      .map(rateOf)
      .filter((rate) => rate !== null),
    label: labelOf(shipment),
    bought: textOf(fieldsOf(shipment['postage_label'])['id']) !== null,
    refundStatus: textOf(shipment['refund_status']),
    scanned: tracking !== null && tracking.scannedAt !== null,
    carrierSilent: listOf(shipment['messages']).some((message) => couldNotAnswer(message['message'])),
  }
}

/** The carriers' reasons are prose. These words mean an outage; all others are taken for a no. */
function couldNotAnswer(message: unknown): boolean {
  return /timed? ?out|try again|temporar|could not connect|communicat/i.test(textOf(message) ?? '')
}

function labelOf(shipment: Fields): Label | null {
  const tracker = fieldsOf(shipment['tracker'])
  const rate = rateOf(fieldsOf(shipment['selected_rate']))
  const trackerId = textOf(tracker['id'])
  const trackingCode = textOf(tracker['tracking_code']) ?? textOf(shipment['tracking_code'])
  const labelUrl = textOf(fieldsOf(shipment['postage_label'])['label_url'])
  const carrierShipmentId = textOf(shipment['id'])
  if (
    carrierShipmentId === null ||
    rate === null ||
    trackerId === null ||
    trackingCode === null ||
    labelUrl === null
  )
    return null
  const { carrier, service, amountMinor: costMinor, currency } = rate
  const trackingUrl = textOf(tracker['public_url'])
  return {
    outcome: 'bought',
    carrierShipmentId,
    trackerId,
    trackingCode,
    trackingUrl,
    labelUrl,
    carrier,
    service,
    costMinor,
    currency,
  }
}

/** What a carrier says of a parcel before it has seen it. */
const unseen: readonly TrackingStatus[] = ['unknown', 'pre_transit', 'cancelled', 'error']

export function trackingOf(answer: unknown): TrackingState | null {
  const tracker = fieldsOf(answer)
  const trackerId = textOf(tracker['id'])
  const trackingCode = textOf(tracker['tracking_code'])
  if (trackerId === null || trackingCode === null) return null
  const scans = listOf(tracker['tracking_details']).flatMap((detail) => {
    const at = timeOf(detail['datetime'])
    const city = textOf(fieldsOf(detail['tracking_location'])['city'])
    const status = trackingStatusOf(detail['status'])
    const message = textOf(detail['message']) ?? status
    return at === null ? [] : [{ at, status, message, ...(city === null ? {} : { city }) }]
  })
  const scannedAt = scans.find(({ status }) => !unseen.includes(status))?.at ?? null
  return { trackerId, trackingCode, status: trackingStatusOf(tracker['status']), scannedAt, scans }
}

export function trackingStatusOf(word: unknown): TrackingStatus {
  return trackingStatuses.find((known) => known === word) ?? 'unknown'
}

function timeOf(text: unknown): string | null {
  const time = new Date(textOf(text) ?? '')
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}
