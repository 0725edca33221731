import { createHash } from 'node:crypto'
import type { CartId, QuoteId } from '../domain/ids.ts'
import type { ChosenRate } from '../domain/orders.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** A shipping rate that a customer was shown, by the id that comes back with the order. Amounts in the cart's currency. */
export interface Quote {
  readonly id: QuoteId
  readonly rate: ChosenRate
  readonly expiresAt: string
}

/** Names a parcel by what was quoted for it (`quotedParcel`), so that an address stands in one place less. */
export function fingerprintOf(parcel: string): string {
  return createHash('sha256').update(parcel).digest('hex')
}

export async function saveQuotes(
  db: Db,
  { cartId, fingerprint, quotes }: { cartId: CartId; fingerprint: string; quotes: readonly Quote[] },
): Promise<void> {
  if (quotes.length === 0) return
  await db('shipping.quotes').insert(
    quotes.map(({ id, rate, expiresAt }) => ({
      id,
      cart_id: cartId,
      fingerprint,
      rate: JSON.stringify(rate),
      expires_at: expiresAt,
    })),
  )
}

/** The rates that were shown for this very parcel and are good beyond `until`, cheapest first. */
export async function readQuotes(
  db: Db,
  { cartId, fingerprint, until }: { cartId: CartId; fingerprint: string; until: string },
): Promise<Quote[]> {
  return rows<Quote>(
    db,
    `select id, rate, expires_at as "expiresAt" from shipping.quotes
     where cart_id = :cartId and fingerprint = :fingerprint and expires_at > :until
     order by (rate->>'amountMinor')::bigint, id`,
    { cartId, fingerprint, until },
  )
}

/** The rate behind an id, if it was shown for this cart and this very parcel and is still good at `now`. */
export async function readQuote(
  db: Db,
  quote: { quoteId: QuoteId; cartId: CartId; fingerprint: string; now: string },
): Promise<Quote | null> {
  const [found] = await rows<Quote>(
    db,
    `select id, rate, expires_at as "expiresAt" from shipping.quotes
     where id = :quoteId and cart_id = :cartId and fingerprint = :fingerprint and expires_at > :now`,
    quote,
  )
  return found ?? null
}
