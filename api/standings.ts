import type { OrderId } from '../domain/ids.ts'
import type { Order } from '../domain/orders.ts'
import { assertNever, Refusal } from '../domain/refusals.ts'
import type { Answer } from '../gateways/flows.ts'
import { readOrder } from '../store/orders.ts'
import { etagOf } from './carts.ts'
import type { Outcome } from './plugins/idempotency.ts'
import { refusalNamed, refusalProblem, retryAfter } from './problems.ts'
import { shownOrder } from './open-payment.ts'
import { orderView } from './schemas/order-views.ts'
import type { OrderView } from './schemas/order-views.ts'
import { nextActionView } from './schemas/payments.ts'
import type { Services } from './services.ts'

/** How an order stands, as HTTP says it (api.md, "Buying, exactly"). Noes are thrown. */

/** Who is answered: the first answer about an order brings its token. */
export interface Asked {
  readonly orderId: OrderId
  /** Null for whoever has the token already. */
  readonly orderToken: string | null
}

type Stores = Pick<Services, 'databases'>

/** The answer of the workflow, with the order as Postgres has it. */
export async function answered(stores: Stores, asked: Asked, answer: Answer): Promise<Outcome> {
  const { orderId } = asked
  const order = await readOrder(stores.databases.order, orderId)
  switch (answer.outcome) {
    case 'pending_payment':
    case 'confirmed':
      return created(asked, known(order, orderId), await shownOrder(stores, known(order, orderId)))
    case 'action_required':
      return actionRequired(asked, known(order, orderId), answer.action)
    case 'refused':
      throw refusalProblem(answer.refusal, {
        ...(order && { currency: order.currency }),
        more: answer.open && order ? whatIsOpen(asked, order) : {},
      })
    case 'undecided':
      return accepted(asked, order)
    case 'closed':
      return standingOf(asked, order)
    default:
      return assertNever(answer)
  }
}

/** The answer about an order whose workflow has ended, or that is only read: by its state in Postgres. */
export function standingOf(asked: Asked, order: Order | null): Outcome {
  if (!order)
    throw new Refusal('order.closed', 'This order was not opened; order again with a new Idempotency-Key.')
  switch (order.status) {
    case 'pending_payment':
    case 'confirmed':
    case 'shipped':
    case 'delivered':
    case 'cancelling':
      return created(asked, order)
    case 'expired':
      throw new Refusal(
        'hold.expired',
        'The order was not paid in time, and its goods were let go.',
        about(order),
      )
    case 'cancelled':
      throw new Refusal('order.closed', 'This order was cancelled.', about(order))
    case 'rejected':
      throw new Refusal(refusalNamed(order.endCode) ?? 'order.closed', order.endReason, about(order))
    default:
      return assertNever(order)
  }
}

/** 201: the order, open or confirmed. */
export function created(asked: Asked, order: Order, view: OrderView = orderView(order)): Outcome {
  return { status: 201, body: withToken(asked, view), headers: headersOf(order), keep: true }
}

/** 200: the customer's bank wants something of him first. */
function actionRequired(
  asked: Asked,
  order: Order,
  action: Extract<Answer, { outcome: 'action_required' }>['action'],
): Outcome {
  const view: OrderView = { ...orderView(order), payment: { next_action: nextActionView(action) } }
  return { status: 200, body: withToken(asked, view), headers: headersOf(order), keep: true }
}

/** 202: the budget ran out and the work goes on. Never kept: a repeat with the same key attaches again. */
function accepted({ orderId, orderToken }: Asked, order: Order | null): Outcome {
  const status = order?.status ?? 'pending_payment'
  return {
    status: 202,
    body: { id: orderId, status, ...(orderToken !== null && { order_token: orderToken }) },
    headers: { location: locationOf(orderId), ...retryAfter(1_000) },
    keep: false,
  }
}

/** What a customer needs to go on with an order that was turned down but is still open: its id, its token, and until when. */
function whatIsOpen({ orderToken }: Asked, order: Order): Record<string, unknown> {
  return {
    order_id: order.id,
    ...(orderToken !== null && { order_token: orderToken }),
    ...('expiresAt' in order && { expires_at: order.expiresAt }),
  }
}

export const locationOf = (orderId: OrderId): string => `/v1/store/orders/${orderId}`

const headersOf = (order: Order): Record<string, string> => ({
  location: locationOf(order.id),
  etag: etagOf(order.version),
})

const withToken = ({ orderToken }: Asked, view: OrderView): OrderView =>
  orderToken === null ? view : { ...view, order_token: orderToken }

const about = ({ id, status }: Order) => ({ orderId: id, orderStatus: status })

function known(order: Order | null, orderId: OrderId): Order {
  if (!order)
    throw new Error(`The workflow of order ${orderId} answered, but the order is not in the database.`)
  return order
}
