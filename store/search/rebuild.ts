import type { ProductId } from '../../domain/ids.ts'
import type { SearchDocument, Stamp } from '../../domain/search.ts'
import { rows } from '../db.ts'
import type { Db } from '../db.ts'
import { forgetWords, removeUnpublished, writeDocuments } from './write.ts'

/** What is findable, in pages in the order of ids. */
export async function* stampsOf(db: Db, { page = 5_000 } = {}): AsyncGenerator<Stamp[]> {
  for (let after = ''; ;) {
    const found = await rows<Stamp>(
      db,
      `select product_id as id, stamp from catalog.search_documents
       where product_id > :after order by product_id limit :page`,
      { after, page },
    )
    if (found.length > 0) yield found
    const last = found.at(-1)
    if (last === undefined || found.length < page) return
    after = last.id
  }
}

/**
 * Writes every document anew and takes away what is not among them. There is no second index to swap with: a row that is written
 * anew is the old one until that moment and the new one from then on.
 */
export async function rebuildDocuments(
  db: Db,
  documents: AsyncIterable<readonly SearchDocument[]>,
): Promise<{ documents: number }> {
  const kept = new Set<ProductId>()
  for await (const page of documents) {
    await db.transaction((trx) => writeDocuments(trx, page))
    for (const { id } of page) kept.add(id)
  }
  const gone: ProductId[] = []
  for await (const page of stampsOf(db)) gone.push(...page.map(({ id }) => id).filter((id) => !kept.has(id)))
  // What was published in the meantime is not among the pages that had been read by then.
  await removeUnpublished(db, gone)
  await forgetWords(db)
  return { documents: kept.size }
}
