import type { DomainEvent } from '../../domain/events.ts'
import type { Sku } from '../../domain/ids.ts'
import { setAvailability } from '../../store/availability.ts'
import type { Db } from '../../store/db.ts'
import { markProducts } from '../../store/search/pending.ts'

/** The catalog shows whether a variant can be bought, and so does the search; nothing is written when the stock crosses nothing. */
export async function refreshAvailability(trx: Db, { at, data }: DomainEvent): Promise<void> {
  const { levels } = data as { levels: readonly { sku: Sku; available: number }[] }
  await markProducts(trx, { ids: await setAvailability(trx, { levels, at }), at })
}
