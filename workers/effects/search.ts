import type { DomainEvent } from '../../domain/events.ts'
import type { ProductId } from '../../domain/ids.ts'
import { productsBelow, productsOfBrand } from '../../store/catalog/refresh.ts'
import type { Db } from '../../store/db.ts'
import { markProducts } from '../../store/search/pending.ts'

/** What has to be searchable as it is now. The engines themselves are written by the workflow `refreshProducts`, in batches. */

export async function productsChanged(trx: Db, events: readonly DomainEvent[]): Promise<void> {
  const ids = events.map(({ data }) => (data as { productId: ProductId }).productId)
  await markProducts(trx, { ids, at: events[0]?.at ?? new Date().toISOString() })
}

/** A category that was renamed or moved is shown with everything that lies below it. */
export async function categoryChanged(trx: Db, { at, data }: DomainEvent): Promise<void> {
  const { slug } = data as { slug: string }
  await markProducts(trx, { ids: await productsBelow(trx, slug), at })
}

export async function brandChanged(trx: Db, { at, data }: DomainEvent): Promise<void> {
  const { slug } = data as { slug: string }
  await markProducts(trx, { ids: await productsOfBrand(trx, slug), at })
}
