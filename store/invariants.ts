import type { OrderFacts, PaymentFacts, StockFacts, Violation } from '../domain/invariants.ts'
import type { OrderId } from '../domain/ids.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** I1–I4, inside the inventory service's own schema. `now` is the clock by which holds are judged. */
export async function stockViolations(db: Db, { now }: { now: string }): Promise<Violation[]> {
  return rows<Violation>(
    db,
    `select 'I1' as invariant, sku || ' in ' || warehouse_id as subject,
            'reserved ' || reserved || ' of ' || on_hand as detail
     from inventory.stock_levels where reserved < 0 or reserved > on_hand
     union all
     select 'I2', l.sku || ' in ' || l.warehouse_id,
            l.condition || ' ' || l.units || ', the journal says ' || coalesce(m.sum, 0)
     from (
       select sku, warehouse_id, condition, units from inventory.stock_levels as s
       cross join lateral (values ('sellable', s.on_hand), ('quarantined', s.quarantined), ('damaged', s.damaged))
         as of_condition (condition, units)
     ) as l
     left join (
       select sku, warehouse_id, condition, sum(quantity) as sum from inventory.stock_movements group by 1, 2, 3
     ) as m using (sku, warehouse_id, condition)
     where l.units <> coalesce(m.sum, 0)
     union all
     select 'I3', l.sku || ' in ' || l.warehouse_id, 'reserved ' || l.reserved || ', live reservations ' || coalesce(r.sum, 0)
     from inventory.stock_levels as l
     left join (select sku, warehouse_id, sum(quantity) as sum from inventory.reservations
                where status in ('held', 'committed') group by 1, 2) as r
       using (sku, warehouse_id)
     where l.reserved <> coalesce(r.sum, 0)
     union all
     select 'I4', order_id, 'held past its deadline ' || deadline
     from inventory.holds
     where status = 'held' and deadline < cast(:now as timestamptz) - interval '60 seconds'`,
    { now },
  )
}

/** I7, inside the orders schema: totals are the sums of their lines. The total's own sum is a CHECK. */
export async function totalViolations(db: Db): Promise<Violation[]> {
  return rows<Violation>(
    db,
    `select 'I7' as invariant, o.id as subject,
            'lines make ' || sum(l.subtotal_minor) || ' − ' || sum(l.discount_minor) || ' + ' || sum(l.tax_minor) ||
            ', the order says ' || o.subtotal_minor || ' − ' || o.discount_minor || ' + ' || o.tax_minor as detail
     from orders.orders as o join orders.order_lines as l on l.order_id = o.id
     where o.total_minor is not null
     group by o.id
     having sum(l.subtotal_minor) <> o.subtotal_minor
         or sum(l.discount_minor) <> o.discount_minor
         or sum(l.tax_minor) + o.shipping_tax_minor <> o.tax_minor
         or sum(l.tax_included_minor) + o.shipping_tax_included_minor <> o.tax_included_minor`,
  )
}

/** I14: whatever was announced was relayed, or waits with its reason. `schema` is one that announces. */
export async function outboxViolations(
  db: Db,
  { schema, before }: { schema: string; before: string },
): Promise<Violation[]> {
  return rows<Violation>(
    db,
    `select 'I14' as invariant, event_id as subject, type || ' of ' || subject || ' was never relayed' as detail
     from ${schema}.outbox where relayed_at is null and at < :before
     union all
     select 'I14', event_id, 'parked for ' || consumer || ': ' || last_error
     from ${schema}.failed_deliveries where parked_at is not null`,
    { before },
  )
}

/**
 * I16: no label of ours that nobody knows. Purchases of which nobody heard for ten minutes, of parcels that wait for none any more: they
 * ought to have been taken back. `now` is the clock by which they are judged.
 */
