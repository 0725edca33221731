import type { ProductId } from '../../domain/ids.ts'
import type { SearchDocument } from '../../domain/search.ts'
import { codeOf, wordsOf } from '../../domain/search/words.ts'
import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'

/** Begins a title, so that a query can ask how far from there a word stands. Nobody can type it. */
export const titleBegins = '^'
/** Before a whole code, so that it is not mistaken for a word. */
export const codeSign = '#'

/** Postgres counts positions so far and no further. */
const lastPosition = 16_000
/** Between two fields, so that their words are never side by side. */
const gap = 8

/** Makes documents findable, or findable as they are now. */
export async function writeDocuments(trx: Db, documents: readonly SearchDocument[]): Promise<void> {
  if (documents.length === 0) return
  const written = documents.map(vectorsOf)
  await changed(
    trx,
    `insert into catalog.search_documents as d (product_id, stamp, brand_slug, categories, tags, available, prices, created_at,
       title_key, head, lexemes, all_words, title, description)
     select product_id, stamp, brand_slug, categories, tags, available, prices, created_at, title_key,
       cast(head as tsvector), strip(cast(all_words as tsvector)), cast(all_words as tsvector), title, description
     from jsonb_to_recordset(cast(:documents as jsonb)) as n (product_id text, stamp text, brand_slug text, categories text[],
       tags text[], available boolean, prices jsonb, created_at timestamptz, title_key text, head text, all_words text,
       title text, description text)
     order by product_id
     on conflict (product_id) do update
     set stamp = excluded.stamp, brand_slug = excluded.brand_slug, categories = excluded.categories, tags = excluded.tags,
         available = excluded.available, prices = excluded.prices, created_at = excluded.created_at,
         title_key = excluded.title_key, head = excluded.head, lexemes = excluded.lexemes, all_words = excluded.all_words,
         title = excluded.title, description = excluded.description
     where d.stamp <> excluded.stamp`,
    { documents: JSON.stringify(written.map(({ row }) => row)) },
  )
  await learnWords(trx, new Set(written.flatMap(({ words }) => words)))
}

export async function removeDocuments(trx: Db, ids: readonly ProductId[]): Promise<void> {
  if (ids.length === 0) return
  await changed(trx, `delete from catalog.search_documents where product_id = any(:ids)`, { ids: [...ids] })
}

/** Those of them that are not for sale. */
export async function removeUnpublished(db: Db, ids: readonly ProductId[]): Promise<void> {
  await changed(
    db,
    `delete from catalog.search_documents as d
     where d.product_id = any(:ids)
       and not exists (select 1 from catalog.products as p where p.id = d.product_id and p.status = 'published')`,
    { ids: [...ids] },
  )
}

/**
 * Adds words to the vocabulary. Under a lock, and committed before the next one gets it: who reads on after the last position
 * that he knows misses none.
 */
async function learnWords(trx: Db, words: ReadonlySet<string>): Promise<void> {
  const given = [...words].filter(isWorthKnowing)
  const unknown = await rows<{ word: string }>(
    trx,
    `select n.word from unnest(cast(:given as text[])) as n (word)
     where not exists (select 1 from catalog.search_words as w where w.word = n.word)`,
    { given },
  )
  if (unknown.length === 0) return
  await rows(trx, `select pg_advisory_xact_lock(hashtext('catalog.search_words'))`)
  await changed(
    trx,
    `insert into catalog.search_words (word)
     select word from unnest(cast(:unknown as text[])) as n (word) order by word
     on conflict do nothing`,
    { unknown: unknown.map(({ word }) => word) },
  )
}

/** A word that somebody may mistype, or write together with another one. */
const isWorthKnowing = (word: string): boolean =>
  word.length >= 3 && word.length <= 40 && !/^\p{N}+$/u.test(word)

/** Forgets words that no document has any more. */
export async function forgetWords(db: Db): Promise<void> {
  await db.transaction(async (trx) => {
    await rows(trx, `select pg_advisory_xact_lock(hashtext('catalog.search_words'))`)
    await changed(
      trx,
      `delete from catalog.search_words as w
       where not exists (
         select 1 from ts_stat('select lexemes from catalog.search_documents') as s where s.word = w.word)`,
    )
  })
}

function vectorsOf(document: SearchDocument) {
  const { title, brand, codes, categories, tags, type, choices, description } = document
  const head = new Vector()
  head.add([titleBegins, ...wordsOf(title)], 'A')
  head.add(wordsOf(brand?.name ?? ''), 'B')
  const names = [...categories.map(({ name }) => name), type, ...tags, ...choices]
  for (const field of [...codes, ...names]) head.add(wordsOf(field), 'C')
  head.addAt(
    codes.map((code) => `${codeSign}${codeOf(code)}`),
    'C',
  )
  const all = head.copy()
  all.add(wordsOf(description), 'D')

  const row = {
    ...{ product_id: document.id, stamp: document.stamp, title, description },
    brand_slug: brand?.slug ?? null,
    categories: categories.map(({ slug }) => slug),
    ...{ tags, available: document.available, prices: document.prices, created_at: document.createdAt },
    ...{ title_key: wordsOf(title).join(' '), head: head.toString(), all_words: all.toString() },
  }
  const words = [title, brand?.name ?? '', ...names, description].flatMap(wordsOf)
  return { row, words }
}

type Weight = 'A' | 'B' | 'C' | 'D'

/** A tsvector in the making, as Postgres reads it: 'word':1A,5C. */
class Vector {
  readonly #places = new Map<string, string[]>()
  #next = 1

  add(words: readonly string[], weight: Weight): void {
    for (const word of words) this.#put(word, weight)
    this.#next += gap
  }

  /** Words that stand nowhere in particular. */
  addAt(words: readonly string[], weight: Weight): void {
    for (const word of words) this.#put(word, weight, lastPosition)
  }

  copy(): Vector {
    const copy = new Vector()
    for (const [word, places] of this.#places) copy.#places.set(word, [...places])
    copy.#next = this.#next
    return copy
  }

  #put(word: string, weight: Weight, at = Math.min(this.#next++, lastPosition)): void {
    const places = this.#places.get(word) ?? []
    places.push(`${at}${weight}`)
    this.#places.set(word, places)
  }

  toString(): string {
    return [...this.#places].map(([word, places]) => `'${word}':${places.slice(0, 200).join(',')}`).join(' ')
  }
}
