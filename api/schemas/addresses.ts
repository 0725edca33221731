import type { Static } from 'typebox'
import type { Address as PostalAddress } from '../../domain/addresses.ts'
import { Refusal } from '../../domain/refusals.ts'
import { isShippable } from '../../domain/shipping.ts'
import { taxPlaceIsKnown } from '../../domain/tax.ts'
import type { Address } from './common.ts'

type AddressBody = Static<typeof Address.schema>

/** An address as it came. Blanks at the ends go, and what is empty is not there. */
export function addressOf(body: AddressBody): PostalAddress {
  const { name, line1, city, country, postal_code: postalCode } = body
  const [line2, region, phone] = [body.line2?.trim(), body.region?.trim(), body.phone?.trim()]
  return {
    name: name.trim(),
    line1: line1.trim(),
    ...(line2 && { line2 }),
    city: city.trim(),
    ...(region && { region }),
    postalCode: postalCode.trim(),
    country,
    ...(phone && { phone }),
  }
}

export function addressView({ postalCode, ...address }: PostalAddress): AddressBody {
  return { ...address, postal_code: postalCode }
}

/**
 * An address that goods are to be sent to. Refuses a country that we do not send to, and a region whose tax we cannot tell: the
 * goods would be sold untaxed, and nobody would notice.
 */
export function destinationOf(body: AddressBody): PostalAddress {
  const address = addressOf(body)
  const { country, region } = address
  if (!isShippable(country)) {
    throw new Refusal('shipping.no_service', 'We do not ship to this country.', { country })
  }
  if (!taxPlaceIsKnown({ country, region })) {
    throw new Refusal(
      'address.region_unknown',
      'Name the state or province by its code, such as "CA" or "ON".',
      {
        country,
      },
    )
  }
  return address
}
