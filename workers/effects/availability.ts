import type { DomainEvent } from '../../domain/events.ts'
import type { Sku } from '../../domain/ids.ts'
import { setAvailability } from '../../store/availability.ts'
import type { Db } from '../../store/db.ts'

/** The catalog shows whether a variant can be bought; it changes only when the stock crosses nothing. */
export async function refreshAvailability(trx: Db, { at, data }: DomainEvent): Promise<void> {
  const { levels } = data as { levels: readonly { sku: Sku; available: number }[] }
  await setAvailability(trx, { levels, at })
}
