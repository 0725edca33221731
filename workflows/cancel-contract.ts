import { defineUpdate } from '@temporalio/workflow'
import type { Wanted } from '../domain/cancellations.ts'
import type { CancellationId, OrderId, RefundId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { Actor } from '../domain/orders.ts'
import type { LineQuantity } from '../domain/proration.ts'
import type { RefusalData } from '../domain/refusals.ts'

/** The part of `workflows/` about cancelling that outsiders may import by value: names, ids, messages. */

export const cancelOrderId = (cancellationId: CancellationId): string => `cancel-order:${cancellationId}`

/** The argument of the workflow `cancelOrder`. */
export interface CancelOrder {
  readonly cancellationId: CancellationId
}

export interface CancelRequest {
  readonly orderId: OrderId
  /** Lines and quantities; null: all that is left. */
  readonly wanted: Wanted
  /** The version of the order that whoever asks looked at; null: whichever it is. */
  readonly version: number | null
  readonly reason: string
  readonly actor: Actor
  /** The key of the admin who asks. */
  readonly askedBy: string | null
  readonly cause: string
}

/** How a cancellation stands as soon as that is decided. `already`: it was cancelled before. */
export type CancelStanding =
  | { readonly outcome: 'accepted' | 'already' | 'cancelled' }
  | { readonly outcome: 'refused'; readonly refusal: RefusalData }

/** Cancels an order, or a part of it. The first one starts the workflow. */
export const cancel = defineUpdate<CancelStanding, [CancelRequest]>('cancel')

export const refundOrderId = (refundId: RefundId): string => `refund-order:${refundId}`

/** The argument of the workflow `refundOrder`. */
export interface RefundOrder {
  readonly refundId: RefundId
}

export interface RefundRequest {
  readonly orderId: OrderId
  /** An amount, or the share of so many units. */
  readonly what: { readonly amount: Money } | { readonly lines: readonly LineQuantity[] }
  readonly version: number | null
  readonly reason: string
  readonly askedBy: string | null
  readonly cause: string
}

export type RefundStanding =
  | { readonly outcome: 'accepted'; readonly amountMinor: number }
  | { readonly outcome: 'refused'; readonly refusal: RefusalData }

/** Gives money back. The first one starts the workflow. */
export const refund = defineUpdate<RefundStanding, [RefundRequest]>('refund')
