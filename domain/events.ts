import type { EventId } from './ids.ts'
import type { Facts } from './refusals.ts'

/** What the specification `notifies`, by the names that it uses, and which service announces each (flows.md §2). */
export const announcers = {
  'Order Placed': 'order',
  'Order Confirmed': 'order',
  'Cancellation Requested': 'order',
  'Order Cancelled': 'order',
  'Order Partly Cancelled': 'order',
  'Cancellation Refused': 'order',
  'Cancellation Completed': 'order',
  'Parcel Sent Again': 'order',
  'Order Expired': 'order',
  'Order Rejected': 'order',
  'Order Shipped': 'order',
  'Order Delivered': 'order',
  'Payment Processed': 'order',
  'Refund Processed': 'order',
  'Inventory Updated': 'inventory',
  'Reservation Taken': 'inventory',
  'Stock Updated': 'inventory',
  'Goods Returned': 'inventory',
  'Low Stock Alert': 'inventory',
  'Replenishment Ordered': 'inventory',
  'Shipment Ready': 'shipping',
  'Shipment Handed Over': 'shipping',
  'Shipment Delivered': 'shipping',
  'Shipment Failed': 'shipping',
  'Mail Asked Again': 'notification',
  'Product Changed': 'catalog',
  'Category Changed': 'catalog',
  'Brand Changed': 'catalog',
  'Search Settings Changed': 'catalog',
} as const

export type EventType = keyof typeof announcers

/**
 * An event as it lies in the outbox of the schema that announced it. `subject` is the id of what it is about (an order, a SKU);
 * events of one subject reach each listener in order. `data` holds ids and numbers, never people.
 */
export interface DomainEvent {
  readonly id: EventId
  readonly type: EventType
  readonly subject: string
  readonly at: string
  /** The request or event that caused it (invariant I18). */
  readonly cause: string
  readonly data: Facts
}
