import type { Address } from './addresses.ts'
import type { CartId, OrderId, OrderLineId, ShipmentId, Sku } from './ids.ts'
import type { Currency } from './money.ts'
import { Refusal } from './refusals.ts'
import type { TaxClass } from './tax.ts'

/**
 * The life of an order (flows.md §3). `needs_attention` is a flag beside the state, never a state. The same table is a CHECK of
 * the timeline in the database, and the timeline replayed through it gives the order's status (invariant I12).
 */
export const orderStatuses = [
  'pending_payment',
  'confirmed',
  'shipped',
  'delivered',
  'cancelling',
  'cancelled',
  'expired',
  'rejected',
] as const
export type OrderStatus = (typeof orderStatuses)[number]

export const nextStatuses = {
  pending_payment: ['confirmed', 'expired', 'rejected', 'cancelled'],
  confirmed: ['shipped', 'cancelling'],
  shipped: ['delivered'],
  delivered: [],
  /** Back to `confirmed`: one of several parcels was faster, the others are still with us. */
  cancelling: ['cancelled', 'shipped', 'confirmed'],
  cancelled: [],
  expired: [],
  rejected: [],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>

/** The states from which `to` may be entered: what a guarded `update … where status = any(…)` names. */
export function statusesBefore(to: OrderStatus): OrderStatus[] {
  return orderStatuses.filter((from) => (nextStatuses[from] as readonly OrderStatus[]).includes(to))
}

/** Why an order ended without being confirmed. */
export type Ending = Extract<OrderStatus, 'expired' | 'rejected' | 'cancelled'>

/** Statuses in which an order no longer takes its cart: at most one order per cart is in none of these. */
export const endedUnpaid: readonly OrderStatus[] = ['expired', 'rejected', 'cancelled']

/** Settled: what the customer waits for after paying has been decided. */
export function isSettled(status: OrderStatus): boolean {
  return status !== 'pending_payment' && status !== 'cancelling'
}

/** Nothing more can happen to it. */
export function isOver(status: OrderStatus): boolean {
  return nextStatuses[status].length === 0
}

/** Amounts of a whole order in minor units. `total = subtotal − discount + shipping + tax + rounding` (invariant I7). */
export interface Totals {
  readonly subtotalMinor: number
  readonly discountMinor: number
  readonly shippingMinor: number
  /** Tax on top. */
  readonly taxMinor: number
  /** Tax that the prices include: shown, not added. */
  readonly taxIncludedMinor: number
  readonly roundingMinor: number
  readonly totalMinor: number
}

/** A shipping rate as it was chosen and frozen with the order. `table` is our own fallback, recorded as such. */
export interface ChosenRate {
  readonly source: 'carrier' | 'table'
  readonly carrier: string
  readonly service: string
  readonly amountMinor: number
  readonly deliveryDays: number | null
  /** The carrier's own references, when the rate is one that can still be bought. */
  readonly carrierShipmentId: string | null
  readonly carrierRateId: string | null
}

/** What an actor is, in timelines and journals. */
export type Actor = 'customer' | 'admin' | 'operator' | 'system'

/** A line as openOrder froze it, before totals are known. */
export interface FrozenLine {
  readonly lineId: OrderLineId
  readonly sku: Sku
  readonly name: string
  readonly quantity: number
  readonly unitPriceMinor: number
  readonly taxClass: TaxClass
  readonly grams: number
}

export interface OrderLine extends FrozenLine {
  readonly cancelledQuantity: number
  /** Units whose money an admin gave back although they were not cancelled. */
  readonly refundedQuantity: number
  readonly subtotalMinor: number
  readonly discountMinor: number
  readonly taxMinor: number
  readonly taxIncludedMinor: number
  readonly totalMinor: number
}

/** A parcel as the order knows it, kept by events of the shipping service. */
export interface OrderShipment {
  readonly shipmentId: ShipmentId
  readonly status: 'ready' | 'handed_over' | 'delivered' | 'lost' | 'returned' | 'voided'
  readonly carrier: string
  readonly service: string
  readonly trackingCode: string
  readonly trackingUrl: string | null
  readonly labelUrl: string | null
}

interface OrderBase {
  readonly id: OrderId
  readonly number: string
  readonly cartId: CartId
  readonly customerRef: string
  readonly email: string
  readonly currency: Currency
  readonly lines: readonly OrderLine[]
  readonly shipTo: Address
  readonly billTo: Address | null
  readonly placedAt: string
  readonly version: number
  readonly needsAttention: boolean
  readonly attentionReason: string | null
}

interface Priced {
  readonly totals: Totals
  readonly rate: ChosenRate
}

/** An order that was opened but has no total (yet): it is being priced, or it was turned down before. */
interface Unpriced {
  readonly totals: null
  readonly rate: null
}

/**
 * An order, by status: a confirmed one cannot lack its totals, a shipped one cannot lack its parcels.
 * Times are ISO 8601 in UTC.
 */
export type Order =
  | (OrderBase & (Priced | Unpriced) & { readonly status: 'pending_payment'; readonly expiresAt: string })
  | (OrderBase &
      (Priced | Unpriced) & {
        readonly status: Ending
        readonly endReason: string
        /** The code of the refusal that ended it, where one did. */
        readonly endCode: string | null
        readonly shipments: readonly OrderShipment[]
      })
  | (OrderBase &
      Priced & { readonly status: 'confirmed' | 'cancelling'; readonly shipments: readonly OrderShipment[] })
  | (OrderBase &
      Priced & {
        readonly status: 'shipped' | 'delivered'
        readonly shipments: readonly [OrderShipment, ...OrderShipment[]]
      })

/** One entry of an order's timeline. `version` counts from 1 without gaps. */
export interface TimelineEntry {
  readonly version: number
  readonly type: string
  readonly status: OrderStatus
  readonly at: string
  readonly actor: Actor
  readonly reason: string | null
}

/** Refuses with `order.changed` what was decided on another version than the present one; null: it was not looked at. */
export function refuseOtherVersion({ id, version }: Order, seen: number | null): void {
  if (seen === null || seen === version) return
  throw new Refusal('order.changed', 'The order changed since you read it; look at it again.', {
    orderId: id,
    version,
  })
}
