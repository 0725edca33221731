import type { OrderId } from '../domain/ids.ts'
import type { OrderStatus } from '../domain/orders.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** What an admin looks for. Each part narrows the list down. */
export interface OrderFilter {
  readonly status?: OrderStatus | undefined
  readonly needsAttention?: boolean | undefined
  /** A number, an id, a mail address, or a SKU; of the first three the beginning will do. */
  readonly text?: string | undefined
  readonly placedFrom?: string | undefined
  readonly placedBefore?: string | undefined
}

/** The ids of the orders that fit, newest first; `before` is the last of the page before. */
export async function findOrders(
  db: Db,
  { filter, before, limit }: { filter: OrderFilter; before: OrderId | undefined; limit: number },
): Promise<OrderId[]> {
  const { status, needsAttention, text, placedFrom, placedBefore } = filter
  const found = await rows<{ id: OrderId }>(
    db,
    `select o.id from orders.orders as o
     where (cast(:status as text) is null or o.status = :status)
       and (cast(:needsAttention as boolean) is null or o.needs_attention = :needsAttention)
       and (cast(:placedFrom as timestamptz) is null or o.placed_at >= :placedFrom)
       and (cast(:placedBefore as timestamptz) is null or o.placed_at < :placedBefore)
       and (cast(:pattern as text) is null
            or o.number like :pattern or o.id like :pattern or lower(o.email) like lower(:pattern)
            or exists (select 1 from orders.order_lines as l where l.order_id = o.id and l.sku = :text))
       and (cast(:before as text) is null or o.id < :before)
     order by o.id desc
     limit :limit`,
    {
      status: status ?? null,
      needsAttention: needsAttention ?? null,
      placedFrom: placedFrom ?? null,
      placedBefore: placedBefore ?? null,
      text: text ?? null,
      pattern: text === undefined ? null : `${text.replaceAll(/[\\%_]/g, '\\$&')}%`,
      before: before ?? null,
      limit,
    },
  )
  return found.map(({ id }) => id)
}
