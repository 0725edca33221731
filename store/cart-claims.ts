import type { CartId, OrderId } from '../domain/ids.ts'
import { endedUnpaid } from '../domain/orders.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

interface Claim {
  readonly cartId: CartId
  readonly orderId: OrderId
  /** An order that will never be opened, so that this one may take its place. */
  readonly insteadOf: OrderId | null
}

/**
 * Answers as which order a cart is being ordered: as this one, unless another was named first that has not ended unpaid. Of any
 * number of simultaneous callers all are told the same.
 */
export async function claimCart(db: Db, { cartId, orderId, insteadOf }: Claim): Promise<OrderId> {
  for (;;) {
    const [claimed] = await rows(
      db,
      `update orders.carts as c set being_ordered_as = :orderId
       where c.id = :cartId and (
         c.being_ordered_as is null or c.being_ordered_as in (:orderId, :insteadOf) or exists (
           select 1 from orders.orders as o where o.id = c.being_ordered_as and o.status = any(:ended)))
       returning c.id`,
      { cartId, orderId, insteadOf: insteadOf ?? orderId, ended: [...endedUnpaid] },
    )
    if (claimed) return orderId
    const [cart] = await rows<{ holder: OrderId | null; ended: boolean }>(
      db,
      `select c.being_ordered_as as holder, coalesce(o.status = any(:ended), false) as ended
       from orders.carts as c left join orders.orders as o on o.id = c.being_ordered_as where c.id = :cartId`,
      { cartId, ended: [...endedUnpaid] },
    )
    if (!cart) throw new Error(`There is no cart ${cartId} that could be ordered.`)
    if (cart.holder !== null && cart.holder !== insteadOf && !cart.ended) return cart.holder
  }
}
