import { eligibilityOf } from '../domain/cancellations.ts'
import type { Wanted } from '../domain/cancellations.ts'
import type { CancellationId, OrderId } from '../domain/ids.ts'
import type { Actor, Order } from '../domain/orders.ts'
import { assertNever, Refusal } from '../domain/refusals.ts'
import { readCancellation } from '../store/cancellations.ts'
import { readOrder } from '../store/orders.ts'
import { etagOf } from './carts.ts'
import { mintedId } from './plugins/idempotency.ts'
import type { Claimed, Outcome } from './plugins/idempotency.ts'
import { refusalProblem, retryAfter } from './problems.ts'
import type { Services } from './services.ts'
import { locationOf } from './standings.ts'
import { requireVersion } from './versions.ts'

/** What whoever cancels asks for. */
export interface CancelWish {
  readonly orderId: OrderId
  /** Null: all that is left. */
  readonly wanted: Wanted
  readonly reason: string
  readonly actor: Actor
  readonly askedBy: string | null
  /** The version that was looked at, where it is named; null where none need be. */
  readonly ifMatch: string | undefined | null
  readonly cause: string
}

/** What cancelling may answer. */
export const cancelProblems = [
  ...(['order.not_cancellable', 'order.changed', 'order.change_running'] as const),
  ...(['order.line_unknown', 'order.quantity_too_large', 'precondition.failed'] as const),
]

/**
 * Asks for a cancellation and answers with the order as soon as it is decided, by `view` in the words of whoever asks. 202: the money is
 * on its way, or (without time) not decided yet; a repeat with the same key asks after the same cancellation.
 */
export async function cancelOrder(
  services: Services,
  {
    wish,
    claimed,
    view,
  }: { wish: CancelWish; claimed: Pick<Claimed, 'resourceId'>; view: (order: Order) => unknown },
): Promise<Outcome> {
  const { orderId, wanted, reason, actor, askedBy, ifMatch, cause } = wish
  const cancellationId = mintedId('can', claimed)
  const before = await known(services, orderId)
  // A repeat comes after the version has risen by what it did itself.
  const begun = await readCancellation(services.databases.order, cancellationId)
  if (ifMatch !== null && !begun) requireVersion(ifMatch, before.version)
  const version = ifMatch === null || ifMatch?.trim() === '*' ? null : before.version
  const answer = await services.flows.cancelOrder({
    cancellationId,
    request: { orderId, wanted, version, reason, actor, askedBy, cause },
    budgetMs: services.shop.requestBudgetMs,
  })
  switch (answer.outcome) {
    case 'refused':
      throw refusalProblem(answer.refusal, { currency: before.currency })
    case 'closed':
      await refuseWhatLost(services, { cancellationId, wish })
      break
    case 'accepted':
    case 'already':
    case 'cancelled':
    case 'undecided':
      break
    default:
      assertNever(answer)
  }
  const order = await known(services, orderId)
  const decided = answer.outcome !== 'undecided'
  return {
    status: 202,
    body: view(order),
    headers: {
      location: locationOf(orderId),
      etag: etagOf(order.version),
      ...(!decided && retryAfter(1_000)),
    },
    keep: decided,
  }
}

/** The workflow has ended and forgot its answer: Postgres knows. */
async function refuseWhatLost(
  { databases }: Pick<Services, 'databases'>,
  { cancellationId, wish: { orderId, wanted } }: { cancellationId: CancellationId; wish: CancelWish },
): Promise<void> {
  const cancellation = await readCancellation(databases.order, cancellationId)
  if (cancellation?.status === 'lost') {
    throw new Refusal('order.not_cancellable', 'The carrier has it already.', { orderId })
  }
  if (cancellation) return
  const order = await known({ databases }, orderId)
  if (eligibilityOf(order, wanted) === 'already') return
  throw new Refusal('order.change_running', 'This was not decided; ask again with a new Idempotency-Key.', {
    orderId,
  })
}

async function known({ databases }: Pick<Services, 'databases'>, orderId: OrderId): Promise<Order> {
  const order = await readOrder(databases.order, orderId)
  if (!order) throw new Refusal('order.not_found', 'This order is not there (yet).', { orderId })
  return order
}
