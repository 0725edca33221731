import type { OrderId } from './ids.ts'
import { nextStatuses } from './orders.ts'
import type { OrderStatus } from './orders.ts'

/** Something that must always hold (design, invariants I1–I20) and does not. `subject` is an id; `detail` says what is off. */
export interface Violation {
  readonly invariant: `I${number}`
  readonly subject: string
  readonly detail: string
}

/** What each service knows of one order. Read service by service, compared here: no SQL crosses from one to another. */
export interface OrderFacts {
  readonly orderId: OrderId
  readonly status: OrderStatus
  readonly totalMinor: number | null
  readonly expiresAt: string
  /** What is left of each line: ordered, less what was cancelled. */
  readonly lines: readonly { readonly lineId: string; readonly left: number }[]
  /** The timeline's versions and statuses, in order. */
  readonly timeline: readonly { readonly version: number; readonly status: OrderStatus }[]
}

export interface PaymentFacts {
  readonly orderId: OrderId
  readonly status: string
  readonly totalMinor: number
  readonly capturedMinor: number
  readonly refundedMinor: number
}

export interface StockFacts {
  readonly orderId: OrderId
  readonly hold: 'held' | 'committed' | 'released'
  readonly lines: readonly {
    readonly lineId: string
    readonly live: number
    readonly handedOver: number
    /** What a count took away, because fewer units were there than had been promised: an admin was asked to look. */
    readonly taken: number
  }[]
}

const paid: readonly OrderStatus[] = ['confirmed', 'cancelling', 'shipped', 'delivered']
const unpaidEnd: readonly OrderStatus[] = ['expired', 'rejected']

/** I12: only legal transitions, no gaps, and the timeline replayed gives the status. */
export function timelineViolations({ orderId, status, timeline }: OrderFacts): Violation[] {
  const off = (detail: string): Violation => ({ invariant: 'I12', subject: orderId, detail })
  const found: Violation[] = []
  timeline.forEach((entry, index) => {
    if (entry.version !== index + 1) found.push(off(`version ${entry.version} stands at place ${index + 1}`))
    const before = timeline[index - 1]?.status
    const legal = before === undefined || before === entry.status || nextOf(before).includes(entry.status)
    if (!legal) found.push(off(`the timeline goes from ${before} to ${entry.status}`))
  })
  if (timeline.at(-1)?.status !== status) {
    found.push(off(`the order is ${status}, its timeline ends with ${timeline.at(-1)?.status ?? 'nothing'}`))
  }
  return found
}

const nextOf = (status: OrderStatus): readonly OrderStatus[] => nextStatuses[status]

/** I6, I9, I10: money and status agree. */
export function moneyViolations(order: OrderFacts, payment: PaymentFacts | undefined): Violation[] {
  const { orderId, status, totalMinor } = order
  const captured = payment?.capturedMinor ?? 0
  const refunded = payment?.refundedMinor ?? 0
  const off = (invariant: Violation['invariant'], detail: string): Violation => ({
    invariant,
    subject: orderId,
    detail,
  })
  const found: Violation[] = []
  if (paid.includes(status) && captured !== totalMinor) {
    found.push(off('I6', `it is ${status}, its total is ${totalMinor}, captured were ${captured}`))
  }
  if (unpaidEnd.includes(status) && captured - refunded !== 0) {
    found.push(off('I6', `it is ${status}, but ${captured - refunded} were captured and kept`))
  }
  if (status === 'cancelled' && captured - refunded !== 0) {
    found.push(off('I9', `it is cancelled, but ${captured - refunded} are still ours`))
  }
  const ended = status === 'cancelled' || unpaidEnd.includes(status)
  if (ended && (payment?.status === 'open' || payment?.status === 'authorized')) {
    found.push(off('I9', `it is ${status}, but its payment is ${payment.status}`))
  }
  if (refunded > captured) found.push(off('I10', `${refunded} refunded of ${captured}`))
  return found
}

/** I5: what is reserved or handed over equals what is left of the lines of a confirmed order; an ended one holds nothing. */
export function reservationViolations(
  order: Pick<OrderFacts, 'orderId' | 'status' | 'lines'>,
  stock: StockFacts | undefined,
): Violation[] {
  const { orderId, status } = order
  const off = (detail: string): Violation => ({ invariant: 'I5', subject: orderId, detail })
  const live = stock?.lines.reduce((sum, line) => sum + line.live, 0) ?? 0
  if (status === 'cancelled' || unpaidEnd.includes(status)) {
    return live === 0 ? [] : [off(`it is ${status}, but ${live} units are reserved for it`)]
  }
  if (!paid.includes(status) || status === 'cancelling') return []
  return order.lines.flatMap(({ lineId, left }) => {
    const line = stock?.lines.find((each) => each.lineId === lineId)
    const held = (line?.live ?? 0) + (line?.handedOver ?? 0)
    return held + (line?.taken ?? 0) === left
      ? []
      : [off(`line ${lineId} has ${left} units left, ${held} are reserved or handed over`)]
  })
}
