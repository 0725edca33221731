import { cartClosed, withOffers } from '../domain/carts.ts'
import type { Cart, Shelf } from '../domain/carts.ts'
import type { CartId, Sku } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import { readCart, saveCart } from '../store/carts.ts'
import type { Databases } from '../store/db.ts'
import { availabilityOf } from '../store/inventory.ts'
import { offerBoard } from './offer-board.ts'
import { Problem } from './problems.ts'

export interface ShownCart {
  readonly cart: Cart
  readonly shelf: Shelf
}

export interface CartChange {
  readonly cartId: CartId
  /** What came as `If-Match`, if it did. */
  readonly ifMatch: string | undefined
  /** Things that the change needs to know of, beside what is in the cart. */
  readonly skus?: readonly Sku[]
  /** Makes the next cart, or throws a refusal. Called again when another change was faster. */
  readonly to: (cart: Cart, shelf: Shelf) => Cart
}

export interface Carts {
  /**
   * The cart at the price of the moment. A price that changed is written into the cart, which raises its version; unless it is
   * ordered. What is only looked at may be a second old; what is ordered is asked anew.
   */
  current(cartId: CartId, options?: { toOrder: boolean }): Promise<ShownCart>
  /** Changes a cart. Refuses with `cart.closed`, and with a stale `ifMatch`. */
  change(change: CartChange): Promise<ShownCart>
}

/**
 * How often a change is tried again when another one was faster. Of any number of simultaneous changes one wins each round, so
 * this is how many of them a cart takes at once.
 */
const mostRounds = 30

export function openCarts({ catalog, inventory, order }: Databases): Carts {
  const board = offerBoard(catalog)

  async function change(
    asked: CartChange & { whenOrdered: 'show' | 'refuse'; fresh: boolean },
  ): Promise<ShownCart> {
    for (let round = 1; round <= mostRounds; round += 1) {
      const cart = await knownCart(asked.cartId)
      if (cart.status !== 'open' && asked.whenOrdered === 'refuse') throw cartClosed(cart.id)
      refuseStale(cart, asked.ifMatch)
      const shelf = await shelfFor(cart, asked)
      if (cart.status !== 'open') return { cart, shelf }
      const next = asked.to(withOffers(cart, shelf.offers), shelf)
      if (next === cart) return { cart, shelf }
      const version = await saveCart(order, { before: cart, after: next })
      if (version !== null) return { cart: { ...next, version }, shelf }
    }
    throw new Refusal('cart.changed', 'The cart is being changed by somebody else; look at it again.', {
      cartId: asked.cartId,
    })
  }

  async function knownCart(cartId: CartId): Promise<Cart> {
    const cart = await readCart(order, cartId)
    if (!cart) throw new Refusal('cart.not_found', 'There is no such cart.', { cartId })
    return cart
  }

  async function shelfFor(
    { lines, currency }: Cart,
    { skus: more = [], fresh }: { skus?: readonly Sku[]; fresh: boolean },
  ): Promise<Shelf> {
    const skus = [...new Set([...lines.map((line) => line.sku), ...more])]
    if (skus.length === 0) return { offers: new Map(), available: new Map() }
    const [offers, available] = await Promise.all([
      board.offersOf({ skus, currency, fresh }),
      availabilityOf(inventory, skus),
    ])
    return { offers, available }
  }

  return {
    current: (cartId, { toOrder } = { toOrder: false }) =>
      change({
        cartId,
        ifMatch: undefined,
        whenOrdered: 'show',
        fresh: toOrder,
        to: (refreshed) => refreshed,
      }),
    change: (asked) => change({ ...asked, whenOrdered: 'refuse', fresh: false }),
  }
}

/** `If-Match` (RFC 9110, section 13.1.1): the version that the caller changed must be the present one. */
function refuseStale({ version }: Cart, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return
  const given = ifMatch.split(',').map((tag) => tag.trim())
  if (given.includes(etagOf(version))) return
  throw new Problem('precondition.failed', 'The cart changed since you read it; look at it again.', {
    facts: { version },
  })
}

export const etagOf = (version: number): string => `"${version}"`
