import type { OrderId } from '../../domain/ids.ts'
import type { Money } from '../../domain/money.ts'
import type { PaymentAction } from '../../domain/payments.ts'

export type Authorization =
  | { outcome: 'authorized'; chargeId: string; captureBefore: string | null }
  /** The bank's no, in the provider's codes; its prose is left out. `payment_intent_canceled`: the intent was cancelled there. */
  | { outcome: 'declined'; code: string; declineCode: string | null }
  | { outcome: 'action_required'; action: PaymentAction }

/** `refused` is for good: the authorization expired or was cancelled at the provider. */
export type Capture =
  { outcome: 'captured'; amountMinor: number; chargeId: string } | { outcome: 'refused'; code: string }

/** A `pending` refund, and now and then a `succeeded` one, may still fail days later; the provider's events tell. */
export type RefundAnswer =
  | { outcome: 'succeeded' | 'pending'; providerRefundId: string; amountMinor: number }
  | { outcome: 'refused'; code: string }

/** A refund as the provider has it now. */
export interface RefundState {
  readonly providerRefundId: string
  /** Ours; null for a refund that we did not ask for. */
  readonly refundId: string | null
  readonly intentId: string | null
  readonly amountMinor: number
  readonly status: 'pending' | 'succeeded' | 'failed'
  /** With `failed`: the provider's word for why. */
  readonly code: string | null
}

/** A customer who asks his bank for the money back. */
export interface DisputeState {
  readonly disputeId: string
  readonly intentId: string | null
  readonly amountMinor: number
  /** The provider's words, such as `needs_response` and `fraudulent`. */
  readonly status: string
  readonly reason: string
}

/** A payment intent in our words. Amounts are minor units, times RFC 3339 UTC. */
export interface IntentState {
  readonly intentId: string
  /** Null for an intent that is not tagged with an order of ours. */
  readonly orderId: OrderId | null
  readonly status: 'open' | 'action_required' | 'processing' | 'authorized' | 'captured' | 'cancelled'
  readonly totalMinor: number
  readonly capturableMinor: number
  readonly receivedMinor: number
  /** Given back of what was received, refunds under way included; a released hold is not a refund. */
  readonly refundedMinor: number
  /** ISO 4217, upper case. */
  readonly currency: string
  readonly chargeId: string | null
  readonly captureBefore: string | null
  readonly createdAt: string
  /** With `action_required`: what the customer is to do. */
  readonly action?: PaymentAction
  /** With `open`: why the last try came to nothing, a challenge that was not passed included. */
  readonly declined?: { readonly code: string; readonly declineCode: string | null }
}

/**
 * Whoever charges cards for us, in our words. What is not an answer (no network, a time-out, an overload) is thrown as a
 * `ProviderFault`; it is safe to call again with the same key. Keys are made of our own id and the verb; a payment's also numbers the
 * customer's tries, never an activity's retries.
 */
export interface PaymentGateway {
  /** Creates an unconfirmed, manually captured intent tagged with the order. */
  createIntent(input: {
    orderId: OrderId
    total: Money
    idempotencyKey: string
  }): Promise<{ intentId: string; clientSecret: string }>
  /** Holds the total on this card. An intent that is held or taken already, as after a lost answer, is answered as authorized. */
  confirm(input: {
    intentId: string
    paymentMethod: string
    returnUrl: string
    idempotencyKey: string
  }): Promise<Authorization>
  /** Takes all that is held. Taken already: `captured`. */
  capture(input: { intentId: string; idempotencyKey: string }): Promise<Capture>
  /** Lets go of an open or held intent; already cancelled is fine; captured is answered, not thrown. */
  cancel(input: {
    intentId: string
    idempotencyKey: string
  }): Promise<{ outcome: 'cancelled' } | { outcome: 'captured' }>
  /** Gives back a part of what was taken. `refundId` is ours: a refund that bears it already is answered, not made again. */
  refund(input: {
    intentId: string
    amountMinor: number
    reason?: string
    refundId: string
    idempotencyKey: string
  }): Promise<RefundAnswer>
  /** Throws a `ProviderFault` with status 404 for an id that nobody knows. */
  retrieveIntent(intentId: string): Promise<IntentState>
  /** Throws as `retrieveIntent` does; the id is the provider's. */
  retrieveRefund(providerRefundId: string): Promise<RefundState>
  retrieveDispute(disputeId: string): Promise<DisputeState>
  /** Newest first, a page of 100; `startingAfter` is the last id of the page before. `createdAfter` is RFC 3339, included. */
  listIntents(input: {
    createdAfter: string
    startingAfter?: string
  }): Promise<{ intents: IntentState[]; hasMore: boolean }>
}

export type Input<Verb extends keyof PaymentGateway> = Exclude<Parameters<PaymentGateway[Verb]>[0], string>
