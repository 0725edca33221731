import { exponentOf, multiplyHalfUp, sumMinor, timesMinor } from './money.ts'
import type { Currency } from './money.ts'
import {
  countriesOf,
  deliveryDaysOf,
  heaviestParcelGrams,
  parcelStepsGrams,
  unitsFor10kUsd,
  zoneRates,
} from './shipping-rates.ts'
import type { Zone } from './shipping-rates.ts'

/** A price of our own, used when the carrier does not answer in time. The amount is in minor units of the currency asked for. */
export interface TableRate {
  readonly carrier: 'Cartwright Table'
  readonly service: 'Standard' | 'Express'
  readonly amountMinor: number
  readonly deliveryDays: number
}

const zoneByCountry: ReadonlyMap<string, Zone> = new Map(
  (['domestic', 'eu', 'europe', 'northAmerica', 'restOfWorld'] as const).flatMap((zone) =>
    countriesOf[zone].map((country): [string, Zone] => [country, zone]),
  ),
)

/** Every country we ship to (ISO 3166-1 alpha-2, capitals), in alphabetical order. */
export const shippableCountries: readonly string[] = [...zoneByCountry.keys()].sort()

/** Whether we ship to this country (ISO 3166-1 alpha-2, capitals). */
export function isShippable(country: string): boolean {
  return zoneByCountry.has(country)
}

/**
 * Our own rates for goods of this weight and value, the cheaper first; none when we do not ship to that country. What is heavier
 * than one parcel may be goes as several, each paid for. Standard shipping is free from a value of goods that depends on the
 * zone; `subtotalMinor` is that value, in the same currency as the rates.
 *
 * Throws RangeError for a weight or value that is negative or not an integer.
 */
export function tableRates(parcel: {
  readonly country: string
  readonly grams: number
  readonly subtotalMinor: number
  readonly currency: Currency
}): TableRate[] {
  const { country, grams, subtotalMinor, currency } = parcel
  for (const [what, value] of Object.entries({ grams, subtotalMinor })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${what} must be a whole number from 0 up, not ${value}.`)
    }
  }
  const zone = zoneByCountry.get(country)
  if (!zone) return []

  const { freeFromMinor, standardMinor, expressMinor } = zoneRates[currency][zone]
  const days = deliveryDaysOf[zone]
  const free = subtotalMinor >= freeFromMinor
  const carrier = 'Cartwright Table'
  return [
    {
      carrier,
      service: 'Standard',
      amountMinor: free ? 0 : weighed(grams, standardMinor),
      deliveryDays: days.standard,
    },
    { carrier, service: 'Express', amountMinor: weighed(grams, expressMinor), deliveryDays: days.express },
  ]
}

/** As many of the heaviest parcels as it takes, and one for what is left. Something without weight still needs a parcel. */
function weighed(grams: number, pricesMinor: readonly number[]): number {
  const fullParcels = Math.floor(grams / heaviestParcelGrams)
  const restGrams = grams % heaviestParcelGrams
  const restMinor = restGrams > 0 || fullParcels === 0 ? priceAt(restGrams, pricesMinor) : 0
  return sumMinor([timesMinor(priceAt(heaviestParcelGrams, pricesMinor), fullParcels), restMinor])
}

function priceAt(grams: number, pricesMinor: readonly number[]): number {
  const priceMinor = pricesMinor[parcelStepsGrams.findIndex((stepGrams) => grams <= stepGrams)]
  if (priceMinor === undefined) throw new RangeError(`No parcel of ours holds ${grams} g.`)
  return priceMinor
}

/**
 * A carrier's price in another currency, half up, both in minor units. The rates are a fixed table (`unitsFor10kUsd` in
 * `shipping-rates.ts`), which a production shop sets to its own. Throws RangeError for an amount that is negative or not an integer.
 */
export function convertRate(price: {
  readonly amountMinor: number
  readonly from: Currency
  readonly to: Currency
}): number {
  const { amountMinor, from, to } = price
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 0) {
    throw new RangeError(`A rate must be a whole number of minor units from 0 up, not ${amountMinor}.`)
  }
  return multiplyHalfUp(
    amountMinor,
    unitsFor10kUsd[to] * 10 ** exponentOf(to),
    unitsFor10kUsd[from] * 10 ** exponentOf(from),
  )
}
