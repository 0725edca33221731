import type { Address } from '../domain/addresses.ts'
import type { Cart, CartLine } from '../domain/carts.ts'
import type { CartId } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

export async function createCart(
  db: Db,
  { cartId, currency, customerRef }: { cartId: CartId; currency: Currency; customerRef: string },
): Promise<Cart> {
  await changed(
    db,
    `insert into orders.carts (id, currency, customer_ref) values (:cartId, :currency, :customerRef)`,
    { cartId, currency, customerRef },
  )
  return { id: cartId, currency, customerRef, status: 'open', version: 1, shipTo: null, lines: [] }
}

interface CartRow extends Omit<Cart, 'shipTo' | 'lines'> {
  shipTo: Address | null
  lines: CartLine[]
}

/** The cart with its lines in the order in which they were added, or null. */
export async function readCart(db: Db, cartId: CartId): Promise<Cart | null> {
  const [cart] = await rows<CartRow>(
    db,
    `
      select c.id, c.currency, c.customer_ref as "customerRef", c.status, c.version, c.ship_to as "shipTo",
        (select coalesce(json_agg(json_build_object(
           'lineId', l.id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitPriceMinor', l.unit_price_minor,
           'taxClass', l.tax_class, 'grams', l.grams) order by l.id), '[]')
         from orders.cart_lines as l where l.cart_id = c.id) as lines
      from orders.carts as c
      where c.id = :cartId`,
    { cartId },
  )
  return cart ?? null
}

/**
 * Writes what makes one cart the other, and raises its version; answers the new version. Null is a lost race: the cart is not at
 * the version it was read at, or was ordered meanwhile, and nothing was written. One statement, so no lock outlives a round trip:
 * whoever reads a stale cart loses at the row of the cart, and its lines are only touched by the winner.
 */
export async function saveCart(
  db: Db,
  { before, after }: { before: Cart; after: Cart },
): Promise<number | null> {
  const known = new Map(before.lines.map((line) => [line.lineId, line]))
  const put = after.lines.filter((line) => known.get(line.lineId) !== line)
  const kept = new Set(after.lines.map((line) => line.lineId))
  const gone = before.lines.filter((line) => !kept.has(line.lineId)).map((line) => line.lineId)
  const [saved] = await rows<{ version: number }>(
    db,
    `
      with touched as (
        update orders.carts set version = version + 1, ship_to = cast(:shipTo as jsonb), updated_at = now()
        where id = :cartId and version = :version and status = 'open'
        returning id, version
      ), removed as (
        delete from orders.cart_lines as l using touched where l.cart_id = touched.id and l.id = any(cast(:gone as text[]))
      ), written as (
        insert into orders.cart_lines (id, cart_id, sku, name, quantity, unit_price_minor, tax_class, grams)
        select p."lineId", touched.id, p.sku, p.name, p.quantity, p."unitPriceMinor", p."taxClass", p.grams
        from touched, jsonb_to_recordset(cast(:put as jsonb)) as p
          ("lineId" text, sku text, name text, quantity integer, "unitPriceMinor" bigint, "taxClass" text, grams integer)
        on conflict (id) do update
          set name = excluded.name, quantity = excluded.quantity, unit_price_minor = excluded.unit_price_minor,
              tax_class = excluded.tax_class, grams = excluded.grams
      )
      select version from touched`,
    {
      cartId: before.id,
      version: before.version,
      shipTo: after.shipTo === null ? null : JSON.stringify(after.shipTo),
      gone,
      put: JSON.stringify(put),
    },
  )
  return saved?.version ?? null
}
