import type { Sku, SupplierId } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import { breaks, changed, rows } from './db.ts'
import type { Db } from './db.ts'

export interface Supplier {
  readonly id: SupplierId
  readonly name: string
  /** Where orders are mailed to. */
  readonly email: string
  /** What all its prices are in. */
  readonly currency: Currency
  readonly leadTimeDays: number
  /** Nothing is suggested of, or ordered from, one that is not active. */
  readonly active: boolean
  readonly version: number
}

/** A SKU that a supplier sells, and how. */
export interface SupplierItem {
  readonly supplierId: SupplierId
  readonly sku: Sku
  readonly supplierSku: string | null
  readonly unitCostMinor: number
  readonly packSize: number
  readonly minimumQuantity: number
  /** Null: the supplier's own. */
  readonly leadTimeDays: number | null
  /** The lower, the sooner this supplier is suggested. */
  readonly rank: number
  readonly version: number
}

const columns = `id, name, email, currency, lead_time_days as "leadTimeDays", active, version`
const itemColumns = `supplier_id as "supplierId", sku, supplier_sku as "supplierSku", unit_cost_minor as "unitCostMinor",
  pack_size as "packSize", minimum_quantity as "minimumQuantity", lead_time_days as "leadTimeDays", rank, version`

/** Suppliers in the order of their ids; `after` is the last one of the page before. */
export async function listSuppliers(
  db: Db,
  { after, limit }: { after?: SupplierId | undefined; limit: number },
): Promise<Supplier[]> {
  return rows<Supplier>(
    db,
    `select ${columns} from inventory.suppliers where id > :after order by id limit :limit`,
    {
      after: after ?? '',
      limit,
    },
  )
}

export async function readSupplier(db: Db, id: SupplierId): Promise<Supplier | null> {
  const [supplier] = await rows<Supplier>(db, `select ${columns} from inventory.suppliers where id = :id`, {
    id,
  })
  return supplier ?? null
}

/** Suppliers by their names, however these are capitalised. */
export async function suppliersNamed(db: Db, names: readonly string[]): Promise<Supplier[]> {
  return rows<Supplier>(
    db,
    `select ${columns} from inventory.suppliers where lower(name) = any(select lower(unnest(cast(:names as text[]))))`,
    { names: [...names] },
  )
}

/** False: another supplier has this name. */
export async function insertSupplier(db: Db, supplier: Omit<Supplier, 'version'>): Promise<boolean> {
  const inserted = await changed(
    db,
    `insert into inventory.suppliers (id, name, email, currency, lead_time_days, active)
     values (:id, :name, :email, :currency, :leadTimeDays, :active)
     on conflict do nothing`,
    { ...supplier },
  )
  return inserted === 1
}

/** Changes a supplier that still has this version; answers the next one. `stale`: somebody else was faster. */
export async function updateSupplier(db: Db, supplier: Supplier): Promise<number | 'stale' | 'name_taken'> {
  try {
    const [row] = await rows<{ version: number }>(
      db,
      `update inventory.suppliers
       set name = :name, email = :email, currency = :currency, lead_time_days = :leadTimeDays, active = :active,
           version = version + 1
       where id = :id and version = :version
       returning version`,
      { ...supplier },
    )
    return row?.version ?? 'stale'
  } catch (error) {
    if (breaks(error, 'one_supplier_of_a_name')) return 'name_taken'
    throw error
  }
}

/** What a supplier sells, by SKU. */
export async function listItems(
  db: Db,
  { supplierId, after, limit }: { supplierId: SupplierId; after?: string | undefined; limit: number },
): Promise<SupplierItem[]> {
  return rows<SupplierItem>(
    db,
    `select ${itemColumns} from inventory.supplier_items
     where supplier_id = :supplierId and sku > :after order by sku limit :limit`,
    { supplierId, after: after ?? '', limit },
  )
}

/** What a supplier asks for these SKUs; those that he does not sell are left out. */
export async function itemsOf(
  db: Db,
  { supplierId, skus }: { supplierId: SupplierId; skus: readonly Sku[] },
): Promise<SupplierItem[]> {
  return rows<SupplierItem>(
    db,
    `select ${itemColumns} from inventory.supplier_items where supplier_id = :supplierId and sku = any(:skus)`,
    { supplierId, skus: [...skus] },
  )
}

/** Puts an item into a supplier's list, or changes the one that is there. Answers its version. */
export async function putItem(db: Db, item: Omit<SupplierItem, 'version'>): Promise<number> {
  const [row] = await rows<{ version: number }>(
    db,
    `insert into inventory.supplier_items as i
       (supplier_id, sku, supplier_sku, unit_cost_minor, pack_size, minimum_quantity, lead_time_days, rank)
     values (:supplierId, :sku, :supplierSku, :unitCostMinor, :packSize, :minimumQuantity, :leadTimeDays, :rank)
     on conflict (supplier_id, sku) do update
     set supplier_sku = excluded.supplier_sku, unit_cost_minor = excluded.unit_cost_minor,
         pack_size = excluded.pack_size, minimum_quantity = excluded.minimum_quantity,
         lead_time_days = excluded.lead_time_days, rank = excluded.rank, version = i.version + 1
     returning version`,
    { ...item },
  )
  if (!row) throw new Error('An item that was written is not there.')
  return row.version
}

/** False: the supplier did not sell it. */
export async function removeItem(
  db: Db,
  { supplierId, sku }: { supplierId: SupplierId; sku: string },
): Promise<boolean> {
  const removed = await changed(
    db,
    `delete from inventory.supplier_items where supplier_id = :supplierId and sku = :sku`,
    { supplierId, sku },
  )
  return removed === 1
}

/** All suppliers with all that they sell, for an export; one who sells nothing has a row too. `after` is the last row of the page before. */
export async function listOffers(
  db: Db,
  { after, limit }: { after: { name: string; sku: string } | null; limit: number },
): Promise<{ readonly supplier: Supplier; readonly item: SupplierItem | null }[]> {
  const found = await rows<Supplier & { item: SupplierItem | null }>(
    db,
    `select s.id, s.name, s.email, s.currency, s.lead_time_days as "leadTimeDays", s.active, s.version,
            case when i.sku is null then null else json_build_object(
              'supplierId', i.supplier_id, 'sku', i.sku, 'supplierSku', i.supplier_sku, 'unitCostMinor', i.unit_cost_minor,
              'packSize', i.pack_size, 'minimumQuantity', i.minimum_quantity, 'leadTimeDays', i.lead_time_days,
              'rank', i.rank, 'version', i.version) end as item
     from inventory.suppliers as s left join inventory.supplier_items as i on i.supplier_id = s.id
     where (s.name, coalesce(i.sku, '')) > (:name, :sku)
     order by s.name, coalesce(i.sku, '')
     limit :limit`,
    { name: after?.name ?? '', sku: after?.sku ?? '', limit },
  )
  return found.map(({ item, ...supplier }) => ({ supplier, item }))
}
