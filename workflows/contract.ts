import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { defineSignal, defineUpdate } from '@temporalio/workflow'
import type { Buyer } from '../domain/accounts.ts'
import type { CartId, OrderId } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import type { Actor, ChosenRate } from '../domain/orders.ts'
import type { PaymentAction } from '../domain/payments.ts'
import type { EventTopic } from '../domain/provider-events.ts'
import type { RefusalData } from '../domain/refusals.ts'

/** The only part of `workflows/` that outsiders may import by value: names, queues, ids, messages. */

/** One task queue per service (flows.md §1). */
export const queues = {
  catalog: 'catalog',
  order: 'order',
  inventory: 'inventory',
  shipping: 'shipping',
  notification: 'notification',
} as const
export type Service = keyof typeof queues

/**
 * Where every worker process runs all five services, stories of orders are told on this queue: what takes them up can do each of
 * their steps itself (docs/decisions/one-queue.md).
 */
export const shopQueue = 'shop'
/** Where stories of orders can be told. Each keeps to the queue on which it began. */
export type OrderQueue = typeof queues.order | typeof shopQueue

export const placeOrderId = (orderId: OrderId): string => `place-order:${orderId}`
/** An event is worked on once, and once more for each time that an admin replays it. */
export const providerEventId = ({ eventId, replays }: { eventId: string; replays: number }): string =>
  replays === 0 ? `provider-event:${eventId}` : `provider-event:${eventId}:replay-${replays}`

/** Of what keeps the search indexes, checks them and makes them anew there is one at a time. */
export const refreshProductsId = 'refresh-products'
export const checkSearchId = 'check-search'
export const rebuildSearchId = 'rebuild-search'

/** What an operator can filter by in the Web UI: ids and enums, never people. */
export const searchAttributes = {
  orderStatus: defineSearchAttributeKey('OrderStatus', SearchAttributeType.KEYWORD),
  customerRef: defineSearchAttributeKey('CustomerRef', SearchAttributeType.KEYWORD),
  orderTotalMinor: defineSearchAttributeKey('OrderTotalMinor', SearchAttributeType.INT),
  needsAttention: defineSearchAttributeKey('NeedsAttention', SearchAttributeType.BOOL),
  sagaStep: defineSearchAttributeKey('SagaStep', SearchAttributeType.KEYWORD),
}

/** The argument of the workflow `placeOrder`. */
export interface PlaceOrder {
  readonly orderId: OrderId
  /** How long the stock is held for an order that is not paid, in milliseconds. */
  readonly holdMs: number
  /** How much longer while a bank wants to see its customer (3-D Secure), in milliseconds. */
  readonly challengeMs: number
}

export interface Checkout {
  readonly cartId: CartId
  readonly cartVersion: number
  readonly customerRef: string
  readonly currency: Currency
  readonly personal: Buyer
  /** The rate that the customer chose, looked up by us; null: the shipping service is asked. */
  readonly rate: ChosenRate | null
  /** What the customer was shown, in minor units of the cart's currency; another total is refused. */
  readonly expectedTotalMinor: number | null
  readonly payment: Card | null
  /** The request that caused it. */
  readonly cause: string
}

export interface Card {
  readonly paymentMethod: string
  /** Where the bank sends the customer after a challenge. */
  readonly returnUrl: string
  readonly cause: string
}

/** How an order stands, as the answer to a letter. Business noes are values, not failures. */
export type Standing =
  | { readonly outcome: 'pending_payment' }
  | { readonly outcome: 'confirmed' }
  | { readonly outcome: 'action_required'; readonly action: PaymentAction }
  | {
      readonly outcome: 'refused'
      readonly refusal: RefusalData
      /** Whether the order still waits for another card. */
      readonly open: boolean
    }

export interface LetGo {
  readonly actor: Actor
  readonly reason: string
}

/** What the payment provider told us of the order's payment. Only a hint: the story looks up what is true. */
export interface ProviderNews {
  readonly attempt: number
  readonly outcome: 'passed' | 'failed'
  readonly eventId: string
}

/** The argument of the workflow `providerEvent`. */
export interface ProviderEvent {
  readonly eventId: string
  readonly topic: EventTopic
  readonly objectId: string
  readonly orderId: OrderId
  /** The order waits for this payment, but its workflow is gone. */
  readonly orphaned: boolean
}

/** Opens the order, holds the stock, freezes the total; with a payment it also pays. The first one starts the workflow. */
export const checkout = defineUpdate<Standing, [Checkout]>('checkout')
/** Tries a card for an order that waits for payment. */
export const submitPayment = defineUpdate<Standing, [Card]>('submitPayment')
/** Asks an unpaid order to end: the customer cancelled it, or a changed cart supersedes it. */
export const letGo = defineSignal<[LetGo]>('letGo')
/** The provider has word of a payment that this order waits for. */
export const providerNews = defineSignal<[ProviderNews]>('providerNews')
/** Products wait to be searchable as they are now. */
export const productsWait = defineSignal('productsWait')
