import type { Address } from '../addresses.ts'
import type { OrderId } from '../ids.ts'
import { formatMoney } from '../money.ts'
import type { Currency } from '../money.ts'
import type { Totals } from '../orders.ts'

/** One line of an order as its customer reads it. Amounts in minor units of the order's currency. */
interface LetterLine {
  readonly name: string
  readonly sku: string
  readonly quantity: number
  readonly unitPriceMinor: number
  /** Quantity × unit price, before discounts and before tax on top, so that the lines add up to the subtotal. */
  readonly totalMinor: number
}

/** What a letter about an order says. All that names a person stands in `personal`. */
export interface OrderLetter {
  readonly orderId: OrderId
  /** The short order number that people read out on the phone. */
  readonly number: string
  readonly currency: Currency
  /** ISO 8601, UTC. */
  readonly placedAt: string
  readonly lines: readonly LetterLine[]
  readonly totals: Totals
  /** How it travels, in words: `DHL Express, 2 days`. */
  readonly shippingLabel: string
  /** Where the customer sees the order; it may hold a token, so it belongs in a letter and nowhere else. */
  readonly orderUrl: string
  readonly personal: { readonly email: string; readonly shipTo: Address }
}

/** A parcel of the order, in a letter that says it has left. */
export interface LetterParcel {
  readonly carrier: string
  readonly service: string
  readonly trackingCode: string
  readonly trackingUrl: string | null
  readonly lines: readonly { readonly name: string; readonly quantity: number }[]
}

/** A mail, ready to be sent: the same content as plain text and as HTML. */
export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** A line of the sum below the goods. `note` stands apart: it explains the total and is not added. */
export interface SumRow {
  readonly label: string
  readonly amount: string
  readonly kind: 'part' | 'total' | 'note'
}

/**
 * The rows of the sum, in the order in which they add up: subtotal − discount + shipping + tax on top + rounding = total.
 * Rows of nothing are left out, shipping excepted: there, nothing is good news.
 */
export function sumRows({ totals, currency }: { totals: Totals; currency: Currency }): SumRow[] {
  const money = (amount: number): string => formatMoney({ amount, currency })
  const part = (label: string, amount: string): SumRow => ({ label, amount, kind: 'part' })
  return [
    part('Subtotal', money(totals.subtotalMinor)),
    ...(totals.discountMinor === 0 ? [] : [part('Discount', money(-totals.discountMinor))]),
    part('Shipping', totals.shippingMinor === 0 ? 'Free' : money(totals.shippingMinor)),
    ...(totals.taxMinor === 0 ? [] : [part('Tax', money(totals.taxMinor))]),
    ...(totals.roundingMinor === 0 ? [] : [part('Rounding', money(totals.roundingMinor))]),
    { label: 'Total', amount: money(totals.totalMinor), kind: 'total' },
    ...(totals.taxIncludedMinor === 0
      ? []
      : [{ label: 'Includes tax of', amount: money(totals.taxIncludedMinor), kind: 'note' } as const]),
  ]
}

/** Names of carriers that are written in one piece although a capital stands in them. */
const wholeNames = /FedEx|YuPack|SmartPost|SurePost/

/**
 * A carrier and its service as a person would say it. Providers write them as one word each, and mostly name the carrier twice:
 * `DHLExpress`, `ExpressWorldwide` is `DHL Express Worldwide`; `UPS`, `UPSStandard` is `UPS Standard`.
 */
export function serviceInWords({ carrier, service }: { carrier: string; service: string }): string {
  const words = (name: string): string[] =>
    wholeNames.test(name)
      ? [name]
      : name
          .replace(/([a-z])([A-Z])/g, '$1 $2')
          .replace(/([A-Z]{2,})([A-Z][a-z])/g, '$1 $2')
          .split(/[\s_]+/)
  const all = [...words(oneLine(carrier)), ...words(oneLine(service))]
  return all.filter((word, index) => word.toLowerCase() !== all[index - 1]?.toLowerCase()).join(' ')
}

/** The day in words, in UTC: `November 22, 2025`. */
export function dayInWords(isoTime: string): string {
  return longDay.format(new Date(isoTime))
}

// Making a format costs a hundred times what using it does.
const longDay = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' })

/** Text from people, made harmless for one line of plain text: no line breaks, no control or direction-changing characters. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim()
}

/** The address if it is one that a browser may be sent to; anything else (`javascript:`, garbage) is no link. */
export function webLink(url: string | null): string | null {
  return url !== null && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : null
}
