import type { DomainEvent } from '../../domain/events.ts'
import type { OrderId } from '../../domain/ids.ts'
import type { Db } from '../../store/db.ts'
import { flagOrder, noteOnTimeline } from '../../store/order-steps.ts'
import { readReship } from '../../store/reships.ts'

/** A count found fewer units than were promised, and this order's were among the newest: an admin finds others, or cancels. */
export async function goodsAreGone(trx: Db, { type, at, cause, data }: DomainEvent): Promise<void> {
  const { orderId: holder, sku, warehouseId, quantity } = data as unknown as Taken
  const orderId = (await readReship(trx, holder))?.orderId ?? holder
  const reason = `a count took ${quantity} of ${sku} in ${warehouseId} away from this order`
  await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason, cause })
  await flagOrder(trx, { orderId, reason })
}

/** As `store/stock-changes.ts` announces it; the order may be what is sent again of one. */
interface Taken {
  readonly orderId: OrderId
  readonly sku: string
  readonly warehouseId: string
  readonly quantity: number
}
