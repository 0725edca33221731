/** Reservations straight against Postgres: what stock alone allows, when everybody wants one thing and when everybody another. */
import { typeid } from 'typeid-js'
import { activitiesOf } from '../../activities/index.ts'
import { sku } from '../../domain/ids.ts'
import type { OrderId, OrderLineId } from '../../domain/ids.ts'
import { rows } from '../../store/db.ts'
import type { Bench, Line } from '../bench.ts'
import { timedRow } from '../measure.ts'
import { openWarehouse } from '../warehouse.ts'

const callers = 16

export async function reservations(bench: Bench, { skus }: { skus: number }): Promise<Line> {
  const warehouse = await openWarehouse(bench.shop)
  try {
    const { db } = warehouse
    await rows(
      db,
      `insert into inventory.warehouses (id, name, rank, address) values ('w0', 'Warehouse', 0, '{}')`,
    )
    await rows(
      db,
      `with made as (
         insert into inventory.stock_levels (sku, warehouse_id, on_hand)
         select 'SKU-' || n, 'w0', 1000000 from generate_series(0, cast(:skus as integer) - 1) as n
         returning sku, warehouse_id, on_hand
       )
       insert into inventory.stock_movements (sku, warehouse_id, quantity, kind, actor, source, at)
       select sku, warehouse_id, on_hand, 'received', 'bench', 'bench', now() from made`,
      { skus },
    )
    const { reserveStock } = activitiesOf.inventory({ db })
    return await timedRow(bench, {
      name: `reservations, ${skus === 1 ? 'one hot SKU' : `${skus} SKUs`} (one line each)`,
      callers,
      turn: async () => {
        const name = sku(`SKU-${Math.floor(Math.random() * skus)}`)
        const begin = performance.now()
        await reserveStock({
          orderId: typeid('ord').toString() as OrderId,
          lines: [{ lineId: 'line_1' as OrderLineId, sku: name, quantity: 1 }],
          deadline: '2046-01-01T00:00:00.000Z',
        })
        return performance.now() - begin
      },
    })
  } finally {
    await warehouse.close()
  }
}
