import type { Address } from '../domain/addresses.ts'
import { quotedParcel } from '../domain/carts.ts'
import type { Cart } from '../domain/carts.ts'
import type { QuoteId } from '../domain/ids.ts'
import { isCurrency } from '../domain/money.ts'
import type { Currency } from '../domain/money.ts'
import type { ChosenRate } from '../domain/orders.ts'
import { subtotalOf } from '../domain/pricing.ts'
import { Refusal } from '../domain/refusals.ts'
import { gramsOf } from '../domain/shipments.ts'
import { convertRate, tableRates } from '../domain/shipping.ts'
import type { CarrierGateway } from '../gateways/easypost.ts'
import { newId } from '../store/ids.ts'
import { fingerprintOf, readQuote, readQuotes, saveQuotes } from '../store/quotes.ts'
import type { Quote } from '../store/quotes.ts'
import type { Services } from './services.ts'

/** How long a rate that was shown can be chosen. */
const validMs = 15 * 60_000
/** A rate that is shown again has at least this long to live: the customer is still filling in his card. */
const freshMs = 5 * 60_000
/** A carrier that is slower than this is not waited for: our own table answers. */
const carrierTimeoutMs = 2_500
/** Nor than this when the order itself can ask once more. */
const headStartMs = 1_000

type Parcel = Pick<Cart, 'id' | 'lines' | 'currency'> & { readonly shipTo: Address }

/**
 * The rates for sending this cart there, cheapest first; the same ones while nothing changed, so that looking twice asks the
 * carrier once. Refuses with `shipping.no_service`.
 */
export async function ratesFor(
  { databases, carrier, shop }: Pick<Services, 'databases' | 'carrier' | 'shop'>,
  parcel: Parcel,
): Promise<Quote[]> {
  const now = Date.now()
  const cartId = parcel.id
  const fingerprint = fingerprintOf(quotedParcel(parcel))
  const until = new Date(now + freshMs).toISOString()
  const shown = await readQuotes(databases.shipping, { cartId, fingerprint, until })
  if (shown.length > 0) return shown

  const asked = await carrierRates(carrier, {
    parcel,
    from: shop.shipFrom,
    timeoutMs: carrierTimeoutMs,
  })
  const rates = asked.length > 0 ? asked : ownRates(parcel)
  const expiresAt = new Date(now + validMs).toISOString()
  const quotes = [...rates]
    .sort((one, other) => one.amountMinor - other.amountMinor)
    .map((rate): Quote => ({ id: newId('rate'), rate, expiresAt }))
  await saveQuotes(databases.shipping, { cartId, fingerprint, quotes })
  return quotes
}

/** The rate that was shown under this id, if it still holds for this very parcel; null otherwise, and then it is asked anew. */
export async function shownRate(
  { databases }: Pick<Services, 'databases'>,
  { quoteId, parcel }: { quoteId: QuoteId; parcel: Parcel },
): Promise<ChosenRate | null> {
  const quote = await readQuote(databases.shipping, {
    quoteId,
    cartId: parcel.id,
    fingerprint: fingerprintOf(quotedParcel(parcel)),
    now: new Date().toISOString(),
  })
  return quote?.rate ?? null
}

/**
 * The cheapest rate for an order that names none: one that its customer was shown, or the carrier's answer now. Asking here spares the
 * order a step (`docs/speed.md`). Null where the carrier is slow, or does not go: then the order asks, and says no if it must.
 */
export async function cheapestRate(
  { databases, carrier, shop }: Pick<Services, 'databases' | 'carrier' | 'shop'>,
  parcel: Parcel,
): Promise<ChosenRate | null> {
  const fingerprint = fingerprintOf(quotedParcel(parcel))
  const until = new Date().toISOString()
  const [shown] = await readQuotes(databases.shipping, { cartId: parcel.id, fingerprint, until })
  if (shown) return shown.rate
  const asked = carrierRates(carrier, { parcel, from: shop.shipFrom, timeoutMs: headStartMs })
  const rates = await asked.catch((error: unknown) => {
    if (error instanceof Refusal) return []
    throw error
  })
  return rates.toSorted((one, other) => one.amountMinor - other.amountMinor)[0] ?? null
}

/** The carrier's rates in the cart's currency; none when it cannot be asked. */
async function carrierRates(
  carrier: CarrierGateway,
  { parcel, from, timeoutMs }: { parcel: Parcel; from: Address; timeoutMs: number },
): Promise<ChosenRate[]> {
  const { id, lines, shipTo, currency } = parcel
  const asked = carrier.quote({
    reference: id,
    from,
    to: shipTo,
    parcel: { grams: gramsOf(lines) },
    timeoutMs,
  })
  const answer = await asked.catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ProviderFault') return null
    throw error
  })
  if (answer === null) return []
  if (answer.outcome === 'no_service') throw noService(shipTo)
  const { carrierShipmentId } = answer
  return answer.rates.flatMap(({ rateId, amountMinor, currency: theirs, ...rate }) =>
    isCurrency(theirs)
      ? [
          {
            source: 'carrier' as const,
            carrier: rate.carrier,
            service: rate.service,
            amountMinor: convertRate({ amountMinor, from: theirs, to: currency }),
            deliveryDays: rate.deliveryDays,
            carrierShipmentId,
            carrierRateId: rateId,
          },
        ]
      : [],
  )
}

/** Our own table, for when the carrier says nothing. */
function ownRates({
  lines,
  shipTo,
  currency,
}: {
  lines: Cart['lines']
  shipTo: Address
  currency: Currency
}): ChosenRate[] {
  const { country } = shipTo
  const rates = tableRates({ country, grams: gramsOf(lines), subtotalMinor: subtotalOf(lines), currency })
  if (rates.length === 0) throw noService(shipTo)
  return rates.map((rate) => ({ ...rate, source: 'table', carrierShipmentId: null, carrierRateId: null }))
}

const noService = ({ country }: Address): Refusal =>
  new Refusal('shipping.no_service', 'We do not ship to this address.', { country })
