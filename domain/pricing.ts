import { chargeStep, multiplyHalfUp, splitByLargestRemainder, sumMinor, timesMinor } from './money.ts'
import type { Currency } from './money.ts'
import type { Sku } from './ids.ts'
import type { Totals } from './orders.ts'
import { rateScale, taxRuleFor } from './tax.ts'
import type { TaxClass, TaxMode, TaxPlace } from './tax.ts'

/** How many of a thing at which price, in minor units of the order's currency. */
export interface Counted {
  readonly quantity: number
  readonly unitPriceMinor: number
}

/** `Id` is whatever names a line for the caller: an order line's id, a cart line's id. */
export interface LineToPrice<Id extends string = string> extends Counted {
  readonly lineId: Id
  readonly sku: Sku
  readonly taxClass: TaxClass
}

export interface Discount {
  readonly code: string
  readonly amountMinor: number
}

export interface OrderToPrice<Id extends string = string> {
  readonly currency: Currency
  readonly destination: TaxPlace
  readonly lines: readonly LineToPrice<Id>[]
  readonly discounts: readonly Discount[]
  readonly shipping: { readonly amountMinor: number; readonly taxClass: TaxClass }
}

/** The tax of one line. Only one of the two amounts is ever above zero; `taxMode` says which. */
export interface Taxed {
  /** On top: part of `totalMinor`. */
  readonly taxMinor: number
  /** Already inside the price: shown, never added. */
  readonly taxIncludedMinor: number
  readonly taxRatePer100k: number
  readonly taxMode: TaxMode
}

export interface PricedLine<Id extends string = string> extends Taxed {
  readonly lineId: Id
  /** Quantity × unit price. */
  readonly subtotalMinor: number
  /** This line's share of the order's discounts; never more than the subtotal. */
  readonly discountMinor: number
  /** What the customer pays for this line: subtotal − discount + tax on top. */
  readonly totalMinor: number
}

export interface PricedShipping extends Taxed {
  readonly amountMinor: number
  readonly totalMinor: number
}

/**
 * All amounts are safe integers in minor units. I7: total = subtotal + shipping + tax on top − discount + rounding. Rounding brings
 * the total to an amount that a card can be charged in; it is not zero in three-decimal currencies only.
 */
export interface PricedOrder<Id extends string = string> extends Totals {
  readonly currency: Currency
  /** In the order they were given. */
  readonly lines: readonly PricedLine<Id>[]
  readonly shipping: PricedShipping
  /** What each code really took off; the last ones take less when nothing is left to take off. */
  readonly discounts: readonly Discount[]
}

/** The totals of an order alone, without its lines. */
export function totalsOf(priced: PricedOrder): Totals {
  const {
    subtotalMinor,
    discountMinor,
    shippingMinor,
    taxMinor,
    taxIncludedMinor,
    roundingMinor,
    totalMinor,
  } = priced
  return {
    subtotalMinor,
    discountMinor,
    shippingMinor,
    taxMinor,
    taxIncludedMinor,
    roundingMinor,
    totalMinor,
  }
}

function refuseUnless(holds: boolean, sentence: string): void {
  if (!holds) throw new RangeError(sentence)
}

function refuseNegative(amountMinor: number, what: string): void {
  refuseUnless(
    Number.isSafeInteger(amountMinor) && amountMinor >= 0,
    `${what} must be a whole number of minor units from 0 up, not ${amountMinor}.`,
  )
}

function subtotalOfLine({ quantity, unitPriceMinor }: Counted, name: string): number {
  refuseUnless(
    Number.isSafeInteger(quantity) && quantity > 0,
    `The quantity of ${name} must be a whole number from 1 up, not ${quantity}.`,
  )
  refuseNegative(unitPriceMinor, `The price of ${name}`)
  return timesMinor(unitPriceMinor, quantity)
}

/** What the lines cost before discounts, shipping and tax on top, in minor units. Throws RangeError as `priceOrder` does. */
export function subtotalOf(lines: readonly Counted[]): number {
  return sumMinor(lines.map((line) => subtotalOfLine(line, 'a line')))
}

