/**
 * A postal address, as the shop keeps it. Over HTTP the same fields are written in snake case (`postal_code`).
 * It is personal data: it stands in rows and letters, never in logs, search attributes or error messages.
 */
export interface Address {
  readonly name: string
  readonly line1: string
  readonly line2?: string
  readonly city: string
  /** State, province or prefecture, where the country's post uses one: `CA`, `ON`, `東京都`. */
  readonly region?: string
  readonly postalCode: string
  /** ISO 3166-1 alpha-2, upper case: `DE`, `US`. */
  readonly country: string
  readonly phone?: string
}

/** Countries whose post writes "city region postal code" on one line, and not "postal code city". */
const cityFirst: readonly string[] = ['AU', 'CA', 'US']
const ownLine: readonly string[] = ['GB', 'IE']

/**
 * The lines of an envelope, without the phone number: name, street, place, country in words. Postal services disagree about the
 * order of a place's parts (Universal Postal Union, S42): this knows the common three and falls back to "postal code city".
 */
export function addressLines(address: Address): string[] {
  const { name, line1, line2, country } = address
  return [name, line1, line2 ?? '', ...placeLines(address), countryName(country)]
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function placeLines({ city, region, postalCode, country }: Address): string[] {
  if (cityFirst.includes(country)) return [`${city}, ${[region, postalCode].filter(Boolean).join(' ')}`]
  if (ownLine.includes(country)) return [city, region ?? '', postalCode]
  return [`${postalCode} ${city}`, region ?? '']
}

/** The country's English name; the code itself when it is not one that is known. */
function countryName(code: string): string {
  try {
    return regionNames.of(code) ?? code
  } catch {
    return code
  }
}

const regionNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' })
