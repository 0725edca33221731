import type { Address } from './addresses.ts'
import type { CartId, CartLineId, Sku } from './ids.ts'
import type { Currency } from './money.ts'
import { Refusal } from './refusals.ts'
import { gramsOf } from './shipments.ts'
import type { TaxClass } from './tax.ts'

/** Rules of the cart: how it may change, as functions from a cart to the next one. Prices are always ours, never the client's. */

export const maxCartLines = 100
/** The database knows the same limit (`a_line_holds_something`). */
export const maxLineQuantity = 9_999

/** What we sell a SKU for, and what an order must know of it. Amounts in minor units of the currency that was asked for. */
export interface Offer {
  readonly sku: Sku
  readonly name: string
  readonly unitPriceMinor: number
  readonly taxClass: TaxClass
  readonly grams: number
}

export interface CartLine extends Offer {
  readonly lineId: CartLineId
  readonly quantity: number
}

export interface Cart {
  readonly id: CartId
  readonly currency: Currency
  readonly customerRef: string
  /** `ordered` once it was paid for; then it takes no more changes. */
  readonly status: 'open' | 'ordered'
  /** Raised by every change, by a changed price too. */
  readonly version: number
  readonly shipTo: Address | null
  readonly lines: readonly CartLine[]
}

/** What the shop says about the things in a cart: what is offered, and how many units can still be promised. */
export interface Shelf {
  readonly offers: ReadonlyMap<Sku, Offer>
  readonly available: ReadonlyMap<Sku, number>
}

export const availabilityWords = ['in_stock', 'insufficient', 'out_of_stock', 'discontinued'] as const
export type Availability = (typeof availabilityWords)[number]

/** `insufficient`: there is something, but less than the line wants. `discontinued`: it is no longer sold in this currency. */
export function availabilityOfLine(
  { sku, quantity }: { sku: Sku; quantity: number },
  shelf: Shelf,
): { word: Availability; units: number } {
  if (!shelf.offers.has(sku)) return { word: 'discontinued', units: 0 }
  const units = unitsOf(sku, shelf)
  if (units === 0) return { word: 'out_of_stock', units }
  return { word: units < quantity ? 'insufficient' : 'in_stock', units }
}

/** Adds units of a SKU: to its line if there is one. Refuses what is not sold, what is short, and the line that is one too many. */
export function withUnits(
  cart: Cart,
  { lineId, sku, quantity, shelf }: { lineId: CartLineId; sku: Sku; quantity: number; shelf: Shelf },
): Cart {
  const there = cart.lines.find((line) => line.sku === sku)
  if (there) {
    return withQuantity(cart, { lineId: there.lineId, quantity: there.quantity + quantity, shelf })
  }
  const offer = shelf.offers.get(sku)
  if (!offer) {
    throw new Refusal('sku.unknown', `We do not sell ${sku} in ${cart.currency}.`, { skus: [sku] })
  }
  refuseShortage({ sku, wanted: quantity, shelf })
  if (cart.lines.length >= maxCartLines) {
    throw new Refusal('cart.too_many_lines', `A cart takes ${maxCartLines} different things.`, {
      limit: maxCartLines,
    })
  }
  return { ...cart, lines: [...cart.lines, { ...offer, lineId, quantity }] }
}

/** Sets the quantity of a line. Taking fewer is always allowed, even when less is left than that. */
export function withQuantity(
  cart: Cart,
  { lineId, quantity, shelf }: { lineId: CartLineId; quantity: number; shelf: Shelf },
): Cart {
  const line = lineOf(cart, lineId)
  if (quantity === line.quantity) return cart
  if (quantity > line.quantity) {
    if (!shelf.offers.has(line.sku)) {
      throw new Refusal('sku.unknown', `We no longer sell ${line.sku}.`, { skus: [line.sku] })
    }
    refuseShortage({ sku: line.sku, wanted: quantity, shelf })
  }
  return { ...cart, lines: cart.lines.map((other) => (other === line ? { ...line, quantity } : other)) }
}

