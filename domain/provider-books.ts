import type { Violation } from './invariants.ts'
import type { OrderId } from './ids.ts'
import { pictureOf } from './payment-books.ts'
import type { JournalEntry } from './payment-books.ts'
import type { PaymentStatus } from './payments.ts'

/** The payment of one order, in our books. Amounts in minor units. */
export interface OurPayment {
  readonly orderId: OrderId
  readonly intentId: string | null
  readonly status: PaymentStatus
  readonly currency: string
  readonly capturedMinor: number
  readonly refundedMinor: number
  readonly journal: readonly JournalEntry[]
}

/** The same at the provider. */
export interface TheirPayment {
  readonly intentId: string
  readonly orderId: OrderId | null
  readonly status: 'open' | 'action_required' | 'processing' | 'authorized' | 'captured' | 'cancelled'
  readonly currency: string
  readonly receivedMinor: number
  readonly refundedMinor: number
}

/** What the provider may say of a payment that stands so in our books. */
const theirs = {
  open: ['open', 'action_required', 'processing'],
  authorized: ['authorized'],
  captured: ['captured'],
  refunded: ['captured'],
  voided: ['cancelled', 'open', 'action_required'],
} as const satisfies Record<PaymentStatus, readonly TheirPayment['status'][]>

/** I11, one way: what the provider has, and our books say otherwise or nothing of. */
export function providerViolations(their: TheirPayment, our: OurPayment | undefined): Violation[] {
  const { intentId, orderId } = their
  const off = (detail: string): Violation => ({ invariant: 'I11', subject: orderId ?? intentId, detail })
  if (orderId === null) return [off(`the payment ${intentId} at the provider names no order of ours`)]
  const idle = their.status === 'open' || their.status === 'cancelled'
  if (!our || our.intentId !== intentId) {
    // An intent whose creation was never answered charges nobody.
    return idle ? [] : [off(`the provider has ${intentId}, ${their.status}, which our books do not know`)]
  }
  const found: Violation[] = []
  if (!(theirs[our.status] as readonly string[]).includes(their.status)) {
    found.push(off(`it is ${our.status} in our books and ${their.status} at the provider`))
  }
  if (our.currency !== their.currency)
    found.push(off(`${our.currency} here, ${their.currency} at the provider`))
  if (our.capturedMinor !== their.receivedMinor) {
    found.push(off(`${our.capturedMinor} captured in our books, ${their.receivedMinor} at the provider`))
  }
  if (our.refundedMinor !== their.refundedMinor) {
    found.push(off(`${our.refundedMinor} refunded in our books, ${their.refundedMinor} at the provider`))
  }
  return found
}

/** I11, the other way: what our books name, and the provider does not have. */
export function missingAtProvider(our: OurPayment): Violation {
  const detail = `our books name ${our.intentId}, ${our.status}; the provider does not have it`
  return { invariant: 'I11', subject: our.orderId, detail }
}

/** Our books agree with themselves: status and sums are what the journal makes of them. */
export function journalViolations(our: OurPayment): Violation[] {
  const off = (detail: string): Violation => ({ invariant: 'I11', subject: our.orderId, detail })
  const picture = pictureOf(our.journal)
  const found: Violation[] = []
  if (picture.capturedMinor !== our.capturedMinor) {
    found.push(off(`${our.capturedMinor} captured, the journal says ${picture.capturedMinor}`))
  }
  if (picture.refundedMinor !== our.refundedMinor) {
    found.push(off(`${our.refundedMinor} refunded, the journal says ${picture.refundedMinor}`))
  }
  const captured = our.status === 'captured' || our.status === 'refunded'
  if (captured !== picture.capturedMinor > 0) {
    found.push(off(`it is ${our.status}, the journal makes it ${picture.state}`))
  }
  return found
}
