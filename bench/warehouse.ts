/** A stock of a hundred thousand levels beside the shop's own: a database and a namespace of this bench's, gone when it ends. */
import { randomBytes } from 'node:crypto'
import { Client } from '@temporalio/client'
import type { RunningShop } from '../dev/running-shop.ts'
import { makeNamespace } from '../dev/temporal/namespace.ts'
import { migrateAll } from '../migrations/main.ts'
import { openDatabases, rows } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import { connectTemporal } from '../workers/connections.ts'

export interface OwnWarehouse {
  readonly db: Db
  readonly namespace: string
  readonly temporal: Awaited<ReturnType<typeof connectTemporal>>
  readonly client: Client
  close(): Promise<void>
}

const poolSize = 16

/** Opens an empty one on the shop's own servers. Throws when the shop's account may make no database there. */
export async function openWarehouse({ config }: RunningShop): Promise<OwnWarehouse> {
  const name = `bench_${randomBytes(6).toString('hex')}`
  const url = new URL(config.databases.inventory.url)
  url.pathname = `/${name}`
  const own = { url: url.href, poolSize }
  const all = { accounts: own, catalog: own, order: own, inventory: own, shipping: own, notification: own }
  const server = openDatabases({ ...config.databases })
  await rows(server.databases.inventory, `create database ${name}`)
  await migrateAll(all)
  const opened = openDatabases(all)
  const temporal = await connectTemporal(config)
  await makeNamespace(temporal.client, name)
  return {
    ...{ db: opened.databases.inventory, namespace: name, temporal },
    client: new Client({ connection: temporal.client, namespace: name }),
    close: async () => {
      await temporal.close()
      await opened.close()
      await rows(server.databases.inventory, `drop database ${name} with (force)`)
      await server.close()
    },
  }
}

/** So many levels: ten warehouses, a supplier for every SKU, sales of the last four weeks in the journal. */
export async function fillWarehouse(db: Db, levels: number): Promise<void> {
  await rows(
    db,
    `insert into inventory.warehouses (id, name, rank, address)
     select 'w' || n, 'Warehouse ' || n, n, '{}' from generate_series(0, 9) as n`,
  )
  await rows(
    db,
    `insert into inventory.suppliers (id, name, email, currency, lead_time_days)
     select 'sup_' || n, 'Supplier ' || n, 'orders@supplier.example', 'EUR', 7 + n from generate_series(0, 19) as n`,
  )
  await rows(
    db,
    `insert into inventory.supplier_items (supplier_id, sku, unit_cost_minor, pack_size, minimum_quantity)
     select 'sup_' || (n + k * 7) % 20, 'SKU-' || n, 450 + k, 6, 12
     from generate_series(0, cast(:skus as integer) - 1) as n, generate_series(0, 1) as k`,
    { skus: Math.ceil(levels / 10) },
  )
  // More than three weeks of what is sold of it.
  await rows(
    db,
    `insert into inventory.stock_levels (sku, warehouse_id, on_hand, safety_stock, stocked_since)
     select 'SKU-' || n / 10, 'w' || n % 10, 500, 5, now() - interval '90 days'
     from generate_series(0, cast(:levels as integer) - 1) as n`,
    { levels },
  )
  await rows(
    db,
    `insert into inventory.stock_movements (sku, warehouse_id, quantity, kind, actor, source, at)
     select l.sku, l.warehouse_id, case when k = 0 then l.on_hand + 6 else -2 end,
            case when k = 0 then 'received' else 'shipped' end, 'bench', 'bench:' || k,
            now() - interval '60 days' + k * interval '17 days'
     from inventory.stock_levels as l, generate_series(0, 3) as k`,
  )
  await rows(db, 'analyze inventory.stock_levels, inventory.stock_movements, inventory.supplier_items')
}

/** Takes all but one unit of so many levels out of the warehouse, as counts do. */
export async function sellOut(db: Db, levels: number): Promise<void> {
  await rows(
    db,
    `with gone as (
       update inventory.stock_levels as l set on_hand = 1
       from (select sku, warehouse_id, on_hand from inventory.stock_levels order by md5(sku || warehouse_id) limit :levels) as o
       where l.sku = o.sku and l.warehouse_id = o.warehouse_id
       returning l.sku, l.warehouse_id, o.on_hand - 1 as units
     )
     insert into inventory.stock_movements (sku, warehouse_id, quantity, kind, actor, source, at)
     select sku, warehouse_id, -units, 'counted', 'bench', 'sold out', now() from gone`,
    { levels },
  )
}
