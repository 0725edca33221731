import type { Buyer } from '../domain/accounts.ts'
import type { Address } from '../domain/addresses.ts'
import type { Cart } from '../domain/carts.ts'
import type { CartId, OrderId } from '../domain/ids.ts'
import { formatMoney } from '../domain/money.ts'
import type { Currency } from '../domain/money.ts'
import type { OrderLetter } from '../domain/notifications/letter.ts'
import type { Actor, ChosenRate, Ending, FrozenLine, Order } from '../domain/orders.ts'
import { Refusal } from '../domain/refusals.ts'
import type { RefusalData } from '../domain/refusals.ts'
import { isShippable } from '../domain/shipping.ts'
import { taxPlaceIsKnown } from '../domain/tax.ts'
import { readCart } from '../store/carts.ts'
import type { Db } from '../store/db.ts'
import { newId } from '../store/ids.ts'
import { confirmOrder, flagOrder, insertOrder, moveOrder, readFrozenLines } from '../store/order-steps.ts'
import { freezeTotals } from '../store/order-totals.ts'
import { extendOrder } from '../store/order-hold.ts'
import type { ExtendOrder } from '../store/order-hold.ts'
import { liveOrderOfCart, readOrder } from '../store/orders.ts'
import { letterOf } from './orders/letter.ts'
import { pricedWith, totalRefused } from './orders/total.ts'
import type { ToPrice } from './orders/total.ts'

export interface OpenOrder {
  readonly orderId: OrderId
  readonly cartId: CartId
  readonly cartVersion: number
  readonly customerRef: string
  readonly currency: Currency
  readonly personal: Buyer
  /** Where it is known already the total is frozen at once; else `priceOrder` does that. */
  readonly rate: ChosenRate | null
  readonly expectedTotalMinor: number | null
  /** Workflow time: deadlines are never read from another clock. */
  readonly placedAt: string
  readonly expiresAt: string
  readonly cause: string
}

export interface PriceOrder {
  readonly orderId: OrderId
  readonly rate: ChosenRate
  readonly expectedTotalMinor: number | null
}

export interface ConfirmOrder {
  readonly orderId: OrderId
  /** In how many parcels it goes. */
  readonly parcels: number
  /** What was captured; zero for an order that costs nothing. */
  readonly paidMinor: number
  readonly cause: string
}

export interface AbandonOrder {
  readonly orderId: OrderId
  readonly ending: Ending
  readonly reason: string
  readonly actor: Actor
  /** What whoever asked was told, where it was a no. */
  readonly refusal?: RefusalData
  readonly cause: string
}

/** The order service's own quick steps: each is one transaction, and running it twice does it once. */
export function orderActivities({ db, orderUrl }: { db: Db; orderUrl: (orderId: OrderId) => string }) {
  return {
    /**
     * Validates the cart and freezes its lines at our own prices, and its total where there is a rate. Refuses with `cart.*`, with
     * `order.exists` when the cart has a live order already, and as `priceOrder` does.
     */
    async openOrder(order: OpenOrder): Promise<{ lines: FrozenLine[]; totalMinor?: number }> {
      const { personal, rate } = order
      refuseUnserved(personal.shipTo)
      const opened = await openedNow(db, order)
      if (opened) return opened

      const lines = await linesFrozenBefore(db, order)
      if (rate === null) return { lines }
      return { lines, totalMinor: await freezeTotal(db, { ...order, ...personal, rate, lines }) }
    },

    /**
     * Freezes the itemised total. Refuses with `order.total_changed` when the customer was shown another one, and with
     * `order.total_too_small`.
     */
    async priceOrder({ orderId, rate, expectedTotalMinor }: PriceOrder): Promise<{ totalMinor: number }> {
      const order = await knownOrder(db, orderId)
      const totalMinor =
        order.totals?.totalMinor ?? (await freezeTotal(db, { ...order, orderId, rate, expectedTotalMinor }))
      return { totalMinor }
    },

    /** Confirms a paid order, closes its cart, announces it, and answers with the letter that its customer is to get. */
    async confirmOrder({
      orderId,
      parcels,
      paidMinor,
      cause,
    }: ConfirmOrder): Promise<{ letter: OrderLetter }> {
      const order = await knownOrder(db, orderId)
      const paid = paidMinor > 0 ? formatMoney({ amount: paidMinor, currency: order.currency }) : null
      const at = new Date().toISOString()
      if (!(await confirmOrder(db, { orderId, parcels, paid, at, cause }))) {
        const { status } = await knownOrder(db, orderId)
        if (status === 'expired' || status === 'rejected') {
          throw new Error(`Order ${orderId} is paid, but it is ${status} and cannot be confirmed.`)
        }
      }
      return { letter: letterOf(order, orderUrl(orderId)) }
    },

    /** The undo of opening: ends an unpaid order. Does nothing for one that was never opened or has ended. */
    async abandonOrder({ ending, refusal, ...asked }: AbandonOrder): Promise<void> {
      const types = {
        expired: 'Order Expired',
        rejected: 'Order Rejected',
        cancelled: 'Order Cancelled',
      } as const
      await db.transaction(async (trx) => {
        const order = await readOrder(trx, asked.orderId)
        if (order?.status !== 'pending_payment') return
        const at = new Date().toISOString()
        const { orderId, actor, reason, cause } = asked
        const move = { orderId, to: ending, type: types[ending], at, actor, reason, cause }
        await moveOrder(trx, { ...move, ...(refusal && { endCode: refusal.code }) })
      })
    },

    /** Keeps an unpaid order open for longer, while its customer is at the bank. */
    async extendOrder(extension: ExtendOrder): Promise<void> {
      await db.transaction((trx) => extendOrder(trx, extension))
    },

    /** Asks an admin to look at an order; the flag stands beside its state. */
    async flagOrder({ orderId, reason }: { orderId: OrderId; reason: string }): Promise<void> {
      await flagOrder(db, { orderId, reason })
    },
  }
}

