import type { WireAddress } from './addresses.ts'
import { decimal, wireRate } from './rates.ts'
import type { RateRecord, Rating } from './rates.ts'
import { wireTracker } from './tracking.ts'
import type { TrackerRecord } from './tracking.ts'
import { fieldsOf, newId, numberOf, required, seconds, textOf, WireRefusal } from './wire.ts'
import type { Fields } from './wire.ts'

export interface WireParcel {
  id: string
  object: 'Parcel'
  created_at: string
  updated_at: string
  length: number | null
  width: number | null
  height: number | null
  predefined_package: string | null
  /** Ounces. */
  weight: number
  mode: 'test'
}

export const labelFormats = ['PNG', 'PDF'] as const
export type LabelFormat = (typeof labelFormats)[number]

/** A shipment as the double keeps it; `wireShipment` writes it out. */
export interface ShipmentRecord {
  id: string
  createdAtMs: number
  ratedAtMs: number
  reference: string | null
  options: Fields
  isReturn: boolean
  from: WireAddress
  to: WireAddress
  parcel: WireParcel
  customsInfo: Fields | null
  rates: RateRecord[]
  messages: Rating['messages']
  bought: Purchase | null
  refund: RefundRecord | null
}

export interface Purchase {
  atMs: number
  rate: RateRecord
  trackerId: string
  labelId: string
  labelFormat: LabelFormat
  insurance: string | null
}

export interface RefundRecord {
  id: string
  shipmentId: string
  trackingCode: string
  carrier: string
  atMs: number
  /** When the carrier will have given the postage back. */
  refundedAtMs: number
}

export function parcelFrom(input: unknown, nowMs: number): WireParcel {
  const fields = fieldsOf(input)
  const weight = numberOf(fields, 'weight')
  if (weight === null) throw required('parcel.weight')
  if (weight <= 0) {
    throw new WireRefusal({
      code: 'PARCEL.INVALID',
      message: 'The parcel is invalid.',
      errors: [{ field: 'weight', message: 'must be greater than 0' }],
    })
  }
  return {
    id: newId('prcl'),
    object: 'Parcel',
    created_at: seconds(nowMs),
    updated_at: seconds(nowMs),
    length: numberOf(fields, 'length'),
    width: numberOf(fields, 'width'),
    height: numberOf(fields, 'height'),
    predefined_package: textOf(fields, 'predefined_package'),
    weight,
    mode: 'test',
  }
}

/** Customs papers as they were sent, in EasyPost's shape. The double does not ask for them. */
export function customsFrom(input: unknown, nowMs: number): Fields | null {
  if (input === null || input === undefined) return null
  const fields = fieldsOf(input)
  const stamp = { created_at: seconds(nowMs), updated_at: seconds(nowMs) }
  const items = Array.isArray(fields['customs_items']) ? fields['customs_items'] : []
  return {
    id: newId('cstinfo'),
    object: 'CustomsInfo',
    ...stamp,
    contents_explanation: fields['contents_explanation'] ?? null,
    contents_type: textOf(fields, 'contents_type'),
    customs_certify: fields['customs_certify'] === true,
    customs_signer: textOf(fields, 'customs_signer'),
    eel_pfc: textOf(fields, 'eel_pfc'),
    non_delivery_option: textOf(fields, 'non_delivery_option') ?? 'return',
    restriction_comments: textOf(fields, 'restriction_comments'),
    restriction_type: textOf(fields, 'restriction_type') ?? 'none',
    mode: 'test',
    declaration: textOf(fields, 'declaration'),
    customs_items: items.map((item: unknown) => customsItem(fieldsOf(item), stamp)),
  }
}

function customsItem(item: Fields, stamp: Fields): Fields {
  return {
    id: newId('cstitem'),
    object: 'CustomsItem',
    ...stamp,
    description: textOf(item, 'description'),
    hs_tariff_number: textOf(item, 'hs_tariff_number'),
    origin_country: textOf(item, 'origin_country'),
    quantity: numberOf(item, 'quantity') ?? 1,
    value: String(numberOf(item, 'value') ?? 0),
    weight: numberOf(item, 'weight'),
    code: textOf(item, 'code'),
    mode: 'test',
    manufacturer: textOf(item, 'manufacturer'),
    currency: textOf(item, 'currency'),
    eccn: null,
    printed_commodity_identifier: null,
  }
}

