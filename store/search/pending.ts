import type { ProductId } from '../../domain/ids.ts'
import type { SearchEngine } from '../../domain/search.ts'
import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'

type EngineName = SearchEngine['name']

/** A product that an engine has to look at again, as it was marked. */
export interface Pending {
  readonly id: ProductId
  readonly mark: number
}

/** Has every engine look at these products again. Rows are written in the order of ids: two that mark the same do not deadlock. */
export async function markProducts(
  trx: Db,
  { ids, at }: { ids: readonly ProductId[]; at: string },
): Promise<void> {
  if (ids.length === 0) return
  await changed(
    trx,
    `insert into catalog.search_pending as p (engine, product_id, since)
     select e.name, w.id, cast(:at as timestamptz)
     from catalog.search_engines as e cross join unnest(cast(:ids as text[])) as w (id)
     order by e.name, w.id
     on conflict (engine, product_id) do update set mark = excluded.mark`,
    { ids: [...new Set(ids)], at },
  )
}

/** The next products that an engine has to look at, those that wait the longest first. */
export async function pendingProducts(
  db: Db,
  { engine, limit }: { engine: EngineName; limit: number },
): Promise<Pending[]> {
  return rows<Pending>(
    db,
    `select product_id as id, mark from catalog.search_pending
     where engine = :engine order by mark limit :limit`,
    { engine, limit },
  )
}

/** These were looked at. One that was marked again in the meantime stays. */
export async function forgetPending(
  db: Db,
  { engine, looked }: { engine: EngineName; looked: readonly Pending[] },
): Promise<void> {
  await changed(
    db,
    `delete from catalog.search_pending as p
     using unnest(cast(:ids as text[]), cast(:marks as bigint[])) as l (id, mark)
     where p.engine = :engine and p.product_id = l.id and p.mark = l.mark`,
    { engine, ids: looked.map(({ id }) => id), marks: looked.map(({ mark }) => mark) },
  )
}

/** Those of the products that an engine is going to look at anyway. */
export async function arePending(
  db: Db,
  { engine, ids }: { engine: EngineName; ids: readonly ProductId[] },
): Promise<Set<ProductId>> {
  const found = await rows<{ id: ProductId }>(
    db,
    `select product_id as id from catalog.search_pending where engine = :engine and product_id = any(:ids)`,
    { engine, ids: [...ids] },
  )
  return new Set(found.map(({ id }) => id))
}

/** How many products each engine has to look at; engines with none are in the answer. */
export async function countPending(db: Db): Promise<Map<EngineName, number>> {
  const counts = await rows<{ engine: EngineName; waiting: number }>(
    db,
    `select e.name as engine, count(p.product_id) as waiting
     from catalog.search_engines as e left join catalog.search_pending as p on p.engine = e.name
     group by e.name`,
  )
  return new Map(counts.map(({ engine, waiting }) => [engine, waiting]))
}

/** Whether an engine has to look at a product, or at what the shop teaches its search. */
export async function isAnyPending(db: Db): Promise<boolean> {
  const found = await rows(
    db,
    `(select 1 from catalog.search_pending limit 1)
     union all
     (select 1 from catalog.search_engines as e join catalog.search_settings as s on e.settings_version < s.version
      limit 1)`,
  )
  return found.length > 0
}

/** Says which engines there are from now on. What waits for one that is gone is forgotten with it; answers those that are new. */
export async function registerEngines(db: Db, names: readonly EngineName[]): Promise<EngineName[]> {
  return db.transaction(async (trx) => {
    await changed(trx, `delete from catalog.search_engines where name <> all(:names)`, { names: [...names] })
    const added = await rows<{ name: EngineName }>(
      trx,
      `insert into catalog.search_engines (name) select unnest(cast(:names as text[]))
       on conflict do nothing returning name`,
      { names: [...names] },
    )
    return added.map(({ name }) => name)
  })
}
