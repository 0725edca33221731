import type { ProductId } from '../../domain/ids.ts'
import type { SearchDocument } from '../../domain/search.ts'
import { entriesOf, indexVersion, knownWordsOf, valuesOf } from '../../domain/search/entries.ts'
import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'
import { IndexChanges } from './index-rows.ts'

/** How far the index has come. */
interface State {
  readonly version: number
  /** The number of the next document. */
  readonly documents: number
}

interface Indexed {
  readonly number: number
  readonly document: SearchDocument
}

/** Makes documents findable, or findable as they are now, in the caller's transaction. */
export async function writeDocuments(trx: Db, documents: readonly SearchDocument[]): Promise<void> {
  const given = new Map(documents.map((document) => [document.id, document]))
  if (given.size === 0) return
  const state = await nextState(trx)
  const known = await indexedOf(trx, [...given.keys()])
  const fresh = [...given.values()].filter(({ id, stamp }) => known.get(id)?.document.stamp !== stamp)
  if (fresh.length === 0) return

  const changes = new IndexChanges()
  let { documents: next } = state
  const numbered = fresh.map((document) => {
    const before = known.get(document.id)
    const number = before?.number ?? next++
    noteChanges(changes, { number, before: before?.document ?? null, after: document })
    return { number, document }
  })
  await insertDocuments(trx, { numbered, version: state.version })
  await changes.write(trx, { version: state.version, fresh: false })
  await learnWords(trx, { documents: fresh, version: state.version })
  await keepState(trx, { ...state, documents: next })
}

export async function removeDocuments(trx: Db, ids: readonly ProductId[]): Promise<void> {
  const known = await indexedOf(trx, ids)
  if (known.size === 0) return
  const state = await nextState(trx)
  // They may have been changed before this writer's turn came.
  const still = await indexedOf(trx, ids)
  const changes = new IndexChanges()
  for (const { number, document } of still.values())
    noteChanges(changes, { number, before: document, after: null })
  await changes.write(trx, { version: state.version, fresh: false })
  await changed(trx, `delete from catalog.search_documents where product_id = any(:ids)`, {
    ids: [...still.keys()],
  })
  await keepState(trx, state)
}

/**
 * Makes the whole index anew in one transaction: until it is committed, everybody sees the one that there was. Other writers wait
 * for it.
 */
export async function rebuildIndex(
  db: Db,
  documents: AsyncIterable<readonly SearchDocument[]>,
): Promise<{ documents: number }> {
  return db.transaction(async (trx) => {
    const { version } = await nextState(trx)
    for (const table of ['documents', 'postings', 'values', 'words'])
      await changed(trx, `delete from catalog.search_${table}`)
    let count = 0
    let pending: Indexed[] = []
    const flush = async (): Promise<void> => {
      const changes = new IndexChanges()
      for (const { number, document } of pending)
        noteChanges(changes, { number, before: null, after: document })
      await insertDocuments(trx, { numbered: pending, version })
      await changes.write(trx, { version, fresh: true })
      await learnWords(trx, { documents: pending.map(({ document }) => document), version })
      pending = []
    }
    for await (const page of documents) {
      for (const document of page) {
        pending.push({ number: count, document })
        count += 1
        // By whole chunks: no row is written twice.
        if (pending.length === 4_096) await flush()
      }
    }
    await flush()
    await keepState(trx, { version, documents: count })
    await changed(
      trx,
      `update catalog.search_state set generation = generation + 1, index_version = :indexVersion`,
      { indexVersion },
    )
    return { documents: count }
  })
}

/** Whether the index was made by another version of this program, or never. */
export async function isIndexOld(db: Db): Promise<boolean> {
  const [state] = await rows<{ version: number }>(
    db,
    `select index_version as version from catalog.search_state`,
  )
  return state?.version !== indexVersion
}

/** Files a document under what it is, and takes it away from what it was. */
function noteChanges(
  changes: IndexChanges,
  { number, before, after }: { number: number; before: SearchDocument | null; after: SearchDocument | null },
): void {
  const [was, is] = [
    before ? entriesOf(before) : new Set<string>(),
    after ? entriesOf(after) : new Set<string>(),
  ]
  for (const entry of was) if (!is.has(entry)) changes.unfile(number, entry)
  for (const entry of is) if (!was.has(entry)) changes.file(number, entry)
  const [had, has] = [
    before ? valuesOf(before) : new Map<string, number>(),
    after ? valuesOf(after) : new Map<string, number>(),
  ]
  for (const field of had.keys()) if (!has.has(field)) changes.note(number, field, NaN)
  for (const [field, value] of has) if (had.get(field) !== value) changes.note(number, field, value)
}

/** The next version, for one writer at a time: what is written at it is seen after everything that was written before. */
async function nextState(trx: Db): Promise<State> {
  const [state] = await rows<State>(
    trx,
    `select version + 1 as version, documents from catalog.search_state for update`,
  )
  if (!state) throw new Error('The state of the search index is missing: run the migrations.')
  return state
}

async function keepState(trx: Db, { version, documents }: State): Promise<void> {
  await changed(trx, `update catalog.search_state set version = :version, documents = :documents`, {
    version,
    documents,
  })
}

async function indexedOf(trx: Db, ids: readonly ProductId[]): Promise<Map<ProductId, Indexed>> {
  const found = await rows<Indexed & { id: ProductId }>(
    trx,
    `select product_id as id, number, document from catalog.search_documents where product_id = any(:ids)`,
    { ids: [...ids] },
  )
  return new Map(found.map(({ id, number, document }) => [id, { number, document }]))
}

async function insertDocuments(
  trx: Db,
  { numbered, version }: { numbered: readonly Indexed[]; version: number },
): Promise<void> {
  const documents = numbered.map(({ number, document }) => ({
    ...{ product_id: document.id, number, stamp: document.stamp, document },
  }))
  await changed(
    trx,
    `insert into catalog.search_documents (product_id, number, stamp, document, changed)
     select product_id, number, stamp, document, cast(:version as bigint)
     from jsonb_to_recordset(cast(:documents as jsonb)) as n (product_id text, number integer, stamp text, document jsonb)
     on conflict (product_id) do update
     set stamp = excluded.stamp, document = excluded.document, changed = excluded.changed`,
    { documents: JSON.stringify(documents), version },
  )
}

async function learnWords(
  trx: Db,
  { documents, version }: { documents: readonly SearchDocument[]; version: number },
): Promise<void> {
  const words = [...new Set(documents.flatMap(knownWordsOf))]
  await changed(
    trx,
    `insert into catalog.search_words (word, changed)
     select word, cast(:version as bigint) from unnest(cast(:words as text[])) as n (word)
     on conflict do nothing`,
    { words, version },
  )
}
