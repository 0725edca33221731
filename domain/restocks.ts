import type { Order } from './orders.ts'
import type { LineQuantity } from './proration.ts'

/** What is known of the money of an order, as far as its goods depend on it. Amounts in minor units. */
export interface MoneyBack {
  readonly capturedMinor: number
  /** Refunds that the provider has taken on or not, with the lines that they were for. */
  readonly refunds: readonly {
    readonly amountMinor: number
    readonly status: 'asked' | 'pending' | 'succeeded' | 'failed'
    readonly cancellationId: string | null
    readonly lines: readonly LineQuantity[] | null
  }[]
  /** Units that were sent again in the place of others. */
  readonly sentAgain: readonly LineQuantity[]
}

/**
 * How many shipped units of a line may be sold to somebody else when they come back: those whose money has gone back to their first
 * customer, and those in whose place others were sent. Money before goods: a resold unit never coexists with a charge for it. What was
 * cancelled never left, so its refunds do not count here.
 */
export function resellableUnits({ lines }: Order, lineId: string, money: MoneyBack): number {
  const line = lines.find((each) => each.lineId === lineId)
  if (!line) return 0
  const made = money.refunds.filter(({ status }) => status === 'pending' || status === 'succeeded')
  const backMinor = made.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  const again = unitsOf(money.sentAgain, lineId)
  if (backMinor >= money.capturedMinor) return line.quantity + again
  const refunded = made.flatMap(({ cancellationId, lines: its }) =>
    cancellationId === null ? (its ?? []) : [],
  )
  return unitsOf(refunded, lineId) + again
}

const unitsOf = (units: readonly LineQuantity[], lineId: string): number =>
  units.filter((each) => each.lineId === lineId).reduce((sum, { quantity }) => sum + quantity, 0)
