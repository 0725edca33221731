import type { OrderId } from '../domain/ids.ts'
import type { OrderStatus } from '../domain/orders.ts'
import type { Db } from './db.ts'
import { prepared } from './prepared.ts'

/** How an order stands and at which version; null when there is none (yet). Asked again and again by whoever waits for it. */
export async function readStatus(
  db: Db,
  orderId: OrderId,
): Promise<{ status: OrderStatus; version: number } | null> {
  const [order] = await prepared<{ status: OrderStatus; version: number }>(db, {
    name: 'read-order-status',
    sql: `select status, version from orders.orders where id = ?`,
    values: [orderId],
  })
  return order ?? null
}
