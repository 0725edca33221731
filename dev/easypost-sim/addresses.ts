import { fieldsOf, newId, secondsWithOffset, textOf, WireRefusal } from './wire.ts'
import type { FieldError, Fields } from './wire.ts'

export interface WireAddress {
  id: string
  object: 'Address'
  created_at: string
  updated_at: string
  name: string | null
  company: string | null
  street1: string | null
  street2: string | null
  city: string | null
  state: string | null
  zip: string | null
  country: string
  phone: string | null
  email: string | null
  mode: 'test'
  carrier_facility: string | null
  residential: boolean | null
  federal_tax_id: string | null
  state_tax_id: string | null
  verifications: Fields
}

/** An address as it was sent. One without a country is taken for American, as EasyPost does. */
export function addressFrom(input: unknown, nowMs: number): WireAddress {
  const fields = fieldsOf(input)
  const country = textOf(fields, 'country') ?? 'US'
  if (!/^[A-Z]{2}$/.test(country)) {
    throw new WireRefusal({
      code: 'ADDRESS.COUNTRY.INVALID',
      message: "Invalid 'country', please provide a 2 character ISO country code.",
      errors: [{ field: 'country', message: 'invalid' }],
    })
  }
  return {
    id: newId('adr'),
    object: 'Address',
    created_at: secondsWithOffset(nowMs),
    updated_at: secondsWithOffset(nowMs),
    name: textOf(fields, 'name'),
    company: textOf(fields, 'company'),
    street1: textOf(fields, 'street1'),
    street2: textOf(fields, 'street2'),
    city: textOf(fields, 'city'),
    state: textOf(fields, 'state'),
    zip: textOf(fields, 'zip'),
    country,
    phone: textOf(fields, 'phone'),
    email: textOf(fields, 'email'),
    mode: 'test',
    carrier_facility: null,
    residential: null,
    federal_tax_id: null,
    state_tax_id: null,
    verifications: {},
  }
}

/** Postal codes of countries that people try; of the others any short text is taken. */
const postalCodes: Partial<Record<string, RegExp>> = {
  AT: /^\d{4}$/,
  AU: /^\d{4}$/,
  BE: /^\d{4}$/,
  CA: /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i,
  CH: /^\d{4}$/,
  DE: /^\d{5}$/,
  DK: /^\d{4}$/,
  ES: /^\d{5}$/,
  FR: /^\d{5}$/,
  GB: /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/i,
  IT: /^\d{5}$/,
  JP: /^\d{3}-?\d{4}$/,
  KW: /^\d{5}$/,
  NL: /^\d{4} ?[A-Z]{2}$/i,
  PL: /^\d{2}-?\d{3}$/,
  SE: /^\d{3} ?\d{2}$/,
  US: /^\d{5}(-\d{4})?$/,
}

/** Why nobody would find this address; empty when somebody would. The rules stand in the README of this folder. */
export function addressFaults({ street1, city, zip, country }: WireAddress): FieldError[] {
  const code = (zip ?? '').trim()
  const shape = postalCodes[country] ?? /^.{1,12}$/
  const nowhere =
    street1 === null ||
    city === null ||
    /undeliverable|unknown street/i.test(street1) ||
    !shape.test(code) ||
    /^[0 -]*1?$/.test(code)
  if (!nowhere) return []
  const faults: FieldError[] = [
    { code: 'E.ADDRESS.NOT_FOUND', field: 'address', message: 'Address not found', suggestion: null },
  ]
  if (street1 !== null && !/\d/.test(street1)) {
    faults.push({
      code: 'E.HOUSE_NUMBER.MISSING',
      field: 'street1',
      message: 'House number is missing',
      suggestion: null,
    })
  }
  return faults
}

/** The address as a verification leaves it: capitals, and the proof. Refused when nobody would find it. */
export function verified(address: WireAddress): WireAddress {
  const errors = addressFaults(address)
  if (errors.length > 0) {
    throw new WireRefusal({ code: 'ADDRESS.VERIFY.FAILURE', message: 'Unable to verify address.', errors })
  }
  const capitals = (text: string | null): string | null => text?.toUpperCase() ?? null
  return {
    ...address,
    name: capitals(address.name),
    company: capitals(address.company),
    street1: capitals(address.street1),
    street2: capitals(address.street2) ?? '',
    city: capitals(address.city),
    residential: false,
    verifications: {
      zip4: { success: true, errors: [], details: null },
      delivery: {
        success: true,
        errors: [],
        details: { latitude: 33.8436, longitude: -118.39177, time_zone: 'America/Los_Angeles' },
      },
    },
  }
}