export interface Urls {
  readonly label: (file: string) => string
  readonly tracking: (trackerId: string) => string
}

/** The whole shipment as every answer about it shows it. */
export function wireShipment({
  shipment,
  tracker,
  nowMs,
  urls,
}: {
  shipment: ShipmentRecord
  tracker: TrackerRecord | undefined
  nowMs: number
  urls: Urls
}) {
  const { id, bought, refund, rates, createdAtMs, ratedAtMs } = shipment
  const tracking = tracker && wireTracker({ tracker, nowMs, publicUrl: urls.tracking })
  return {
    created_at: seconds(createdAtMs),
    is_return: shipment.isReturn,
    messages: shipment.messages,
    mode: 'test',
    options: shipment.options,
    reference: shipment.reference,
    status: tracking?.status ?? 'unknown',
    tracking_code: tracker?.trackingCode ?? null,
    updated_at: seconds(refund?.atMs ?? bought?.atMs ?? ratedAtMs),
    batch_id: null,
    batch_status: null,
    batch_message: null,
    customs_info: shipment.customsInfo,
    from_address: shipment.from,
    insurance: bought?.insurance ?? null,
    order_id: null,
    parcel: shipment.parcel,
    postage_label: bought && wireLabel({ bought, urls }),
    rates: rates.map((rate) => wireRate({ rate, shipmentId: id, atMs: ratedAtMs })),
    refund_status: refund && refundStatusAt(refund, nowMs),
    scan_form: null,
    selected_rate: bought && wireRate({ rate: bought.rate, shipmentId: id, atMs: bought.atMs }),
    tracker: tracking ?? null,
    to_address: shipment.to,
    usps_zone: shipment.from.country === 'US' && shipment.to.country === 'US' ? 4 : null,
    return_address: shipment.from,
    buyer_address: shipment.to,
    forms: [],
    fees: bought ? wireFees(bought) : [],
    id,
    object: 'Shipment',
  }
}

function wireLabel({ bought, urls }: { bought: Purchase; urls: Urls }) {
  const url = urls.label(`${bought.labelId}.${bought.labelFormat.toLowerCase()}`)
  return {
    object: 'PostageLabel',
    id: bought.labelId,
    created_at: seconds(bought.atMs),
    updated_at: seconds(bought.atMs),
    date_advance: 0,
    integrated_form: 'none',
    label_date: seconds(bought.atMs),
    label_resolution: 300,
    label_size: '4x6',
    label_type: 'default',
    label_file_type: bought.labelFormat === 'PDF' ? 'application/pdf' : 'image/png',
    label_url: url,
    label_pdf_url: bought.labelFormat === 'PDF' ? url : null,
    label_zpl_url: null,
    label_epl2_url: null,
    label_file: null,
  }
}

function wireFees({ rate, insurance }: Purchase) {
  const fee = (type: string, amount: number) => ({
    object: 'Fee',
    type,
    amount: amount.toFixed(5),
    charged: true,
    refunded: false,
  })
  return [
    fee('LabelFee', 0),
    fee('PostageFee', Number(decimal(rate))),
    ...(insurance === null ? [] : [fee('InsuranceFee', Number(insurance) / 100)]),
  ]
}

function refundStatusAt({ refundedAtMs }: RefundRecord, nowMs: number): 'submitted' | 'refunded' {
  return nowMs >= refundedAtMs ? 'refunded' : 'submitted'
}

export function wireRefund(refund: RefundRecord, nowMs: number) {
  return {
    id: refund.id,
    object: 'Refund',
    created_at: seconds(refund.atMs),
    updated_at: seconds(Math.min(nowMs, refund.refundedAtMs)),
    tracking_code: refund.trackingCode,
    confirmation_number: null,
    status: refundStatusAt(refund, nowMs),
    carrier: refund.carrier,
    shipment_id: refund.shipmentId,
  }
}
