/** Things to buy that do not run out: the shop sells at most what it has, and a bench buys more than a sample catalog holds. */
import { Advice } from '../dev/supervisor/advice.ts'
import { changed, rows } from '../store/db.ts'
import type { Databases } from '../store/db.ts'

/** Enough for a row of a minute at a hundred orders a second, on the fewest SKUs that this works with. */
const wantedUnits = 5_000
const fewestSkus = 20

/**
 * Answers the SKUs that are sold in this currency and shown as available, after a delivery of as many units as they lack. The
 * delivery is booked like any other: the level and its movement in one transaction, so the books stay true.
 */
export async function stockedSkus(
  { catalog, inventory }: Pick<Databases, 'catalog' | 'inventory'>,
  { currency, run }: { currency: string; run: string },
): Promise<string[]> {
  const sold = await rows<{ sku: string }>(
    catalog,
    `select v.sku from catalog.variants as v
     join catalog.products as p on p.id = v.product_id and p.status = 'published'
     join catalog.prices as r on r.sku = v.sku and r.currency = :currency
     where v.available order by v.sku`,
    { currency },
  )
  const skus = sold.map(({ sku }) => sku)
  if (skus.length < fewestSkus) {
    throw new Advice(
      `The shop sells ${skus.length} things, and this wants ${fewestSkus} at least: start it on the sample catalog (--fresh).`,
    )
  }
  await changed(
    inventory,
    // Locked in the order in which the shop locks them: it may still be busy with orders of a run before.
    `with locked as materialized (
       select sku, warehouse_id, on_hand - reserved as available
       from inventory.stock_levels where sku = any(:skus) order by sku, warehouse_id for update
     ), lacking as (
       select distinct on (sku) sku, warehouse_id, cast(:wanted as integer) - available as units
       from locked order by sku, available desc
     ), delivered as (
       update inventory.stock_levels as l set on_hand = l.on_hand + k.units, version = l.version + 1
       from lacking as k where l.sku = k.sku and l.warehouse_id = k.warehouse_id and k.units > 0
       returning l.sku, l.warehouse_id, k.units
     )
     insert into inventory.stock_movements (sku, warehouse_id, quantity, kind, reason, actor, source, at)
     select sku, warehouse_id, units, 'received', 'bought by the bench', 'bench', :source, now() from delivered`,
    { skus, wanted: wantedUnits, source: `bench:${run}` },
  )
  return skus
}
