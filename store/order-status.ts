import type { OrderId } from '../domain/ids.ts'
import type { OrderStatus } from '../domain/orders.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** How an order stands and at which version; null when there is none (yet). Asked again and again by whoever waits for it. */
export async function readStatus(
  db: Db,
  orderId: OrderId,
): Promise<{ status: OrderStatus; version: number } | null> {
  const [order] = await rows<{ status: OrderStatus; version: number }>(
    db,
    `select status, version from orders.orders where id = :orderId`,
    { orderId },
  )
  return order ?? null
}
