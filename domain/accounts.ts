import type { Address } from './addresses.ts'

/**
 * Who buys, and where it goes. Everything that names a person travels below a key `personal`: the payload codec encrypts every
 * payload that has one and leaves the others readable for operators (docs/decisions/payload-codec.md).
 */
export interface Buyer {
  readonly email: string
  readonly shipTo: Address
  readonly billTo: Address | null
}