export function withoutLine(cart: Cart, lineId: CartLineId): Cart {
  const line = lineOf(cart, lineId)
  return { ...cart, lines: cart.lines.filter((other) => other !== line) }
}

export function withAddress(cart: Cart, shipTo: Address): Cart {
  return sameAddress(cart.shipTo, shipTo) ? cart : { ...cart, shipTo }
}

/**
 * The cart with today's names, prices, tax classes and weights; the same cart when nothing changed. A line that is no longer
 * offered keeps what it was offered for: it is shown as discontinued, and cannot be ordered.
 */
export function withOffers(cart: Cart, offers: Shelf['offers']): Cart {
  const lines = cart.lines.map((line) => {
    const offer = offers.get(line.sku)
    return offer && !sameOffer(line, offer) ? { ...line, ...offer } : line
  })
  return lines.every((line, index) => line === cart.lines[index]) ? cart : { ...cart, lines }
}

/** Refuses a cart that cannot be ordered: one that is closed, empty, or holds what is no longer sold. */
export function refuseUnlessOrderable(cart: Cart, offers: Shelf['offers']): void {
  if (cart.status !== 'open') throw cartClosed(cart.id)
  if (cart.lines.length === 0) {
    throw new Refusal('cart.empty', 'There is nothing in the cart.', { cartId: cart.id })
  }
  const gone = cart.lines.filter((line) => !offers.has(line.sku)).map((line) => line.sku)
  if (gone.length > 0) {
    throw new Refusal('sku.unknown', `We no longer sell ${gone.join(', ')}; take it out of the cart.`, {
      skus: gone,
    })
  }
}

export function cartClosed(cartId: CartId): Refusal {
  return new Refusal('cart.closed', 'This cart is ordered and paid. Start a new one.', { cartId })
}

/**
 * What a shipping rate was quoted for, as text: where to, what, how heavy, in which currency. Names and phone numbers are left
 * out, because they change no price. Two parcels with the same text cost the same to send.
 */
export function quotedParcel({
  shipTo,
  lines,
  currency,
}: Pick<Cart, 'lines' | 'currency'> & { shipTo: Address }): string {
  const { line1, line2 = '', city, region = '', postalCode, country } = shipTo
  const place = [country, region, postalCode, city, line1, line2].map((part) => part.trim().toLowerCase())
  const goods = lines.map(({ sku, quantity, unitPriceMinor }) => [sku, quantity, unitPriceMinor] as const)
  goods.sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([currency, place, goods, gramsOf(lines)])
}

export function sameAddress(one: Address | null, other: Address | null): boolean {
  if (one === null || other === null) return one === other
  const parts = ({ name, line1, line2, city, region, postalCode, country, phone }: Address): string =>
    JSON.stringify([name, line1, line2 ?? '', city, region ?? '', postalCode, country, phone ?? ''])
  return parts(one) === parts(other)
}

function sameOffer(line: CartLine, offer: Offer): boolean {
  return (
    line.name === offer.name &&
    line.unitPriceMinor === offer.unitPriceMinor &&
    line.taxClass === offer.taxClass &&
    line.grams === offer.grams
  )
}

function lineOf(cart: Cart, lineId: CartLineId): CartLine {
  const line = cart.lines.find((candidate) => candidate.lineId === lineId)
  if (!line) throw new Refusal('cart.line_not_found', 'There is no such line in this cart.', { lineId })
  return line
}

const unitsOf = (sku: Sku, shelf: Shelf): number => Math.min(shelf.available.get(sku) ?? 0, maxLineQuantity)

function refuseShortage({ sku, wanted, shelf }: { sku: Sku; wanted: number; shelf: Shelf }): void {
  const available = unitsOf(sku, shelf)
  if (wanted <= available) return
  const detail = available === 0 ? `${sku} is out of stock.` : `Only ${available} of ${sku} are left.`
  throw new Refusal('stock.insufficient', detail, { shortages: [{ sku, wanted, available }] })
}
