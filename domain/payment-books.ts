import type { JournalKind } from './payments.ts'

/** A line of the payment journal of an order. Amounts in minor units of its currency, times ISO 8601 in UTC. */
export interface JournalEntry {
  readonly kind: JournalKind
  readonly amountMinor: number
  /** The id of what happened: the intent, the charge, our refund, the dispute. */
  readonly reference: string
  readonly at: string
}

/** How the money of an order stands. */
export type PaymentState = 'unpaid' | 'authorized' | 'voided' | 'captured' | 'partly_refunded' | 'refunded'

export interface PaymentPicture {
  readonly state: PaymentState
  readonly authorizedMinor: number
  readonly capturedMinor: number
  /** What was given back and did not come back to us. */
  readonly refundedMinor: number
  readonly disputedMinor: number
}

/**
 * The state of a payment, derived from its journal and nothing else: the journal is only ever added to, so what it says can be
 * recounted by anybody.
 */
export function pictureOf(journal: readonly JournalEntry[]): PaymentPicture {
  const sum = (kind: JournalKind): number =>
    journal.reduce((total, entry) => total + (entry.kind === kind ? entry.amountMinor : 0), 0)
  const capturedMinor = sum('captured')
  const refundedMinor = sum('refunded') - sum('refund_failed')
  return {
    state: stateOf({ journal, capturedMinor, refundedMinor }),
    authorizedMinor: sum('authorized'),
    capturedMinor,
    refundedMinor,
    disputedMinor: sum('disputed'),
  }
}

function stateOf({
  journal,
  capturedMinor,
  refundedMinor,
}: {
  journal: readonly JournalEntry[]
  capturedMinor: number
  refundedMinor: number
}): PaymentState {
  const has = (kind: JournalKind): boolean => journal.some((entry) => entry.kind === kind)
  if (capturedMinor > 0) {
    if (refundedMinor <= 0) return 'captured'
    return refundedMinor < capturedMinor ? 'partly_refunded' : 'refunded'
  }
  if (has('voided')) return 'voided'
  return has('authorized') ? 'authorized' : 'unpaid'
}
