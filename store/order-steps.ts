import type { EventType } from '../domain/events.ts'
import type { CartId, OrderId } from '../domain/ids.ts'
import { statusesBefore } from '../domain/orders.ts'
import type { Actor, FrozenLine, OrderStatus } from '../domain/orders.ts'
import type { PricedLine } from '../domain/pricing.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'
import { totalsToWrite } from './order-totals.ts'
import type { Cost } from './order-totals.ts'

/** The writes of an order's life. Each is one statement, and is guarded by the state that it starts from. */

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
  /** What it costs, where that is known; else `freezeTotals` writes it later. */
  readonly cost: Cost | null
}

/**
 * Inserts the order of a cart with its lines, what they cost, the first entry of its timeline and its event, in one statement. False: the
 * cart is not open at this version any more, has a live order already (`one_live_order_per_cart`), or this order was inserted before.
 */
export async function insertOrder(db: Db, order: OrderToInsert): Promise<boolean> {
  const inserted = await rows(
    db,
    `with cart as (
       select id, version from orders.carts where id = :cartId and version = :cartVersion and status = 'open' for update
     ), placed as (
       insert into orders.orders
         (id, number, cart_id, cart_version, customer_ref, email, currency, status, version, ship_to, bill_to,
          placed_at, expires_at, cause, subtotal_minor, discount_minor, shipping_minor, tax_minor, tax_included_minor,
          rounding_minor, total_minor, shipping_tax_minor, shipping_tax_included_minor, rate)
       select
         :orderId, nextval('orders.order_numbers')::text, cart.id, cart.version, :customerRef, :email, :currency,
         'pending_payment', 1, cast(:shipTo as jsonb), cast(:billTo as jsonb), cast(:placedAt as timestamptz),
         cast(:expiresAt as timestamptz), :cause, c."subtotalMinor", c."discountMinor", c."shippingMinor", c."taxMinor",
         c."taxIncludedMinor", c."roundingMinor", c."totalMinor", c."shippingTax", c."shippingTaxIncluded", c.rate
       from cart, jsonb_to_record(cast(:cost as jsonb)) as c
         ("subtotalMinor" bigint, "discountMinor" bigint, "shippingMinor" bigint, "taxMinor" bigint,
          "taxIncludedMinor" bigint, "roundingMinor" bigint, "totalMinor" bigint, "shippingTax" bigint,
          "shippingTaxIncluded" bigint, rate jsonb)
       on conflict do nothing
       returning id, status, version, placed_at, cause
     ), lined as (
       insert into orders.order_lines
         (id, order_id, position, sku, name, quantity, unit_price_minor, tax_class, grams, subtotal_minor,
          discount_minor, tax_minor, tax_included_minor, tax_rate_per_100k, tax_mode, total_minor)
       select
         l."lineId", placed.id, l.position, l.sku, l.name, l.quantity, l."unitPriceMinor", l."taxClass", l.grams,
         l."subtotalMinor", l."discountMinor", l."taxMinor", l."taxIncludedMinor", l."taxRatePer100k", l."taxMode",
         l."totalMinor"
       from placed, jsonb_to_recordset(cast(:lines as jsonb)) as l
         (position integer, "lineId" text, sku text, name text, quantity integer, "unitPriceMinor" bigint,
          "taxClass" text, grams integer, "subtotalMinor" bigint, "discountMinor" bigint, "taxMinor" bigint,
          "taxIncludedMinor" bigint, "taxRatePer100k" integer, "taxMode" text, "totalMinor" bigint)
     ), told as (
       insert into orders.order_events (order_id, version, type, status, at, actor, cause)
       select id, version, 'Order Placed', status, placed_at, 'customer', cause from placed
     ), announced as (
       insert into orders.outbox (event_id, type, subject, at, cause, data)
       select :eventId, 'Order Placed', id, placed_at, cause, jsonb_build_object('orderId', id, 'status', status)
       from placed
     )
     select id from placed`,
    { ...order, ...written(order), eventId: newId('evt') },
  )
  return inserted.length === 1
}

/** What stands in JSON for the statement. A line whose cost is not known yet costs nothing until then. */
function written({ shipTo, billTo, lines, cost }: OrderToInsert): Record<string, string | null> {
  const put = lines.map((line, at) => ({
    position: at + 1,
    ...unknownCost,
    ...line,
    ...cost?.priced.lines[at],
  }))
  return {
    shipTo: JSON.stringify(shipTo),
    billTo: billTo === null ? null : JSON.stringify(billTo),
    lines: JSON.stringify(put),
    cost: JSON.stringify(cost === null ? {} : { ...totalsToWrite(cost), rate: cost.rate }),
  }
}

const unknownCost: Omit<PricedLine, 'lineId'> = {
  subtotalMinor: 0,
  discountMinor: 0,
  taxMinor: 0,
  taxIncludedMinor: 0,
  taxRatePer100k: 0,
  taxMode: 'included',
  totalMinor: 0,
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
