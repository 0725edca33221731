import type { ProductId, Sku } from '../domain/ids.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/**
 * Notes which variants can be bought, as of `at`; what is known from later stays. Rows that would not change are not written. Answers
 * the products that look different now.
 */
export async function setAvailability(
  db: Db,
  { levels, at }: { levels: readonly { sku: Sku; available: number }[]; at: string },
): Promise<ProductId[]> {
  const inOrder = [...levels].sort((a, b) => (a.sku < b.sku ? -1 : 1))
  const moved = await rows<{ id: ProductId }>(
    db,
    `update catalog.variants as v
     set available = l.available > 0, available_at = cast(:at as timestamptz)
     from jsonb_to_recordset(cast(:levels as jsonb)) as l (sku text, available integer)
     where v.sku = l.sku
       and v.available <> (l.available > 0)
       and (v.available_at is null or v.available_at < cast(:at as timestamptz))
     returning v.product_id as id`,
    { levels: JSON.stringify(inOrder), at },
  )
  return [...new Set(moved.map(({ id }) => id))]
}
