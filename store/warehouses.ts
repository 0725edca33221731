import type { Address } from '../domain/addresses.ts'
import type { WarehouseId } from '../domain/ids.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** Where stock stands. The lower the rank, the sooner parcels are sent from there. */
export interface Warehouse {
  readonly id: WarehouseId
  readonly name: string
  readonly rank: number
  readonly address: Address
  readonly version: number
}

const columns = 'id, name, rank, address, version'

export async function listWarehouses(db: Db): Promise<Warehouse[]> {
  return rows<Warehouse>(db, `select ${columns} from inventory.warehouses order by rank, id`)
}

export async function readWarehouse(db: Db, id: string): Promise<Warehouse | null> {
  const [warehouse] = await rows<Warehouse>(
    db,
    `select ${columns} from inventory.warehouses where id = :id`,
    { id },
  )
  return warehouse ?? null
}

/** Those of the ids that no warehouse has. */
export async function warehousesThatAreMissing(db: Db, ids: readonly string[]): Promise<string[]> {
  const missing = await rows<{ id: string }>(
    db,
    `select wanted.id from unnest(cast(:ids as text[])) as wanted (id)
     where not exists (select 1 from inventory.warehouses as w where w.id = wanted.id)`,
    { ids: [...ids] },
  )
  return missing.map(({ id }) => id)
}

/** False: there is a warehouse of this id. */
export async function insertWarehouse(db: Db, warehouse: Omit<Warehouse, 'version'>): Promise<boolean> {
  const inserted = await changed(
    db,
    `insert into inventory.warehouses (id, name, rank, address) values (:id, :name, :rank, :address)
     on conflict do nothing`,
    { ...warehouse, address: JSON.stringify(warehouse.address) },
  )
  return inserted === 1
}

/** Changes a warehouse that still has this version; answers the next one, or null when somebody else was faster. */
export async function updateWarehouse(db: Db, warehouse: Warehouse): Promise<number | null> {
  const [row] = await rows<{ version: number }>(
    db,
    `update inventory.warehouses set name = :name, rank = :rank, address = :address, version = version + 1
     where id = :id and version = :version
     returning version`,
    { ...warehouse, address: JSON.stringify(warehouse.address) },
  )
  return row?.version ?? null
}
