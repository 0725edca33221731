import type { ReplenishmentId } from '../domain/ids.ts'
import type { LevelFacts } from '../domain/replenishment.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** A level with all that the rule of replenishment looks at, and the shortage that is open for it, if any. */
export interface AnalysedLevel extends LevelFacts {
  readonly quarantined: number
  readonly damaged: number
  readonly settingsVersion: number
  readonly openReplenishment: {
    readonly id: ReplenishmentId
    readonly status: 'waiting' | 'ordered'
    readonly expiresAt: string
  } | null
}

export interface AnalysisPage {
  /** The last level of the page before. */
  readonly after: { readonly sku: string; readonly warehouseId: string } | null
  readonly limit: number
  /** The clock, and how far back sales are summed. */
  readonly now: string
  readonly windowDays: number
  readonly sku?: string | undefined
  readonly warehouseId?: string | undefined
}

/**
 * Levels in the order of (SKU, warehouse), each with what is coming, what was sold and the offer of the supplier that is preferred.
 * Everything is looked up by the page's own keys, so a page costs the same at the hundredth level and at the hundred-thousandth.
 */
export async function analyseLevels(db: Db, page: AnalysisPage): Promise<AnalysedLevel[]> {
  const { after, limit, now, windowDays, sku, warehouseId } = page
  return rows<AnalysedLevel>(db, analysis, {
    afterSku: after?.sku ?? '',
    afterWarehouse: after?.warehouseId ?? '',
    sku: sku ?? null,
    warehouseId: warehouseId ?? null,
    since: new Date(Date.parse(now) - windowDays * 86_400_000).toISOString(),
    now,
    limit,
  })
}

const analysis = `
  with page as (
    select * from inventory.stock_levels
    where (sku, warehouse_id) > (:afterSku, :afterWarehouse)
      and (cast(:sku as text) is null or sku = :sku)
      and (cast(:warehouseId as text) is null or warehouse_id = :warehouseId)
    order by sku, warehouse_id
    limit :limit
  )
  select p.sku, p.warehouse_id as "warehouseId", p.on_hand as "onHand", p.reserved, p.quarantined, p.damaged,
         p.safety_stock as "safetyStock", p.reorder_point as "reorderPoint", p.order_up_to as "orderUpTo",
         p.replenished, p.settings_version as "settingsVersion",
         cast(greatest(0, extract(epoch from cast(:now as timestamptz) - p.stocked_since) / 86400) as float8) as "knownDays",
         cast(coalesce(empty.days, 0) as float8) as "emptyDays",
         coalesce(coming.units, 0) as incoming, coalesce(sales.units, 0) as sold,
         case when offer.supplier_id is null then null else json_build_object(
           'supplierId', offer.supplier_id, 'supplierName', offer.name, 'packSize', offer.pack_size,
           'minimumQuantity', offer.minimum_quantity, 'leadTimeDays', coalesce(offer.lead_time_days, offer.usual_days),
           'unitCostMinor', offer.unit_cost_minor, 'currency', offer.currency) end as offer,
         case when r.id is null then null else json_build_object(
           'id', r.id, 'status', r.status, 'expiresAt', r.expires_at) end as "openReplenishment"
  from page as p
  left join lateral (
    select sum(greatest(o.ordered - o.received - o.damaged - o.quarantined, 0)) as units
    from inventory.purchase_order_lines as o
    where o.open and o.sku = p.sku and o.warehouse_id = p.warehouse_id
  ) as coming on true
  left join lateral (
    select -sum(m.quantity) as units from inventory.stock_movements as m
    where m.kind = 'shipped' and m.sku = p.sku and m.warehouse_id = p.warehouse_id
      and m.at >= cast(:since as timestamptz)
  ) as sales on true
  left join lateral (
    -- What was there after each movement of the window is what is there now less all that came after it. Only a level that is empty,
    -- or to which something came, can have been empty.
    select sum(greatest(0, extract(epoch from s.until - s.at))) / 86400 as days
    from (
      select m.at, coalesce(lead(m.at) over later, cast(:now as timestamptz)) as until,
             p.on_hand - coalesce(sum(m.quantity) over (later rows between 1 following and unbounded following), 0) as there
      from (
        select cast(:since as timestamptz) as at, 0 as quantity, cast(0 as bigint) as position
        union all
        select at, quantity, position from inventory.stock_movements
        where sku = p.sku and warehouse_id = p.warehouse_id and condition = 'sellable' and at >= cast(:since as timestamptz)
      ) as m
      where p.on_hand = 0 or exists (
        select 1 from inventory.stock_movements as came
        where came.sku = p.sku and came.warehouse_id = p.warehouse_id and came.at >= cast(:since as timestamptz)
          and came.condition = 'sellable' and came.quantity > 0)
      window later as (order by m.position)
    ) as s
    where s.there <= 0
  ) as empty on true
  left join lateral (
    select i.*, s.name, s.currency, s.lead_time_days as usual_days
    from inventory.supplier_items as i join inventory.suppliers as s on s.id = i.supplier_id and s.active
    where i.sku = p.sku
    order by i.rank, i.unit_cost_minor, i.supplier_id
    limit 1
  ) as offer on true
  left join inventory.replenishments as r
    on r.sku = p.sku and r.warehouse_id = p.warehouse_id and r.status in ('waiting', 'ordered')
  order by p.sku, p.warehouse_id`
