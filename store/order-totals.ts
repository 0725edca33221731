import type { OrderId } from '../domain/ids.ts'
import type { ChosenRate, Totals } from '../domain/orders.ts'
import { totalsOf } from '../domain/pricing.ts'
import type { PricedOrder } from '../domain/pricing.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** What an order costs: its lines, and its parcel at the rate that was chosen. */
export interface Cost {
  readonly priced: PricedOrder
  readonly rate: ChosenRate
}

/**
 * Freezes what the order and each of its lines cost, once: an order that has its total keeps it. Answers the total that stands, in
 * minor units.
 */
export async function freezeTotals(
  db: Db,
  { orderId, ...cost }: Cost & { orderId: OrderId },
): Promise<number> {
  const [frozen] = await rows<{ totalMinor: number }>(
    db,
    `with frozen as (
       update orders.orders
       set subtotal_minor = :subtotalMinor, discount_minor = :discountMinor, shipping_minor = :shippingMinor,
           tax_minor = :taxMinor, tax_included_minor = :taxIncludedMinor, rounding_minor = :roundingMinor,
           total_minor = :totalMinor, shipping_tax_minor = :shippingTax, shipping_tax_included_minor = :shippingTaxIncluded,
           rate = :rate
       where id = :orderId and total_minor is null
       returning id, total_minor
     ), lined as (
       update orders.order_lines as l
       set subtotal_minor = p."subtotalMinor", discount_minor = p."discountMinor", tax_minor = p."taxMinor",
           tax_included_minor = p."taxIncludedMinor", tax_rate_per_100k = p."taxRatePer100k", tax_mode = p."taxMode",
           total_minor = p."totalMinor"
       from frozen, jsonb_to_recordset(cast(:lines as jsonb)) as p
         ("lineId" text, "subtotalMinor" bigint, "discountMinor" bigint, "taxMinor" bigint, "taxIncludedMinor" bigint,
          "taxRatePer100k" integer, "taxMode" text, "totalMinor" bigint)
       where l.order_id = frozen.id and l.id = p."lineId"
     )
     select total_minor as "totalMinor" from frozen`,
    {
      ...totalsToWrite(cost),
      rate: JSON.stringify(cost.rate),
      orderId,
      lines: JSON.stringify(cost.priced.lines),
    },
  )
  if (frozen) return frozen.totalMinor
  const [known] = await rows<{ totalMinor: number }>(
    db,
    `select total_minor as "totalMinor" from orders.orders where id = :orderId and total_minor is not null`,
    { orderId },
  )
  if (!known) throw new Error(`The total of ${orderId} was neither frozen nor found.`)
  return known.totalMinor
}

/** The amounts that stand with the order itself, in minor units. */
export function totalsToWrite({
  priced,
}: Cost): Totals & { shippingTax: number; shippingTaxIncluded: number } {
  const { taxMinor, taxIncludedMinor } = priced.shipping
  return { ...totalsOf(priced), shippingTax: taxMinor, shippingTaxIncluded: taxIncludedMinor }
}
