/** How our books see the payment of an order. */
export type PaymentStatus = 'open' | 'authorized' | 'captured' | 'voided' | 'refunded'

/** What became of one card that the customer tried. */
export type AttemptOutcome = 'authorized' | 'declined' | 'action_required'

export type RefundStatus = 'asked' | 'pending' | 'succeeded' | 'failed'

/** What really happened to the money: the kinds of entries in the payment journal. */
export type JournalKind = 'authorized' | 'captured' | 'voided' | 'refunded' | 'refund_failed' | 'disputed'

/** What the customer's bank wants (3-D Secure): a page to visit, or a challenge for the provider's own client library. */
export type PaymentAction =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'client'; readonly clientSecret: string }

/** A card that the customer tried, as far as it is known. `outcome` is null while the bank is being asked. */
export interface Attempt {
  readonly attempt: number
  readonly outcome: AttemptOutcome | null
  /** The bank's reason for a no, in the provider's words. */
  readonly code: string | null
  /** With `action_required`. */
  readonly action: PaymentAction | null
}
