import type { Violation } from '../../domain/invariants.ts'
import { moneyViolations, reservationViolations, timelineViolations } from '../../domain/invariants.ts'
import type { Databases } from '../../store/db.ts'
import {
  announcementViolations,
  orderFacts,
  outboxViolations,
  paymentFacts,
  purchaseViolations,
  stockFacts,
  stockViolations,
  totalViolations,
} from '../../store/invariants.ts'

const page = 500

/**
 * All that is off in the books at this moment, service by service; what spans services is read in pages of orders and compared
 * here. `now` is the clock by which holds are judged, `relayedBefore` the time before which every event must have been relayed.
 */
export async function findViolations(
  { order, inventory, shipping }: Pick<Databases, 'order' | 'inventory' | 'shipping'>,
  { now, relayedBefore }: { now: string; relayedBefore: string },
): Promise<Violation[]> {
  const before = relayedBefore
  const found = [
    ...(await stockViolations(inventory, { now })),
    ...(await totalViolations(order)),
    ...(await outboxViolations(order, { schema: 'orders', before })),
    ...(await outboxViolations(order, { schema: 'payments', before })),
    ...(await outboxViolations(inventory, { schema: 'inventory', before })),
    ...(await outboxViolations(shipping, { schema: 'shipping', before })),
    ...(await purchaseViolations(shipping, { now })),
    ...(await announcementViolations(order, 'orders')),
    ...(await announcementViolations(order, 'payments')),
    ...(await announcementViolations(inventory, 'inventory')),
    ...(await announcementViolations(shipping, 'shipping')),
  ]
  for (let after = ''; ;) {
    const orders = await orderFacts(order, { after, limit: page })
    const ids = orders.map(({ orderId }) => orderId)
    const payments = new Map((await paymentFacts(order, ids)).map((each) => [each.orderId, each]))
    const stock = new Map((await stockFacts(inventory, ids)).map((each) => [each.orderId, each]))
    for (const each of orders) {
      found.push(...timelineViolations(each))
      found.push(...moneyViolations(each, payments.get(each.orderId)))
      found.push(...reservationViolations(each, stock.get(each.orderId)))
    }
    const last = ids.at(-1)
    if (last === undefined || orders.length < page) return found
    after = last
  }
}