/** Each discount takes off what the ones before it left, so the order never goes below zero. */
function applied(discounts: readonly Discount[], subtotalMinor: number): Discount[] {
  let leftMinor = subtotalMinor
  return discounts.map(({ code, amountMinor }) => {
    refuseNegative(amountMinor, `The discount ${code}`)
    const takenMinor = Math.min(amountMinor, leftMinor)
    leftMinor -= takenMinor
    return { code, amountMinor: takenMinor }
  })
}

/** The tax on an amount after its discount, half up. Included tax is the part of the gross that is tax: gross × rate / (1 + rate). */
function taxOn(amountMinor: number, sale: TaxPlace & { readonly taxClass: TaxClass }): Taxed {
  const { ratePer100k, mode } = taxRuleFor(sale)
  const onTop = mode === 'on_top'
  const taxMinor = multiplyHalfUp(amountMinor, ratePer100k, onTop ? rateScale : rateScale + ratePer100k)
  return {
    taxMinor: onTop ? taxMinor : 0,
    taxIncludedMinor: onTop ? 0 : taxMinor,
    taxRatePer100k: ratePer100k,
    taxMode: mode,
  }
}

/**
 * Prices an order to the last minor unit. Discounts are spread over the lines in proportion to their subtotals, by largest
 * remainder; tax is taken per line, after its discount, half up; shipping is taxed by itself and never discounted. In
 * three-decimal currencies the total is a multiple of ten, as cards are charged so (Stripe, "Three-decimal currencies").
 *
 * Throws RangeError for a quantity below 1, a negative price, discount or shipping, anything that is not an integer, and for
 * orders so large that their amounts are no safe integers.
 */
export function priceOrder<Id extends string>(order: OrderToPrice<Id>): PricedOrder<Id> {
  const { currency, destination } = order
  const subtotals = order.lines.map((line) => subtotalOfLine(line, line.sku))
  const subtotalMinor = sumMinor(subtotals)
  const discounts = applied(order.discounts, subtotalMinor)
  const discountMinor = sumMinor(discounts.map((discount) => discount.amountMinor))
  const shares = splitByLargestRemainder(discountMinor, subtotals)

  const lines = order.lines.map(({ lineId, taxClass }, index): PricedLine<Id> => {
    const lineSubtotalMinor = subtotals[index] ?? 0
    const lineDiscountMinor = shares[index] ?? 0
    const netMinor = lineSubtotalMinor - lineDiscountMinor
    const tax = taxOn(netMinor, { ...destination, taxClass })
    return {
      lineId,
      subtotalMinor: lineSubtotalMinor,
      discountMinor: lineDiscountMinor,
      ...tax,
      totalMinor: sumMinor([netMinor, tax.taxMinor]),
    }
  })
  const shipping = priceShipping(order)

  const payable = [...lines, shipping]
  const exactMinor = sumMinor(payable.map((part) => part.totalMinor))
  const totalMinor = chargeable(exactMinor, currency)
  return {
    currency,
    lines,
    shipping,
    discounts,
    subtotalMinor,
    discountMinor,
    shippingMinor: shipping.amountMinor,
    taxMinor: sumMinor(payable.map((part) => part.taxMinor)),
    taxIncludedMinor: sumMinor(payable.map((part) => part.taxIncludedMinor)),
    roundingMinor: totalMinor - exactMinor,
    totalMinor,
  }
}

function priceShipping({ shipping, destination }: OrderToPrice): PricedShipping {
  refuseNegative(shipping.amountMinor, 'Shipping')
  const tax = taxOn(shipping.amountMinor, { ...destination, taxClass: shipping.taxClass })
  return {
    amountMinor: shipping.amountMinor,
    ...tax,
    totalMinor: sumMinor([shipping.amountMinor, tax.taxMinor]),
  }
}

/** The nearest amount that a card can be charged in, half up. */
function chargeable(amountMinor: number, currency: Currency): number {
  const step = chargeStep(currency)
  return timesMinor(multiplyHalfUp(amountMinor, 1, step), step)
}
