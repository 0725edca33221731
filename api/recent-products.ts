import type { ProductId } from '../domain/ids.ts'
import { readProducts } from '../store/catalog.ts'
import type { Product } from '../store/catalog.ts'
import type { Db } from '../store/db.ts'

/** As old as the engine's own knowledge may be: searches are no staler for it. */
const freshMs = 250
const most = 5_000

interface Seen {
  /** Null: it is not published. */
  readonly product: Product | null
  readonly until: number
}

/**
 * Published products by their ids, each read from the catalog at most four times a second, however many searches find it: what
 * people look for at one time is much the same. Those that are not published are not in the answer.
 */
export function recentProducts(catalog: Db): {
  read(ids: readonly ProductId[]): Promise<ReadonlyMap<ProductId, Product>>
} {
  const seen = new Map<ProductId, Seen>()
  return {
    read: async (ids) => {
      const now = Date.now()
      const fresh = new Map<ProductId, Seen>()
      const missing: ProductId[] = []
      for (const id of ids) {
        const one = seen.get(id)
        if (one && one.until > now) fresh.set(id, one)
        else missing.push(id)
      }
      const read = new Map(
        (await readProducts(catalog, missing)).map((product) => [product.id, product] as const),
      )
      if (seen.size + missing.length > most) seen.clear()
      for (const id of missing) {
        const one = { product: read.get(id) ?? null, until: now + freshMs }
        seen.set(id, one)
        fresh.set(id, one)
      }
      return new Map([...fresh].flatMap(([id, { product }]) => (product ? [[id, product] as const] : [])))
    },
  }
}
