import type { Offer } from '../domain/carts.ts'
import type { Sku } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import { offersOf } from '../store/catalog.ts'
import type { Db } from '../store/db.ts'

/** What things are sold for, remembered for a moment. */
export interface OfferBoard {
  /** Like the catalog's own answer; `fresh` asks the catalog whatever is remembered. */
  offersOf(asked: {
    skus: readonly Sku[]
    currency: Currency
    fresh: boolean
  }): Promise<ReadonlyMap<Sku, Offer>>
}

/** A price that was changed shows in carts after this long; an order is always made at the price of the catalog. */
const freshMs = 1_000
const mostRemembered = 20_000

/** Asked hundreds of times a second about the same few things, the catalog is asked about each of them once a second. */
export function offerBoard(catalog: Db): OfferBoard {
  const remembered = new Map<string, { offer: Offer | null; until: number }>()
  const nameOf = (sku: Sku, currency: Currency): string => `${currency} ${sku}`

  return {
    offersOf: async ({ skus, currency, fresh }) => {
      const now = Date.now()
      const offers = new Map<Sku, Offer>()
      const unknown = skus.filter((sku) => {
        const found = fresh ? undefined : remembered.get(nameOf(sku, currency))
        if (!found || found.until <= now) return true
        if (found.offer) offers.set(sku, found.offer)
        return false
      })
      if (unknown.length === 0) return offers
      const asked = await offersOf(catalog, { skus: unknown, currency })
      if (remembered.size > mostRemembered) remembered.clear()
      for (const sku of unknown) {
        const offer = asked.get(sku) ?? null
        remembered.set(nameOf(sku, currency), { offer, until: now + freshMs })
        if (offer) offers.set(sku, offer)
      }
      return offers
    },
  }
}
