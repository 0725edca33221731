import type { EventType } from '../domain/events.ts'
import type { CartId, OrderId } from '../domain/ids.ts'
import { statusesBefore } from '../domain/orders.ts'
import type { Actor, FrozenLine, OrderStatus } from '../domain/orders.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'

/** The writes of an order's life. Each is one statement, and is guarded by the state that it starts from. */

export interface CartToOrder {
  readonly currency: string
  readonly status: 'open' | 'ordered'
  readonly version: number
  readonly lines: readonly Omit<FrozenLine, 'lineId'>[]
}

/** Locks a cart and reads what is in it; two checkouts of one cart come one after the other. */
export async function lockCart(trx: Db, cartId: CartId): Promise<CartToOrder | null> {
  const [cart] = await rows<Omit<CartToOrder, 'lines'>>(
    trx,
    `select currency, status, version from orders.carts where id = :cartId for update`,
    { cartId },
  )
  if (!cart) return null
  const lines = await rows<Omit<FrozenLine, 'lineId'>>(
    trx,
    `select sku, name, quantity, unit_price_minor as "unitPriceMinor", tax_class as "taxClass", grams
     from orders.cart_lines where cart_id = :cartId order by id`,
    { cartId },
  )
  return { ...cart, lines }
}

export interface OrderToInsert {
  readonly orderId: OrderId
  readonly cartId: CartId
  readonly cartVersion: number
  readonly customerRef: string
  readonly email: string
  readonly currency: string
  readonly shipTo: unknown
  readonly billTo: unknown
  readonly placedAt: string
  readonly expiresAt: string
  readonly cause: string
  readonly lines: readonly FrozenLine[]
}

/**
 * Inserts an order with its lines, the first entry of its timeline and its event, in one statement. False when the cart has a live
 * order already (`one_live_order_per_cart`).
 */
export async function insertOrder(trx: Db, order: OrderToInsert): Promise<boolean> {
  const inserted = await rows(
    trx,
    `with placed as (
       insert into orders.orders
         (id, number, cart_id, cart_version, customer_ref, email, currency, status, version, ship_to, bill_to,
          placed_at, expires_at, cause)
       values
         (:orderId, nextval('orders.order_numbers')::text, :cartId, :cartVersion, :customerRef, :email, :currency,
          'pending_payment', 1, :shipTo, :billTo, :placedAt, :expiresAt, :cause)
       on conflict (cart_id) where status not in ('expired', 'rejected', 'cancelled') do nothing
       returning id, status, version, placed_at, cause
     ), lined as (
       insert into orders.order_lines
         (id, order_id, position, sku, name, quantity, unit_price_minor, tax_class, grams)
       select l."lineId", placed.id, l.position, l.sku, l.name, l.quantity, l."unitPriceMinor", l."taxClass", l.grams
       from placed, jsonb_to_recordset(cast(:lines as jsonb)) as l
         (position integer, "lineId" text, sku text, name text, quantity integer, "unitPriceMinor" bigint,
          "taxClass" text, grams integer)
     ), told as (
       insert into orders.order_events (order_id, version, type, status, at, actor, cause)
       select id, version, 'Order Placed', status, placed_at, 'customer', cause from placed
     ), announced as (
       insert into orders.outbox (event_id, type, subject, at, cause, data)
       select :eventId, 'Order Placed', id, placed_at, cause, jsonb_build_object('orderId', id, 'status', status)
       from placed
     )
     select id from placed`,
    {
      ...order,
      shipTo: JSON.stringify(order.shipTo),
      billTo: order.billTo === null ? null : JSON.stringify(order.billTo),
      lines: JSON.stringify(order.lines.map((line, index) => ({ position: index + 1, ...line }))),
      eventId: newId('evt'),
    },
  )
  return inserted.length === 1
}

/** The lines of an order as they were frozen, in their order. */
export async function readFrozenLines(db: Db, orderId: OrderId): Promise<FrozenLine[]> {
  return rows<FrozenLine>(
    db,
    `select id as "lineId", sku, name, quantity, unit_price_minor as "unitPriceMinor", tax_class as "taxClass", grams
     from orders.order_lines where order_id = :orderId order by position`,
    { orderId },
  )
}

/** An entry of an order's timeline that changes no status (a payment, a label). */
export interface Note {
  readonly orderId: OrderId
  readonly type: string
  readonly at: string
  readonly actor: Actor
  readonly reason: string | null
  readonly cause: string
}

export interface Move extends Note {
  readonly to: OrderStatus
  /** The event of this move: an entry of the timeline, and announced to whoever listens. */
  readonly type: EventType
  /** The code of the refusal that ends it. */
  readonly endCode?: string
}