/**
 * Opens the order with what is in its cart, and with its total where there is a rate; a total that is refused is refused once the order
 * stands. Null: it was opened before, or the cart cannot be ordered as it was seen.
 */
async function openedNow(
  db: Db,
  order: OpenOrder,
): Promise<{ lines: FrozenLine[]; totalMinor?: number } | null> {
  const { cartId, personal, rate, expectedTotalMinor } = order
  const cart = await readCart(db, cartId)
  if (!cart || whyNot(cart, order)) return null

  const lines = cart.lines.map((line) => ({ ...line, lineId: newId('line') }))
  const cost = rate && { rate, priced: pricedWith({ ...order, ...personal, lines, rate }) }
  const refusal = cost && totalRefused(cost.priced, expectedTotalMinor)
  const placed = { ...order, ...personal, lines, cost: refusal ? null : cost }
  if (!(await insertOrder(db, placed))) return null
  if (refusal) throw refusal
  return cost ? { lines, totalMinor: cost.priced.totalMinor } : { lines }
}

/** The lines of an order that was opened before. Refuses where there is none, with what stood in its way. */
async function linesFrozenBefore(db: Db, order: OpenOrder): Promise<FrozenLine[]> {
  const lines = await readFrozenLines(db, order.orderId)
  if (lines.length > 0) return lines

  const { cartId } = order
  const cart = await readCart(db, cartId)
  if (!cart) throw new Refusal('cart.not_found', 'There is no such cart.', { cartId })
  const refusal = whyNot(cart, order)
  if (refusal) throw refusal
  const live = await liveOrderOfCart(db, cartId)
  throw new Refusal('order.exists', 'This cart is being ordered already.', { orderId: live?.orderId })
}

/** Why a cart cannot be ordered as it was seen; null when it can. */
function whyNot({ status, lines, version }: Cart, { cartId, cartVersion }: OpenOrder): Refusal | null {
  if (status !== 'open') return new Refusal('cart.closed', 'This cart is ordered and paid.', { cartId })
  if (lines.length === 0) return new Refusal('cart.empty', 'There is nothing in the cart.', { cartId })
  if (version === cartVersion) return null
  const detail = 'The cart changed while it was being ordered; look at it again.'
  return new Refusal('cart.changed', detail, { cartId, version })
}

/** Freezes what the order costs, and answers its total: the one that was frozen first, though it would be another one by now. */
async function freezeTotal(
  db: Db,
  { orderId, expectedTotalMinor, ...order }: ToPrice & PriceOrder,
): Promise<number> {
  const priced = pricedWith(order)
  const refusal = totalRefused(priced, expectedTotalMinor)
  if (refusal) throw refusal
  return freezeTotals(db, { orderId, priced, rate: order.rate })
}

/** Where we do not ship, or could not tell the tax, nothing is opened. */
function refuseUnserved({ country, region }: Address): void {
  if (!isShippable(country)) {
    throw new Refusal('shipping.no_service', 'We do not ship to this country.', { country })
  }
  if (!taxPlaceIsKnown({ country, region })) {
    throw new Refusal(
      'address.region_unknown',
      'Name the state or province by its code, such as "CA" or "ON".',
      {
        country,
      },
    )
  }
}

async function knownOrder(db: Db, orderId: OrderId): Promise<Order> {
  const order = await readOrder(db, orderId)
  if (!order) throw new Error(`Order ${orderId} was opened, but it is not in the database.`)
  return order
}
