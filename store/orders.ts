import type { Address } from '../domain/addresses.ts'
import type { CartId, OrderId } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import { endedUnpaid } from '../domain/orders.ts'
import type {
  ChosenRate,
  Order,
  OrderLine,
  OrderShipment,
  OrderStatus,
  TimelineEntry,
  Totals,
} from '../domain/orders.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

interface OrderRow {
  id: OrderId
  number: string
  cart_id: CartId
  customer_ref: string
  email: string
  currency: Currency
  status: OrderStatus
  version: number
  ship_to: Address
  bill_to: Address | null
  rate: ChosenRate | null
  subtotal_minor: number | null
  discount_minor: number | null
  shipping_minor: number | null
  tax_minor: number | null
  tax_included_minor: number | null
  rounding_minor: number | null
  total_minor: number | null
  placed_at: string
  expires_at: string
  end_reason: string | null
  end_code: string | null
  needs_attention: boolean
  attention_reason: string | null
  lines: OrderLine[]
  shipments: OrderShipment[]
}

// Lines and parcels come with the order in one statement: an order is always read whole.
const selectOrder = `
  select
    o.id, o.number, o.cart_id, o.customer_ref, o.email, o.currency, o.status, o.version, o.ship_to, o.bill_to, o.rate,
    o.subtotal_minor, o.discount_minor, o.shipping_minor, o.tax_minor, o.tax_included_minor, o.rounding_minor,
    o.total_minor, o.placed_at, o.expires_at, o.end_reason, o.end_code, o.needs_attention, o.attention_reason,
    (select coalesce(json_agg(json_build_object(
       'lineId', l.id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'cancelledQuantity', l.cancelled_quantity,
       'refundedQuantity', l.refunded_quantity,
       'unitPriceMinor', l.unit_price_minor, 'taxClass', l.tax_class, 'grams', l.grams,
       'subtotalMinor', l.subtotal_minor, 'discountMinor', l.discount_minor, 'taxMinor', l.tax_minor,
       'taxIncludedMinor', l.tax_included_minor, 'totalMinor', l.total_minor) order by l.position), '[]')
     from orders.order_lines as l where l.order_id = o.id) as lines,
    (select coalesce(json_agg(json_build_object(
       'shipmentId', s.shipment_id, 'status', s.status, 'carrier', s.carrier, 'service', s.service,
       'trackingCode', s.tracking_code, 'trackingUrl', s.tracking_url, 'labelUrl', s.label_url) order by s.shipment_id), '[]')
     from orders.order_shipments as s where s.order_id = o.id) as shipments
  from orders.orders as o`

/** The order with its lines and parcels, or null when there is none of this id. */
export async function readOrder(db: Db, orderId: OrderId): Promise<Order | null> {
  const [row] = await rows<OrderRow>(db, `${selectOrder} where o.id = :orderId`, { orderId })
  return row ? orderOf(row) : null
}

/** These orders, newest first; those that are not there are left out. */
export async function readOrders(db: Db, orderIds: readonly OrderId[]): Promise<Order[]> {
  if (orderIds.length === 0) return []
  const found = await rows<OrderRow>(db, `${selectOrder} where o.id = any(:orderIds) order by o.id desc`, {
    orderIds: [...orderIds],
  })
  return found.map(orderOf)
}

/** What happened to the order, oldest first. */
export async function readTimeline(db: Db, orderId: OrderId): Promise<TimelineEntry[]> {
  return rows<TimelineEntry>(
    db,
    `select version, type, status, at, actor, reason
     from orders.order_events where order_id = :orderId order by version`,
    { orderId },
  )
}

/** The one order of this cart that is neither expired nor rejected nor cancelled, if there is one. */
export async function liveOrderOfCart(
  db: Db,
  cartId: CartId,
): Promise<{ orderId: OrderId; status: OrderStatus; cartVersion: number } | null> {
  const [row] = await rows<{ orderId: OrderId; status: OrderStatus; cartVersion: number }>(
    db,
    `select id as "orderId", status, cart_version as "cartVersion"
     from orders.orders where cart_id = :cartId and status <> all(:ended)`,
    { cartId, ended: [...endedUnpaid] },
  )
  return row ?? null
}

function totalsOf(row: OrderRow): Totals | null {
  if (row.total_minor === null) return null
  return {
    subtotalMinor: row.subtotal_minor ?? 0,
    discountMinor: row.discount_minor ?? 0,
    shippingMinor: row.shipping_minor ?? 0,
    taxMinor: row.tax_minor ?? 0,
    taxIncludedMinor: row.tax_included_minor ?? 0,
    roundingMinor: row.rounding_minor ?? 0,
    totalMinor: row.total_minor,
  }
}

/** Turns a row into the state that it claims to be in; a row that cannot be that (the database's checks forbid it) is a fault. */
function orderOf(row: OrderRow): Order {
  const base = {
    id: row.id,
    number: row.number,
    cartId: row.cart_id,
    customerRef: row.customer_ref,
    email: row.email,
    currency: row.currency,
    lines: row.lines,
    shipTo: row.ship_to,
    billTo: row.bill_to,
    placedAt: row.placed_at,
    version: row.version,
    needsAttention: row.needs_attention,
    attentionReason: row.attention_reason,
  }
  const totals = totalsOf(row)
  const priced = totals !== null && row.rate !== null ? { totals, rate: row.rate } : null
  const maybePriced = priced ?? { totals: null, rate: null }

  switch (row.status) {
    case 'pending_payment':
      return { ...base, ...maybePriced, status: row.status, expiresAt: row.expires_at }
    case 'expired':
    case 'rejected':
    case 'cancelled':
      return {
        ...base,
        ...maybePriced,
        status: row.status,
        endReason: row.end_reason ?? '',
        endCode: row.end_code,
        shipments: row.shipments,
      }
    case 'confirmed':
    case 'cancelling':
      if (!priced) throw new Error(`Order ${row.id} is ${row.status} without a total.`)
      return { ...base, ...priced, status: row.status, shipments: row.shipments }
    case 'shipped':
    case 'delivered': {
      const [first, ...others] = row.shipments
      if (!priced || !first) throw new Error(`Order ${row.id} is ${row.status} without a total or a parcel.`)
      return { ...base, ...priced, status: row.status, shipments: [first, ...others] }
    }
  }
}
