import { cartClosed, refuseUnlessOrderable } from '../domain/carts.ts'
import type { Cart } from '../domain/carts.ts'
import { isId } from '../domain/ids.ts'
import type { CartId, OrderId } from '../domain/ids.ts'
import { endedUnpaid } from '../domain/orders.ts'
import type { ChosenRate, Order } from '../domain/orders.ts'
import { Refusal } from '../domain/refusals.ts'
import type { Answer } from '../gateways/flows.ts'
import { claimCart } from '../store/cart-claims.ts'
import { newId } from '../store/ids.ts'
import { liveOrderOfCart, readOrder } from '../store/orders.ts'
import type { Claimed, Outcome } from './plugins/idempotency.ts'
import { asksFor, refuseOtherCurrency, refuseOtherTotal } from './order-wishes.ts'
import type { OrderWishes } from './order-wishes.ts'
import { Problem, problemStatus, retryAfter } from './problems.ts'
import type { ApiServices, Services } from './services.ts'
import { cheapestRate, shownRate } from './shipping-rates.ts'
import { answered, standingOf } from './standings.ts'
import type { Asked } from './standings.ts'
import { statusWhen } from './waiting.ts'

/** What a customer asks for when he orders a cart. */
export interface OrderRequest extends OrderWishes {
  readonly cartId: CartId
  readonly rateId: string | null
  readonly paymentMethod: string | null
  /** The request, as the cause of everything that comes of it. */
  readonly cause: string
  readonly startedAt: number
}

interface Deal {
  readonly services: ApiServices
  readonly request: OrderRequest
  readonly claimed: Claimed
}

/** How long an order that a changed cart supersedes may take to let go, before the customer is asked to come again. */
const letGoMs = 3_000

/**
 * Places the order of a cart, or goes on with the one that this cart has. Of simultaneous requests for one cart one opens the
 * order; the others are told `order.exists` by the workflow, and go on with that one.
 */
export async function checkOut(deal: Deal): Promise<Outcome> {
  const begun = deal.claimed.first ? null : await orderBegun(deal)
  if (begun && begun.status !== 'pending_payment') return standingOf(asked(deal, begun.id), begun)

  const first = await placeOrAttach(deal)
  if (!isTaken(first.answer)) return answerOf(deal, first)
  const second = await placeOrAttach(deal)
  return answerOf(deal, second)
}

interface Answered {
  readonly orderId: OrderId
  readonly answer: Answer
}

async function placeOrAttach(deal: Deal): Promise<Answered> {
  const { services, request, claimed } = deal
  const { cart, shelf } = await services.carts.current(request.cartId, { toOrder: true })
  const live = await liveOrderOfCart(services.databases.order, cart.id)
  if (live && live.status !== 'pending_payment') {
    const ours = !claimed.first && live.orderId === claimed.resourceId
    if (!ours) throw closedBy(cart.id, live.orderId)
    return { orderId: live.orderId, answer: { outcome: 'closed' } }
  }
  refuseUnlessOrderable(cart, shelf.offers)
  refuseOtherCurrency(request, cart)

  const rate = await chosenRate(deal, cart)
  const open = live && (await readOrder(services.databases.order, live.orderId))
  if (open && live.cartVersion === cart.version && asksFor(open, { request, rate })) {
    await claimed.retarget(open.id)
    return attach(deal, { cart, rate, order: open })
  }
  if (live) await supersede(deal, { cartId: cart.id, orderId: live.orderId })
  return placeInOneName(deal, { cart, rate })
}

interface Wanted {
  readonly cart: Cart
  /** The rate that the customer chose, if he did. */
  readonly rate: ChosenRate | null
}

/**
 * Simultaneous requests for one cart are about one order, before any of them knows what becomes of it: what a 202 promises has to
 * come to be. An order that was refused before it was opened leaves its place to the next.
 */
async function placeInOneName(deal: Deal, wanted: Wanted): Promise<Answered> {
  const { claimed, services, request } = deal
  const { cart } = wanted
  const minted = mintedId(claimed)
  const claim = (insteadOf: OrderId | null): Promise<OrderId> =>
    claimCart(services.databases.order, { cartId: cart.id, orderId: minted, insteadOf })
  const parcel = { ...cart, shipTo: request.shipTo }
  const rated = wanted.rate ?? cheapestRate(services, parcel)
  const [first, rate] = await Promise.all([claim(null), rated])
  for (let orderId = first; ;) {
    const placed = await place(deal, { cart, rate, orderId })
    if (placed.answer.outcome !== 'closed' || orderId === minted) {
      if (orderId !== minted) await claimed.retarget(orderId)
      return placed
    }
    orderId = await claim(orderId)
  }
}

