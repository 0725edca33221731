import type { Order } from '../domain/orders.ts'
import { newestAttempt } from '../store/payments.ts'
import { orderView } from './schemas/order-views.ts'
import type { OrderView } from './schemas/order-views.ts'
import { paymentView } from './schemas/payments.ts'
import type { Services } from './services.ts'

/** An order over HTTP; one that waits for its payment says what became of the card that was tried last. */
export async function shownOrder(
  { databases }: Pick<Services, 'databases'>,
  order: Order,
): Promise<OrderView> {
  const view = orderView(order)
  if (order.status !== 'pending_payment') return view
  const payment = paymentView(await newestAttempt(databases.order, order.id))
  return payment ? { ...view, payment } : view
}
