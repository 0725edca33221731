import type { CancellationId, OrderId } from '../domain/ids.ts'
import type { Holder } from '../domain/inventory.ts'
import type { RecalledUnits } from '../domain/recalls.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** Stock that cancellations of paid orders let go of. */

/** Notes that a cancellation releases its units now. False: it has before. */
export async function noteRelease(
  trx: Db,
  release: { cancellationId: CancellationId; orderId: OrderId; units: readonly RecalledUnits[] | null },
): Promise<boolean> {
  const noted = await changed(
    trx,
    `insert into inventory.releases (cancellation_id, order_id, units) values (:cancellationId, :orderId, :units)
     on conflict do nothing`,
    { ...release, units: JSON.stringify(release.units) },
  )
  return noted === 1
}

/** Whether all of the order's stock was let go of because the paid order was cancelled. */
export async function wasCancelled(db: Db, orderId: Holder): Promise<boolean> {
  const found = await rows(
    db,
    `select 1 from inventory.releases where order_id = :orderId and units = cast('null' as jsonb)`,
    { orderId },
  )
  return found.length > 0
}

/**
 * Lets go of so many units of some lines, and lowers the counters by those of them that were still promised: units that a count took
 * away are promised to nobody. The door of the order and the levels are locked by the caller.
 */
export async function releaseUnits(
  trx: Db,
  { orderId, units }: { orderId: OrderId; units: readonly RecalledUnits[] },
): Promise<void> {
  await changed(
    trx,
    `with wanted as (
       select "lineId" as line_id, "warehouseId" as warehouse_id, cast(sum(quantity) as integer) as quantity
       from jsonb_to_recordset(cast(:units as jsonb)) as u ("lineId" text, "warehouseId" text, quantity integer)
       group by 1, 2
     ), before as (
       select r.line_id, r.warehouse_id, r.sku, r.status, r.quantity, least(r.quantity, w.quantity) as gone
       from inventory.reservations as r join wanted as w using (line_id, warehouse_id)
       where r.order_id = :orderId and r.status in ('held', 'committed', 'taken')
     ), released as (
       update inventory.reservations as r
       set quantity = case when b.gone = b.quantity then r.quantity else r.quantity - b.gone end,
           status = case when b.gone = b.quantity then 'released' else r.status end
       from before as b
       where r.order_id = :orderId and r.line_id = b.line_id and r.warehouse_id = b.warehouse_id
     ), sums as (
       select sku, warehouse_id, sum(gone) as quantity from before where status <> 'taken' group by sku, warehouse_id
     )
     update inventory.stock_levels as l
     set reserved = l.reserved - sums.quantity, version = l.version + 1
     from sums where l.sku = sums.sku and l.warehouse_id = sums.warehouse_id`,
    { orderId, units: JSON.stringify(units) },
  )
}
