import { cartClosed, withOffers } from '../domain/carts.ts'
import type { Cart, Shelf } from '../domain/carts.ts'
import type { CartId, Sku } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import { readCart, saveCart } from '../store/carts.ts'
import { offersOf } from '../store/catalog.ts'
import { availabilityOf } from '../store/inventory.ts'
import { Problem } from './problems.ts'
import type { Services } from './services.ts'

export interface ShownCart {
  readonly cart: Cart
  readonly shelf: Shelf
}

type Stores = Pick<Services, 'databases'>

/**
 * How often a change is tried again when another one was faster. Of any number of simultaneous changes one wins each round, so
 * this is how many of them a cart takes at once.
 */
const mostRounds = 30

/** The cart at today's prices. A price that changed is written into the cart, which raises its version; unless it is ordered. */
export async function currentCart(stores: Stores, cartId: CartId): Promise<ShownCart> {
  return change(stores, { cartId, ifMatch: undefined, whenOrdered: 'show', to: (refreshed) => refreshed })
}

/**
 * Changes a cart: `to` makes the next cart of the one it is given, or throws a refusal. `skus` are things that it needs to know of
 * beside what is in the cart. Refuses with `cart.closed`, and with a stale `ifMatch`.
 */
export async function changeCart(
  stores: Stores,
  asked: {
    cartId: CartId
    ifMatch: string | undefined
    skus?: readonly Sku[]
    to: (cart: Cart, shelf: Shelf) => Cart
  },
): Promise<ShownCart> {
  return change(stores, { ...asked, whenOrdered: 'refuse' })
}

async function change(
  stores: Stores,
  asked: Parameters<typeof changeCart>[1] & { whenOrdered: 'show' | 'refuse' },
): Promise<ShownCart> {
  for (let round = 1; round <= mostRounds; round += 1) {
    const cart = await knownCart(stores, asked.cartId)
    if (cart.status !== 'open') {
      if (asked.whenOrdered === 'refuse') throw cartClosed(cart.id)
      return { cart, shelf: await shelfFor(stores, cart) }
    }
    refuseStale(cart, asked.ifMatch)
    const shelf = await shelfFor(stores, cart, asked.skus)
    const next = asked.to(withOffers(cart, shelf.offers), shelf)
    if (next === cart) return { cart, shelf }
    const version = await saveCart(stores.databases.order, { before: cart, after: next })
    if (version !== null) return { cart: { ...next, version }, shelf }
  }
  throw new Refusal('cart.changed', 'The cart is being changed by somebody else; look at it again.', {
    cartId: asked.cartId,
  })
}

async function knownCart({ databases }: Stores, cartId: CartId): Promise<Cart> {
  const cart = await readCart(databases.order, cartId)
  if (!cart) throw new Refusal('cart.not_found', 'There is no such cart.', { cartId })
  return cart
}

async function shelfFor({ databases }: Stores, cart: Cart, more: readonly Sku[] = []): Promise<Shelf> {
  const skus = [...new Set([...cart.lines.map((line) => line.sku), ...more])]
  if (skus.length === 0) return { offers: new Map(), available: new Map() }
  const [offers, available] = await Promise.all([
    offersOf(databases.catalog, { skus, currency: cart.currency }),
    availabilityOf(databases.inventory, skus),
  ])
  return { offers, available }
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
