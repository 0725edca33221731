import { randomBytes } from 'node:crypto'

/**
 * What the double remembers: small, immutable values. Stripe's large JSON objects are written from them on the way out (`shapes.ts`),
 * so an event or a remembered answer costs a reference to the value of its moment, not a copy. Times are seconds since 1970.
 */
export type Thing = Method | Intent | Charge | Refund | Dispute

/** One use of a test card; every use gets an id of its own, as at Stripe. */
export interface Method {
  readonly object: 'payment_method'
  readonly id: string
  readonly created: number
  /** Stripe's test id, such as `pm_card_visa`. */
  readonly card: string
}

export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled'

/** Why the last try did not work. */
export interface Failure {
  /** A card that said no, or a customer who did not pass the challenge. */
  readonly type: 'card_error' | 'invalid_request_error'
  readonly code: string
  readonly declineCode: string | null
  readonly message: string
  readonly chargeId: string | null
  readonly methodId: string
}

/** What the customer has to do: go to this page of the double. */
export interface Action {
  readonly url: string
  /** Where the shop wants the customer back; without it the shop's own script is to open the page. */
  readonly returnUrl: string | null
}

export interface Intent {
  readonly object: 'payment_intent'
  readonly id: string
  readonly secret: string
  readonly created: number
  readonly amount: number
  readonly currency: string
  readonly captureMethod: 'automatic' | 'automatic_async' | 'manual'
  readonly confirmationMethod: 'automatic' | 'manual'
  readonly allowedTypes: readonly string[] | null
  /** Whether payment methods of the dashboard are offered, and whether they may lead the customer away. */
  readonly automatic: { readonly allowRedirects: 'always' | 'never' } | null
  readonly status: IntentStatus
  readonly capturable: number
  readonly received: number
  readonly methodId: string | null
  /** All tries, oldest first. */
  readonly chargeIds: readonly string[]
  readonly action: Action | null
  readonly failure: Failure | null
  readonly canceledAt: number | null
  readonly cancellationReason: string | null
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>>
}

export interface Charge {
  readonly object: 'charge'
  readonly id: string
  readonly created: number
  readonly intentId: string
  readonly methodId: string
  readonly card: string
  readonly amount: number
  readonly currency: string
  readonly status: 'succeeded' | 'failed'
  readonly captured: boolean
  readonly amountCaptured: number
  /** Includes what a partial capture or a cancel let go of, as at Stripe. */
  readonly amountRefunded: number
  /** The end of an authorization; null once there is none. */
  readonly captureBefore: number | null
  readonly authenticated: boolean
  readonly failure: Failure | null
  readonly refundIds: readonly string[]
  /** The customer has asked his bank for the money back. */
  readonly disputed?: true
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>>
}

export interface Refund {
  readonly object: 'refund'
  readonly id: string
  readonly created: number
  readonly chargeId: string
  readonly intentId: string
  readonly amount: number
  readonly currency: string
  readonly status: 'pending' | 'succeeded' | 'failed'
  readonly reason: string | null
  readonly failureReason: string | null
  /** What becomes of it later, and when (milliseconds since 1970). */
  readonly due: { readonly atMs: number; readonly status: 'succeeded' | 'failed' } | null
  readonly metadata: Readonly<Record<string, string>>
}

export interface Dispute {
  readonly object: 'dispute'
  readonly id: string
  readonly created: number
  readonly chargeId: string
  readonly intentId: string
  readonly amount: number
  readonly currency: string
  readonly status: 'needs_response'
  readonly reason: 'fraudulent'
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) if (byte < 248) text += letters[byte % 62]
  }
  return text.slice(0, length)
}

/** An id that looks like one of Stripe's: `pi_3` and 23 letters and digits. */
export function mintId(prefix: 'pi' | 'ch' | 're' | 'dp' | 'pm' | 'evt' | 'req'): string {
  return prefix === 'req' ? `req_${randomText(14)}` : `${prefix}_3${randomText(23)}`
}
