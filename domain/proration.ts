import { chargeStep, multiplyHalfUp, sumMinor, timesMinor } from './money.ts'
import type { Currency } from './money.ts'

/**
 * A line as far as money that goes back is concerned. `settled` units are those whose money is given back or on its way: cancelled
 * ones, and those that an admin refunded. Amounts are what the customer paid for the line, after discounts and with tax.
 */
export interface SettledLine {
  readonly lineId: string
  readonly quantity: number
  readonly totalMinor: number
  readonly settled: number
}

export interface SettledOrder {
  readonly currency: Currency
  /** What the customer paid, shipping and rounding included. */
  readonly totalMinor: number
  readonly lines: readonly SettledLine[]
}

/** So many units of a line. */
export interface LineQuantity {
  readonly lineId: string
  readonly quantity: number
}

/** Each line once, with all its units. */
export function summed(wanted: readonly LineQuantity[]): LineQuantity[] {
  const sums = new Map<string, number>()
  for (const { lineId, quantity } of wanted) sums.set(lineId, (sums.get(lineId) ?? 0) + quantity)
  return [...sums].map(([lineId, quantity]) => ({ lineId, quantity }))
}

/**
 * What goes back for these units, in minor units of the order's currency (docs/decisions/proration.md). It is always the difference
 * of two sums that depend on nothing but how many units are settled, so any sequence of parts adds up to what all of it at once gives,
 * and everything together gives the total, to the cent. Shipping goes back with the last of the goods. In three-decimal currencies
 * each part is a multiple of ten, because cards take no other.
 *
 * Throws RangeError for a line that the order does not have, and for more units than it has left.
 */
export function refundFor(order: SettledOrder, units: readonly LineQuantity[]): number {
  return owedBack({ ...order, lines: settledWith(order.lines, units) }) - owedBack(order)
}

/** The lines, with these units settled too. Several entries of one line are summed. */
export function settledWith(lines: readonly SettledLine[], units: readonly LineQuantity[]): SettledLine[] {
  const wanted = new Map<string, number>()
  for (const { lineId, quantity } of units) wanted.set(lineId, (wanted.get(lineId) ?? 0) + quantity)
  for (const lineId of wanted.keys()) {
    if (!lines.some((line) => line.lineId === lineId)) throw new RangeError(`There is no line ${lineId}.`)
  }
  return lines.map((line) => {
    const settled = line.settled + (wanted.get(line.lineId) ?? 0)
    if (settled > line.quantity || settled < line.settled) {
      throw new RangeError(`Line ${line.lineId} has ${line.quantity} units, ${settled} cannot go back.`)
    }
    return { ...line, settled }
  })
}

/** What has gone back, or is owed, for all units that are settled. It never falls when more of them are. */
function owedBack({ currency, totalMinor, lines }: SettledOrder): number {
  if (lines.every(({ quantity, settled }) => settled === quantity)) return totalMinor
  const exact = sumMinor(lines.map((line) => multiplyHalfUp(line.totalMinor, line.settled, line.quantity)))
  const step = chargeStep(currency)
  return Math.min(totalMinor, timesMinor(multiplyHalfUp(exact, 1, step), step))
}
