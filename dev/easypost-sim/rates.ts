import { createHash } from 'node:crypto'
import type { WireAddress } from './addresses.ts'
import { newId, seconds } from './wire.ts'

/** A price as the double keeps it; `wireRate` writes it out. Amounts in minor units of `currency`. */
export interface RateRecord {
  id: string
  carrier: string
  service: string
  minor: number
  currency: string
  days: number
}

type Zone = 'domestic' | 'near' | 'far'
/** US cents for the first half kilogram, US cents for every further half, days on the road. */
type Price = readonly [baseCents: number, halfKiloCents: number, days: number]

interface Service {
  carrier: string
  service: string
  /** Countries where this carrier picks up; none means everywhere. */
  from: readonly string[]
  zones: Partial<Record<Zone, Price>>
}

const europe = 'AT BE CH CZ DE DK ES FI FR GB GR HU IE IT LU NL NO PL PT SE SI SK'.split(' ')
const neighbourhoods = [
  europe,
  ['US', 'CA', 'MX'],
  ['JP', 'KR', 'CN', 'TW', 'HK', 'SG'],
  'AE BH KW OM QA SA'.split(' '),
]
const continent = europe.filter((country) => country !== 'GB')

/** Invented, and of the right size. The first of a country is its cheapest. */
const services: readonly Service[] = [
  { carrier: 'USPS', service: 'GroundAdvantage', from: ['US'], zones: { domestic: [593, 85, 3] } },
  { carrier: 'USPS', service: 'Priority', from: ['US'], zones: { domestic: [690, 120, 2] } },
  { carrier: 'USPS', service: 'Express', from: ['US'], zones: { domestic: [3310, 240, 1] } },
  {
    carrier: 'USPS',
    service: 'PriorityMailInternational',
    from: ['US'],
    zones: { near: [3180, 420, 7], far: [4290, 560, 9] },
  },
  {
    carrier: 'DHLParcel',
    service: 'Parcel',
    from: continent,
    zones: { domestic: [549, 45, 2], near: [1290, 110, 4] },
  },
  {
    carrier: 'DPD',
    service: 'Classic',
    from: europe,
    zones: { domestic: [619, 50, 2], near: [1190, 130, 4] },
  },
  { carrier: 'RoyalMail', service: 'Tracked48', from: ['GB'], zones: { domestic: [489, 60, 2] } },
  { carrier: 'RoyalMail', service: 'Tracked24', from: ['GB'], zones: { domestic: [589, 70, 1] } },
  { carrier: 'JapanPost', service: 'YuPack', from: ['JP'], zones: { domestic: [720, 60, 2] } },
  {
    carrier: 'Aramex',
    service: 'DomesticExpress',
    from: ['KW', 'AE', 'SA'],
    zones: { domestic: [450, 90, 2], near: [1650, 210, 3] },
  },
  {
    carrier: 'UPS',
    service: 'UPSStandard',
    from: [],
    zones: { domestic: [989, 95, 2], near: [1790, 190, 3] },
  },
  { carrier: 'UPS', service: 'UPSSaver', from: [], zones: { near: [3490, 380, 2], far: [5290, 690, 3] } },
  {
    carrier: 'DHLExpress',
    service: 'ExpressWorldwide',
    from: [],
    zones: { domestic: [1890, 180, 1], near: [3290, 350, 1], far: [4890, 620, 3] },
  },
]

const heaviestGrams = 31_500

/** Fixed, so that the same parcel costs the same tomorrow. Units of the currency for one US dollar, and its decimals (ISO 4217). */
const currencies: Partial<Record<string, { perDollar: number; decimals: number }>> = {
  USD: { perDollar: 1, decimals: 2 },
  EUR: { perDollar: 0.92, decimals: 2 },
  GBP: { perDollar: 0.79, decimals: 2 },
  JPY: { perDollar: 150, decimals: 0 },
  KWD: { perDollar: 0.31, decimals: 3 },
}

function zoneOf({ from, to }: { from: string; to: string }): Zone {
  if (from === to) return 'domestic'
  return neighbourhoods.some((area) => area.includes(from) && area.includes(to)) ? 'near' : 'far'
}

export interface Rating {
  rates: RateRecord[]
  /** Why carriers gave no price, in EasyPost's shape. */
  messages: { carrier: string; carrier_account_id: string; type: 'rate_error'; message: string }[]
}

/**
 * What the carriers ask for a parcel. Rates are in US dollars unless the shipment's `currency` option names another that is known, as
 * with EasyPost ("if the carrier allows it").
 */
export function rate(parcel: {
  from: WireAddress
  to: WireAddress
  ounces: number
  currency: string
  deliverable: boolean
}): Rating {
  const { from, to, ounces, deliverable } = parcel
  const zone = zoneOf({ from: from.country, to: to.country })
  const grams = ounces * 28.349523125
  const currency = currencies[parcel.currency] === undefined ? 'USD' : parcel.currency
  const rating: Rating = { rates: [], messages: [] }
  for (const { carrier, service, from: origins, zones } of services) {
    const price = zones[zone]
    if (price === undefined || (origins.length > 0 && !origins.includes(from.country))) continue
    const reason =
      grams > heaviestGrams
        ? 'Parcel exceeds the maximum weight of 31.5 kg.'
        : 'Recipient address could not be found.'
    if (!deliverable || grams > heaviestGrams) {
      if (rating.messages.every((message) => message.carrier !== carrier)) {
        rating.messages.push({
          carrier,
          carrier_account_id: accountOf(carrier),
          type: 'rate_error',
          message: reason,
        })
      }
      continue
    }
    const [baseCents, halfKiloCents, days] = price
    const cents = baseCents + halfKiloCents * Math.max(Math.ceil(grams / 500) - 1, 0)
    rating.rates.push({
      id: newId('rate'),
      carrier,
      service,
      minor: inMinor({ cents, currency }),
      currency,
      days,
    })
  }
  return rating
}

function inMinor({ cents, currency }: { cents: number; currency: string }): number {
  const { perDollar, decimals } = currencies[currency] ?? { perDollar: 1, decimals: 2 }
  return Math.round((cents / 100) * perDollar * 10 ** decimals)
}

/** The account of a carrier: the same in every answer. */
function accountOf(carrier: string): string {
  return `ca_${createHash('md5').update(carrier).digest('hex')}`
}

/** An amount as EasyPost writes it: a decimal number in a string. */
export function decimal({ minor, currency }: { minor: number; currency: string }): string {
  const decimals = currencies[currency]?.decimals ?? 2
  return (minor / 10 ** decimals).toFixed(decimals)
}

export function wireRate({ rate, shipmentId, atMs }: { rate: RateRecord; shipmentId: string; atMs: number }) {
  const { id, carrier, service, minor, currency, days } = rate
  return {
    id,
    object: 'Rate',
    created_at: seconds(atMs),
    updated_at: seconds(atMs),
    mode: 'test',
    service,
    carrier,
    rate: decimal({ minor, currency }),
    currency,
    retail_rate: decimal({ minor: Math.round(minor * 1.35), currency }),
    retail_currency: currency,
    list_rate: decimal({ minor: Math.round(minor * 1.15), currency }),
    list_currency: currency,
    billing_type: 'easypost',
    delivery_days: days,
    delivery_date: null,
    delivery_date_guaranteed: false,
    est_delivery_days: days,
    shipment_id: shipmentId,
    carrier_account_id: accountOf(carrier),
  }
}
