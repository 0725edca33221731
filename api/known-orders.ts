import { isId } from '../domain/ids.ts'
import type { OrderId } from '../domain/ids.ts'
import type { Order } from '../domain/orders.ts'
import { Refusal } from '../domain/refusals.ts'
import { readOrder } from '../store/orders.ts'
import type { Services } from './services.ts'

/** The order that a path names. A wrong shape is not an error of its own: there just is no such order. */
export function orderIdIn({ id }: { id: string }): OrderId {
  if (isId('ord', id)) return id
  throw new Refusal('order.not_found', 'There is no such order.')
}

export async function knownOrder(
  { databases }: Pick<Services, 'databases'>,
  orderId: OrderId,
): Promise<Order> {
  const order = await readOrder(databases.order, orderId)
  if (!order) throw new Refusal('order.not_found', 'There is no such order.')
  return order
}