export async function purchaseViolations(db: Db, { now }: { now: string }): Promise<Violation[]> {
  return rows<Violation>(
    db,
    `select 'I16' as invariant, s.order_id as subject,
            'the carrier may have sold ' || p.carrier_shipment_id || ' for ' || s.id || ', which goes without it' as detail
     from shipping.purchases as p join shipping.shipments as s on s.id = p.shipment_id
     where p.asked_at < cast(:now as timestamptz) - interval '10 minutes' and s.status <> 'pending'`,
    { now },
  )
}

/** I14: no change without its announcement. Each is looked for by what it is about; outboxes keep what was relayed. */
export async function announcementViolations(
  db: Db,
  schema: 'orders' | 'payments' | 'inventory' | 'shipping',
): Promise<Violation[]> {
  return rows<Violation>(
    db,
    `select 'I14' as invariant, c.subject, c.type || ' was never announced' as detail
     from (${changesToAnnounce[schema]}) as c
     where not exists (
       select 1 from ${schema}.outbox as o
       where o.subject = c.subject and o.type = c.type and (c.parcel is null or o.data ->> 'shipmentId' = c.parcel)
     )`,
  )
}

/** What changed for good, by the name under which it is announced. */
const changesToAnnounce = {
  orders: `
    select order_id as subject, type, null as parcel from orders.order_events
    where type in ('Order Placed', 'Order Confirmed', 'Order Expired', 'Order Rejected', 'Order Cancelled',
                   'Order Shipped', 'Order Delivered')`,
  payments: `
    select order_id as subject, 'Payment Processed' as type, null as parcel from payments.journal
    where kind = 'captured'`,
  inventory: `
    select order_id as subject, 'Inventory Updated' as type, null as parcel from inventory.holds
    where status = 'committed'`,
  shipping: `
    select order_id as subject, 'Shipment Ready' as type, id as parcel from shipping.shipments
    where tracking_code is not null`,
} as const

/** Orders with what is needed to judge them, a page at a time by id. */
export async function orderFacts(
  db: Db,
  { after, limit }: { after: string; limit: number },
): Promise<OrderFacts[]> {
  return rows<OrderFacts>(
    db,
    `select o.id as "orderId", o.status, o.total_minor as "totalMinor", o.expires_at as "expiresAt",
            (select json_agg(json_build_object('lineId', l.id, 'left', l.quantity - l.cancelled_quantity))
             from orders.order_lines as l where l.order_id = o.id) as lines,
            (select json_agg(json_build_object('version', e.version, 'status', e.status) order by e.version)
             from orders.order_events as e where e.order_id = o.id) as timeline
     from orders.orders as o where o.id > :after order by o.id limit :limit`,
    { after, limit },
  )
}

export async function paymentFacts(db: Db, orderIds: readonly OrderId[]): Promise<PaymentFacts[]> {
  return rows<PaymentFacts>(
    db,
    `select order_id as "orderId", status, total_minor as "totalMinor", captured_minor as "capturedMinor",
            refunded_minor as "refundedMinor"
     from payments.payments where order_id = any(:orderIds)`,
    { orderIds: [...orderIds] },
  )
}

export async function stockFacts(db: Db, orderIds: readonly OrderId[]): Promise<StockFacts[]> {
  return rows<StockFacts>(
    db,
    `select h.order_id as "orderId", h.status as hold,
            coalesce(json_agg(json_build_object('lineId', r.line_id, 'live', r.live, 'handedOver', r.handed_over,
                       'taken', r.taken))
                     filter (where r.line_id is not null), '[]') as lines
     from inventory.holds as h
     left join (
       select order_id, line_id,
              coalesce(sum(quantity) filter (where status in ('held', 'committed')), 0) as live,
              coalesce(sum(quantity) filter (where status = 'handed_over'), 0) as handed_over,
              coalesce(sum(quantity) filter (where status = 'taken'), 0) as taken
       from inventory.reservations where order_id = any(:orderIds) group by order_id, line_id
     ) as r on r.order_id = h.order_id
     where h.order_id = any(:orderIds)
     group by h.order_id, h.status`,
    { orderIds: [...orderIds] },
  )
}
