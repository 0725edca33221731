import { countryTaxes } from './tax-rates.ts'

/** What kind of goods it is for the tax office; every product and every shipping service has one. */
export const taxClasses = ['standard', 'reduced', 'zero'] as const
export type TaxClass = (typeof taxClasses)[number]

export function isTaxClass(text: string): text is TaxClass {
  return (taxClasses as readonly string[]).includes(text)
}

/** `included`: the price already contains the tax (VAT, GST in Australia). `on_top`: it is added at checkout (US, Canada). */
export type TaxMode = 'included' | 'on_top'

export interface TaxRule {
  /** Parts per 100,000, because basis points cannot write 6.625 % (New Jersey: 6625). 19 % is 19000. */
  readonly ratePer100k: number
  readonly mode: TaxMode
}

/** Where the goods go: ISO 3166-1 alpha-2 in capitals, and a state or province where the tax depends on it. */
export interface TaxPlace {
  readonly country: string
  readonly region?: string | undefined
}

/** What a rate is a part of. */
export const rateScale = 100_000

const untaxed: TaxRule = { ratePer100k: 0, mode: 'included' }

function countryTaxOf(country: string) {
  return Object.hasOwn(countryTaxes, country) ? countryTaxes[country] : undefined
}

/** `ca`, ` CA ` and `US-CA` are all written `CA`. */
function regionCodeOf({ country, region }: TaxPlace): string {
  const code = (region ?? '').trim().toUpperCase()
  return code.startsWith(`${country}-`) ? code.slice(country.length + 1) : code
}

/**
 * Whether the tax of this place can be told: false for a region that is missing or unknown in a country that taxes by region
 * (US, CA), and for a country that is not in the table. Ask before an address is accepted: a mistyped state would be untaxed.
 */
export function taxPlaceIsKnown(place: TaxPlace): boolean {
  const tax = countryTaxOf(place.country)
  if (!tax) return false
  return !tax.regions || Object.hasOwn(tax.regions, regionCodeOf(place))
}

/**
 * The tax on a sale to a consumer in this place (`tax-rates.ts` has the sources). Class `zero` is free of tax everywhere. Without
 * a known region, a country that taxes by region takes its federal rate only (US: nothing, CA: 5 % GST). A country that is not in
 * the table is untaxed; every country that we ship to is in it.
 */
export function taxRuleFor(sale: TaxPlace & { readonly taxClass: TaxClass }): TaxRule {
  const tax = countryTaxOf(sale.country)
  if (!tax) return untaxed
  if (sale.taxClass === 'zero') return { ratePer100k: 0, mode: tax.mode }

  const code = regionCodeOf(sale)
  const regional = tax.regions && Object.hasOwn(tax.regions, code) ? tax.regions[code] : undefined
  return { ratePer100k: regional ?? tax[sale.taxClass], mode: tax.mode }
}
