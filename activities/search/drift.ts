import type { ProductId } from '../../domain/ids.ts'
import type { Violation } from '../../domain/invariants.ts'
import type { SearchEngine } from '../../domain/search.ts'
import type { Db } from '../../store/db.ts'
import { allDocuments } from '../../store/search/documents.ts'

/** How an index and the catalog disagree about a product. */
export interface Drift {
  readonly id: ProductId
  readonly kind: 'missing' | 'outdated' | 'not for sale'
}

/**
 * Compares what an engine knows with what is for sale (invariant I19): the stamp of a document is a hash of everything in it, ids,
 * prices and availability included. `beat` is called after every page.
 */
export async function driftOf({
  db,
  engine,
  beat = () => {},
}: {
  db: Db
  engine: Pick<SearchEngine, 'stamps'>
  beat?: () => void
}): Promise<Drift[]> {
  const known = new Map<ProductId, string>()
  for await (const page of engine.stamps()) {
    for (const { id, stamp } of page) known.set(id, stamp)
    beat()
  }
  const drift: Drift[] = []
  for await (const page of allDocuments(db)) {
    for (const { id, stamp } of page) {
      const its = known.get(id)
      known.delete(id)
      if (its === undefined) drift.push({ id, kind: 'missing' })
      else if (its !== stamp) drift.push({ id, kind: 'outdated' })
    }
    beat()
  }
  return [...drift, ...[...known.keys()].map((id): Drift => ({ id, kind: 'not for sale' }))]
}

/** I19: search, after it settles, equals the published products. */
export async function searchViolations(db: Db, engine: SearchEngine): Promise<Violation[]> {
  const drift = await driftOf({ db, engine })
  return drift.map(({ id, kind }) => ({
    invariant: 'I19',
    subject: id,
    detail: `${kind} in the index of ${engine.name}`,
  }))
}