/**
 * Moves an order to another status, if the table of transitions lets it, with the entry in its timeline and the event in the
 * outbox: one statement, all or nothing. False: it was not in a status from which it may go there, and nothing was done.
 */
export async function moveOrder(db: Db, move: Move): Promise<boolean> {
  const moved = await rows(
    db,
    `with moved as (
       update orders.orders
       set status = :to,
           version = version + 1,
           end_reason = case when :to in ('expired', 'rejected', 'cancelled') then coalesce(:reason, '') else end_reason end,
           end_code = coalesce(:endCode, end_code)
       where id = :orderId and status = any(:from)
       returning id, number, status, version
     ), told as (
       insert into orders.order_events (order_id, version, type, status, at, actor, reason, cause)
       select id, version, :type, status, cast(:at as timestamptz), :actor, :reason, :cause from moved
     ), announced as (
       insert into orders.outbox (event_id, type, subject, at, cause, data)
       select :eventId, :type, id, cast(:at as timestamptz), :cause,
              jsonb_build_object('orderId', id, 'number', number, 'status', status, 'version', version)
       from moved
     )
     select id from moved`,
    { endCode: null, ...move, from: statusesBefore(move.to), eventId: newId('evt') },
  )
  return moved.length === 1
}

/**
 * Confirms a paid order: its status, its parcels, its closed cart (a paid one takes no more changes), both entries of its timeline
 * ("Payment Processed" and "Order Confirmed", in the specification's order) and its event, all in one statement. False: it was not
 * waiting for its payment, and nothing was done.
 */
export async function confirmOrder(
  db: Db,
  confirm: { orderId: OrderId; parcels: number; paid: string | null; at: string; cause: string },
): Promise<boolean> {
  const entries = confirm.paid === null ? 1 : 2
  const confirmed = await rows(
    db,
    `with confirmed as (
       update orders.orders
       set status = 'confirmed', version = version + :entries, confirmed_at = :at, parcels = :parcels
       where id = :orderId and status = 'pending_payment'
       returning id, number, cart_id, status, version
     ), closed as (
       update orders.carts set status = 'ordered' where id = (select cart_id from confirmed)
     ), told as (
       insert into orders.order_events (order_id, version, type, status, at, actor, reason, cause)
       select id, version - 1, 'Payment Processed', 'pending_payment', cast(:at as timestamptz), 'system', :paid, :cause
       from confirmed where :entries = 2
       union all
       select id, version, 'Order Confirmed', status, cast(:at as timestamptz), 'system', null, :cause from confirmed
     ), announced as (
       insert into orders.outbox (event_id, type, subject, at, cause, data)
       select :eventId, 'Order Confirmed', id, cast(:at as timestamptz), :cause,
              jsonb_build_object('orderId', id, 'number', number, 'status', status, 'version', version)
       from confirmed
     )
     select id from confirmed`,
    { ...confirm, entries, eventId: newId('evt') },
  )
  return confirmed.length === 1
}

/** Adds an entry to the timeline that changes no status (a payment, a label). Answers the order's version. */
export async function noteOnTimeline(db: Db, note: Note): Promise<number> {
  const [noted] = await rows<{ version: number }>(
    db,
    `with noted as (
       update orders.orders set version = version + 1 where id = :orderId returning id, version, status
     )
     insert into orders.order_events (order_id, version, type, status, at, actor, reason, cause)
     select id, version, :type, status, cast(:at as timestamptz), :actor, :reason, :cause from noted
     returning version`,
    { ...note },
  )
  return noted?.version ?? 0
}

/** Marks an order for an admin's attention, with the reason; the flag stands beside the state. */
export async function flagOrder(
  db: Db,
  { orderId, reason }: { orderId: OrderId; reason: string },
): Promise<void> {
  await changed(
    db,
    `update orders.orders set needs_attention = true, attention_reason = :reason where id = :orderId`,
    { orderId, reason },
  )
}

/** Locks an order until the transaction ends: whoever else would move it waits. */
export async function lockOrder(trx: Db, orderId: OrderId): Promise<void> {
  await lockOrders(trx, [orderId])
}

/** The same of several, always in the same order, so that two who lock some of the same ones cannot wait for each other. */
export async function lockOrders(trx: Db, orderIds: readonly OrderId[]): Promise<void> {
  const sql = `select 1 from orders.orders where id = any(:orderIds) order by id for update`
  await rows(trx, sql, { orderIds: [...orderIds] })
}
