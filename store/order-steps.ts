import type { EventType } from '../domain/events.ts'
import type { CartId, OrderId } from '../domain/ids.ts'
import { statusesBefore } from '../domain/orders.ts'
import type { Actor, ChosenRate, FrozenLine, OrderStatus } from '../domain/orders.ts'
import type { PricedOrder } from '../domain/pricing.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { announce } from './outbox.ts'

/** The writes of an order's life. Each expects a transaction, and is guarded by the state that it starts from. */

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

/** Inserts an order with its lines. False when the cart has a live order already (`one_live_order_per_cart`). */
export async function insertOrder(trx: Db, order: OrderToInsert): Promise<boolean> {
  const inserted = await changed(
    trx,
    `insert into orders.orders
       (id, number, cart_id, cart_version, customer_ref, email, currency, status, version, ship_to, bill_to,
        placed_at, expires_at, cause)
     values
       (:orderId, nextval('orders.order_numbers')::text, :cartId, :cartVersion, :customerRef, :email, :currency,
        'pending_payment', 1, :shipTo, :billTo, :placedAt, :expiresAt, :cause)
     on conflict (cart_id) where status not in ('expired', 'rejected', 'cancelled') do nothing`,
    {
      ...order,
      shipTo: JSON.stringify(order.shipTo),
      billTo: order.billTo === null ? null : JSON.stringify(order.billTo),
    },
  )
  if (inserted === 0) return false
  await trx('orders.order_lines').insert(
    order.lines.map((line, index) => ({
      id: line.lineId,
      order_id: order.orderId,
      position: index + 1,
      sku: line.sku,
      name: line.name,
      quantity: line.quantity,
      unit_price_minor: line.unitPriceMinor,
      tax_class: line.taxClass,
      grams: line.grams,
    })),
  )
  const { orderId, placedAt: at, cause } = order
  await appendToTimeline(trx, {
    orderId,
    version: 1,
    type: 'Order Placed',
    status: 'pending_payment',
    at,
    actor: 'customer',
    reason: null,
    cause,
  })
  const data = { orderId, status: 'pending_payment' }
  await announce(trx, {
    schema: 'orders',
    events: [{ type: 'Order Placed', subject: orderId, at, cause, data }],
  })
  return true
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

/** Freezes what the order costs, once: an order that has its total keeps it. */
export async function freezeTotals(
  trx: Db,
  { orderId, priced, rate }: { orderId: OrderId; priced: PricedOrder; rate: ChosenRate },
): Promise<void> {
  const frozen = await changed(
    trx,
    `update orders.orders
     set subtotal_minor = :subtotalMinor, discount_minor = :discountMinor, shipping_minor = :shippingMinor,
         tax_minor = :taxMinor, tax_included_minor = :taxIncludedMinor, rounding_minor = :roundingMinor,
         total_minor = :totalMinor, shipping_tax_minor = :shippingTax, shipping_tax_included_minor = :shippingTaxIncluded,
         rate = :rate
     where id = :orderId and total_minor is null`,
    {
      ...priced,
      shippingTax: priced.shipping.taxMinor,
      shippingTaxIncluded: priced.shipping.taxIncludedMinor,
      rate: JSON.stringify(rate),
      orderId,
    },
  )
  if (frozen === 0) return
  await changed(
    trx,
    `update orders.order_lines as l
     set subtotal_minor = p."subtotalMinor", discount_minor = p."discountMinor", tax_minor = p."taxMinor",
         tax_included_minor = p."taxIncludedMinor", tax_rate_per_100k = p."taxRatePer100k", tax_mode = p."taxMode",
         total_minor = p."totalMinor"
     from jsonb_to_recordset(cast(:lines as jsonb)) as p
       ("lineId" text, "subtotalMinor" bigint, "discountMinor" bigint, "taxMinor" bigint, "taxIncludedMinor" bigint,
        "taxRatePer100k" integer, "taxMode" text, "totalMinor" bigint)
     where l.order_id = :orderId and l.id = p."lineId"`,
    { orderId, lines: JSON.stringify(priced.lines) },
  )
}

export interface Move {
  readonly orderId: OrderId
  readonly to: OrderStatus
  /** The event of this move: an entry of the timeline, and announced to whoever listens. */
  readonly type: EventType
  readonly at: string
  readonly actor: Actor
  readonly reason: string | null
  readonly cause: string
}

/**
 * Moves an order to another status, if the table of transitions lets it, with the entry in its timeline and the event in the
 * outbox. False: it was not in a status from which it may go there, and nothing was done.
 */
export async function moveOrder(trx: Db, move: Move): Promise<boolean> {
  const { orderId, to, type, at, actor, reason, cause } = move
  const [moved] = await rows<{ version: number; cart_id: string; number: string }>(
    trx,
    `update orders.orders
     set status = :to,
         version = version + 1,
         confirmed_at = case when :to = 'confirmed' then cast(:at as timestamptz) else confirmed_at end,
         end_reason = case when :to in ('expired', 'rejected', 'cancelled') then coalesce(:reason, '') else end_reason end
     where id = :orderId and status = any(:from)
     returning version, cart_id, number`,
    { orderId, to, from: statusesBefore(to), at, reason },
  )
  if (!moved) return false
  await appendToTimeline(trx, { orderId, version: moved.version, type, status: to, at, actor, reason, cause })
  const data = { orderId, number: moved.number, status: to, version: moved.version }
  await announce(trx, { schema: 'orders', events: [{ type, subject: orderId, at, cause, data }] })
  return true
}

/** Locks an order until the transaction ends: whoever else would move it waits. */
export async function lockOrder(trx: Db, orderId: OrderId): Promise<void> {
  await rows(trx, `select 1 from orders.orders where id = :orderId for update`, { orderId })
}

/** Adds an entry to the timeline that changes no status (a payment, a label). */
export async function noteOnTimeline(
  trx: Db,
  note: Omit<Move, 'to' | 'type'> & { type: string },
): Promise<void> {
  const [noted] = await rows<{ version: number; status: OrderStatus }>(
    trx,
    `update orders.orders set version = version + 1 where id = :orderId returning version, status`,
    { orderId: note.orderId },
  )
  if (noted) await appendToTimeline(trx, { ...note, ...noted })
}

async function appendToTimeline(
  trx: Db,
  entry: Omit<Move, 'to' | 'type'> & { type: string; version: number; status: OrderStatus },
): Promise<void> {
  const { orderId, ...rest } = entry
  await trx('orders.order_events').insert({ order_id: orderId, ...rest })
}

/** Notes in how many parcels a confirmed order goes, and closes its cart: a paid one takes no more changes. */
export async function closeCartOf(
  trx: Db,
  { orderId, parcels }: { orderId: OrderId; parcels: number },
): Promise<void> {
  await changed(trx, `update orders.orders set parcels = :parcels where id = :orderId`, { orderId, parcels })
  await changed(
    trx,
    `update orders.carts set status = 'ordered'
     where id = (select cart_id from orders.orders where id = :orderId)`,
    { orderId },
  )
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
