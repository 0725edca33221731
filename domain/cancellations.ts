import type { Order, OrderLine } from './orders.ts'
import { refundFor, summed } from './proration.ts'
import type { LineQuantity, SettledLine } from './proration.ts'
import { assertNever, Refusal } from './refusals.ts'

/**
 * How far a cancellation of a paid order has come. `recalling`: its parcels are being taken back, and it may still lose to a carrier.
 * `settling`: nobody can stop it any more; money, stock and mail follow. `lost`: the parcel was faster.
 */
export type CancellationStatus = 'recalling' | 'settling' | 'done' | 'lost'

/** What is to be cancelled; null: all that is left. */
export type Wanted = readonly LineQuantity[] | null

/** Whether an order can be cancelled in the state that it is in. Noes are thrown. */
export type Eligibility =
  /** It is paid and with us. */
  | 'begin'
  /** It is not paid: the workflow that places it lets go. */
  | 'let_go'
  /** It is cancelled, or being cancelled: the same answer as the first time. */
  | 'already'

/**
 * Who may cancel what (flows.md §4). A parcel that has left cannot be called back by us; what lies in others can, line by line.
 * Throws the Refusal `order.not_cancellable` with the reason.
 */
export function eligibilityOf(order: Order, wanted: Wanted): Eligibility {
  const whole = wanted === null
  switch (order.status) {
    case 'pending_payment':
      if (whole) return 'let_go'
      throw notCancellable(order, 'An order that is not paid is cancelled as a whole.')
    case 'confirmed':
      if (!whole || !order.shipments.some(hasLeft)) return 'begin'
      throw notCancellable(
        order,
        'A parcel of this order has left already; name the lines that are still with us.',
      )
    case 'cancelling':
    case 'cancelled':
      if (whole) return 'already'
      throw notCancellable(order, 'All of this order is cancelled already.')
    case 'shipped':
    case 'delivered':
      throw notCancellable(
        order,
        `This order has left already: it is ${order.status}. Send it back, or write to us.`,
      )
    case 'expired':
    case 'rejected':
      throw notCancellable(order, `This order has ended already: it is ${order.status}.`)
    default:
      return assertNever(order)
  }
}

const hasLeft = ({ status }: { status: string }): boolean => status !== 'ready' && status !== 'voided'

const notCancellable = ({ id, status }: Order, detail: string): Refusal =>
  new Refusal('order.not_cancellable', detail, { orderId: id, orderStatus: status })

export interface CancellationPlan {
  /** Whether nothing of the order is left afterwards. */
  readonly whole: boolean
  readonly lines: readonly LineQuantity[]
  /** What goes back, in minor units of the order's currency. */
  readonly amountMinor: number
}

/**
 * What a cancellation takes out of a paid order, and what goes back for it. Naming all that is left is cancelling the whole. Throws the
 * Refusals `order.line_unknown` and `order.quantity_too_large`.
 */
export function planCancellation(order: Order, wanted: Wanted): CancellationPlan {
  const lines = wanted === null ? allThatIsLeft(order.lines) : summed(wanted)
  for (const { lineId, quantity } of lines) {
    const line = lineOf(order, lineId)
    const left = line.quantity - line.cancelledQuantity
    if (quantity > left) throw tooMany({ lineId, quantity, left })
  }
  const whole = order.lines.every((line) => {
    const gone = lines.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0
    return line.cancelledQuantity + gone === line.quantity
  })
  return { whole, lines, amountMinor: prorated(order, lines) }
}

/** What goes back for units of lines that an admin refunds without cancelling them; the same rule, the same Refusals. */
export function planLineRefund(
  order: Order,
  wanted: readonly LineQuantity[],
): { lines: readonly LineQuantity[]; amountMinor: number } {
  const lines = summed(wanted)
  for (const { lineId, quantity } of lines) {
    const { quantity: of, settled } = settledLine(lineOf(order, lineId))
    if (quantity > of - settled) throw tooMany({ lineId, quantity, left: of - settled })
  }
  return { lines, amountMinor: prorated(order, lines) }
}

function prorated({ currency, totals, lines }: Order, units: readonly LineQuantity[]): number {
  const settled = lines.map(settledLine)
  // Units that an admin refunded before have had their money already.
  const unpaid = units.map(({ lineId, quantity }) => {
    const line = settled.find((each) => each.lineId === lineId)
    return { lineId, quantity: Math.min(quantity, line ? line.quantity - line.settled : 0) }
  })
  return refundFor({ currency, totalMinor: totals?.totalMinor ?? 0, lines: settled }, unpaid)
}

function settledLine({
  lineId,
  quantity,
  totalMinor,
  cancelledQuantity,
  refundedQuantity,
}: OrderLine): SettledLine {
  return { lineId, quantity, totalMinor, settled: Math.min(quantity, cancelledQuantity + refundedQuantity) }
}

const allThatIsLeft = (lines: readonly OrderLine[]): LineQuantity[] =>
  lines
    .map(({ lineId, quantity, cancelledQuantity }) => ({ lineId, quantity: quantity - cancelledQuantity }))
    .filter(({ quantity }) => quantity > 0)

function lineOf({ id, lines }: Order, lineId: string): OrderLine {
  const line = lines.find((each) => each.lineId === lineId)
  if (line) return line
  throw new Refusal('order.line_unknown', 'This order has no such line.', { orderId: id, lineId })
}

const tooMany = ({ lineId, quantity, left }: LineQuantity & { left: number }): Refusal =>
  new Refusal('order.quantity_too_large', 'There is not so much left of this line.', {
    lineId,
    quantity,
    left,
  })