async function place(deal: Deal, { cart, rate, orderId }: Wanted & { orderId: OrderId }): Promise<Answered> {
  const { services, request, claimed } = deal
  const { email, shipTo, billTo, cause } = request
  const answer = await services.flows.placeOrder({
    orderId,
    checkout: {
      cartId: cart.id,
      cartVersion: cart.version,
      customerRef: cart.customerRef,
      currency: cart.currency,
      personal: { email, shipTo, billTo },
      rate,
      expectedTotalMinor: request.expectedTotal?.amount ?? null,
      payment: cardOf(deal, orderId),
      cause,
    },
    updateId: claimed.updateId,
    budgetMs: budgetLeft(deal),
  })
  return { orderId, answer }
}

/** Goes on with the open order of this very cart: pays it, or only shows it. */
async function attach(deal: Deal, { order, ...wanted }: Wanted & { order: Order }): Promise<Answered> {
  const { services, request, claimed } = deal
  const orderId = order.id
  refuseOtherTotal(request, order)
  const card = cardOf(deal, orderId)
  if (card) {
    const { updateId } = claimed
    const answer = await services.flows.submitPayment({ orderId, card, updateId, budgetMs: budgetLeft(deal) })
    return { orderId, answer }
  }
  // It may still be being opened: its workflow answers once it stands.
  return place(deal, { ...wanted, orderId })
}

/** A changed cart supersedes an unpaid order: its hold goes first, or the same goods would be held twice. */
async function supersede(
  { services }: Deal,
  { cartId, orderId }: { cartId: CartId; orderId: OrderId },
): Promise<void> {
  await services.flows.letGo({ orderId, actor: 'customer', reason: 'superseded by a changed cart' })
  const now = await statusWhen(services, {
    orderId,
    waitMs: letGoMs,
    done: (status) => status !== 'pending_payment',
  })
  if (now === 'pending_payment') {
    throw new Problem(
      'service.unavailable',
      'The earlier order of this cart is still being let go; please try again.',
      {
        headers: retryAfter(2_000),
      },
    )
  }
  if (now !== null && !endedUnpaid.includes(now)) throw closedBy(cartId, orderId)
}

async function answerOf(deal: Deal, { orderId, answer }: Answered): Promise<Outcome> {
  const minted = orderId === deal.claimed.resourceId
  if (answer.outcome === 'refused' && !answer.open && minted && problemStatus[answer.refusal.code] >= 500) {
    // That order has ended for want of a service. A repeat with this key may try again, and needs an order of its own for it.
    await deal.claimed.retarget(newId('ord'))
  }
  return answered(deal.services, asked(deal, orderId), answer)
}

const asked = ({ services }: Deal, orderId: OrderId): Asked => ({
  orderId,
  orderToken: services.tokens.sign('order', orderId),
})

const isTaken = (answer: Answer): boolean =>
  answer.outcome === 'refused' && answer.refusal.code === 'order.exists'

/** The order that an earlier request with this key began, if it got so far. */
async function orderBegun({ services, claimed }: Deal): Promise<Order | null> {
  return readOrder(services.databases.order, mintedId(claimed))
}

function mintedId({ resourceId }: Claimed): OrderId {
  if (isId('ord', resourceId)) return resourceId
  throw new Error(`${resourceId} was minted for an order, but is not the id of one.`)
}

/** The rate that was shown under the id that came with the order, if it still holds for this cart and address. */
async function chosenRate({ services, request }: Deal, cart: Cart): Promise<ChosenRate | null> {
  const { rateId, shipTo } = request
  if (rateId === null || !isId('rate', rateId)) return null
  return shownRate(services, { quoteId: rateId, parcel: { ...cart, shipTo } })
}

function cardOf({ services, request }: Deal, orderId: OrderId) {
  const { paymentMethod, cause } = request
  return paymentMethod === null ? null : { paymentMethod, returnUrl: returnUrlOf(services, orderId), cause }
}

/** Where the bank sends the customer after a challenge. Without a token: it stands in plain sight in the workflow's history. */
export function returnUrlOf({ shop }: Pick<Services, 'shop'>, orderId: OrderId): string {
  return `${shop.storefrontUrl}/orders/${orderId}`
}

function budgetLeft({ services, request }: Deal): number {
  return Math.max(500, services.shop.requestBudgetMs - (Date.now() - request.startedAt))
}

const closedBy = (cartId: CartId, orderId: OrderId): Refusal => {
  const { code, detail } = cartClosed(cartId)
  return new Refusal(code, detail, { cartId, orderId })
}
