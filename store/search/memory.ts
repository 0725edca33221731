import type { ProductId } from '../../domain/ids.ts'
import type { SearchDocument } from '../../domain/search.ts'
import { chunkOf, chunkSize } from '../../domain/search/bits.ts'
import type { Chunk, Posting } from '../../domain/search/bits.ts'
import { fieldsOf } from '../../domain/search/entries.ts'
import { wordPlaces } from '../../domain/search/rank.ts'
import type { WordPlaces } from '../../domain/search/rank.ts'
import type { Fetched } from '../../domain/search/sets.ts'
import { rows } from '../db.ts'
import type { Db } from '../db.ts'
import { numbersOf } from './index-rows.ts'

/** A document as ranking and highlighting need it. */
export interface Remembered {
  readonly id: ProductId
  readonly title: string
  readonly description: string
  readonly words: WordPlaces
}

export interface Needs {
  readonly entries: readonly string[]
  /** Beginnings of entries, each with the most of them that are wanted. */
  readonly groups: readonly { readonly beginning: string; readonly most: number }[]
  readonly fields: readonly string[]
}

/** Chunks of postings that are remembered; each has at most 512 bytes, most have far fewer. */
const mostChunks = 100_000
const mostDocuments = 5_000
/** When more than this changed, remembering anew is quicker than forgetting one by one. */
const mostForgotten = 20_000

/**
 * What a process remembers of the index. `forget` asks what was changed since it last asked and forgets just that, so what is
 * remembered is never older than the last call. What many search for is remembered, and costs Postgres nothing.
 */
export class IndexMemory {
  readonly #db: Db
  #generation = -1
  #version = 0
  #capacity = 0
  /** Rises whenever something was forgotten: what was read before that is not to be remembered after it. */
  #epoch = 0
  #chunks = 0
  readonly #postings = new Map<string, Posting>()
  readonly #groups = new Map<string, ReadonlyMap<string, Posting>>()
  readonly #values = new Map<string, Float64Array>()
  readonly #documents = new Map<number, Remembered>()

  constructor(db: Db) {
    this.#db = db
  }

  async forget(): Promise<void> {
    const [state] = await rows<{ generation: number; version: number; documents: number }>(
      this.#db,
      `select generation, version, documents from catalog.search_state`,
    )
    if (!state) return
    const { generation, version, documents } = state
    if (generation !== this.#generation) this.#forgetAll()
    else if (version > this.#version) await this.#forgetSince(this.#version)
    this.#generation = generation
    this.#version = version
    if (documents !== this.#capacity) this.#values.clear()
    this.#capacity = documents
  }

  #forgetAll(): void {
    this.#epoch += 1
    for (const remembered of [this.#postings, this.#groups, this.#values, this.#documents]) remembered.clear()
    this.#chunks = 0
  }

  async #forgetSince(version: number): Promise<void> {
    const changed = await rows<{ entry: string }>(
      this.#db,
      `select distinct entry from catalog.search_postings where changed > :version limit ${mostForgotten + 1}`,
      { version },
    )
    const documents = await rows<{ number: number }>(
      this.#db,
      `select number from catalog.search_documents where changed > :version`,
      { version },
    )
    if (changed.length > mostForgotten) return this.#forgetAll()
    this.#epoch += 1
    for (const { entry } of changed) this.#drop(entry)
    for (const beginning of [...this.#groups.keys()]) {
      const stale = changed.length > 1_000 || changed.some(({ entry }) => entry.startsWith(beginning))
      if (stale) this.#groups.delete(beginning)
    }
    for (const { number } of documents) this.#documents.delete(number)
    this.#values.clear()
  }

  #drop(entry: string): void {
    this.#chunks -= this.#postings.get(entry)?.size ?? 0
    this.#postings.delete(entry)
  }

  /** Everything that a query needs, read where it is not remembered. */
  async fetch({ entries, groups, fields }: Needs): Promise<Fetched> {
    const capacity = this.#capacity
    const [postings, grouped, values] = await Promise.all([
      this.#fetchPostings(entries),
      Promise.all(groups.map((group) => this.#fetchGroup(group))),
      Promise.all(fields.map((field) => this.#fetchValues(field))),
    ])
    const byBeginning = new Map(groups.map(({ beginning }, index) => [beginning, grouped[index] ?? nothing]))
    const byField = new Map(fields.map((field, index) => [field, values[index] ?? new Float64Array()]))
    return {
      capacity,
      posting: (entry) => postings.get(entry) ?? unasked(entry),
      group: (beginning) => byBeginning.get(beginning) ?? unasked(beginning),
      values: (field) => byField.get(field) ?? unasked(field),
    }
  }

  async #fetchPostings(entries: readonly string[]): Promise<Map<string, Posting>> {
    const found = new Map<string, Posting>()
    const missing: string[] = []
    for (const entry of new Set(entries)) {
      const known = this.#postings.get(entry)
      if (!known) missing.push(entry)
      else {
        found.set(entry, known)
        // Asked for last, forgotten last.
        this.#postings.delete(entry)
        this.#postings.set(entry, known)
      }
    }
    if (missing.length === 0) return found
    const epoch = this.#epoch
    const read = await rows<{ entry: string; chunk: number; bits: Buffer }>(
      this.#db,
      `select entry, chunk, bits from catalog.search_postings where entry = any(:missing)`,
      { missing },
    )
    const postings = postingsOf(read)
    for (const entry of missing) {
      const posting = postings.get(entry) ?? new Map<number, Chunk>()
      found.set(entry, posting)
      if (epoch === this.#epoch) this.#remember(entry, posting)
    }
    return found
  }

  #remember(entry: string, posting: Posting): void {
    this.#postings.set(entry, posting)
    this.#chunks += posting.size
    for (const oldest of this.#postings.keys()) {
      if (this.#chunks <= mostChunks && this.#postings.size <= mostChunks) break
      this.#drop(oldest)
    }
  }

  async #fetchGroup({ beginning, most }: Needs['groups'][number]): Promise<ReadonlyMap<string, Posting>> {
    const known = this.#groups.get(beginning)
    if (known) return known
    const epoch = this.#epoch
    // In the order of bytes, what begins with a text lies between it and the same with the highest character behind it.
    const read = await rows<{ entry: string; chunk: number; bits: Buffer }>(
      this.#db,
      `select entry, chunk, bits from catalog.search_postings
       where entry >= :beginning and entry < :end order by entry, chunk limit :most`,
      { beginning, end: `${beginning}\u{10ffff}`, most },
    )
    const group = new Map(
      [...postingsOf(read)].map(([entry, posting]) => [entry.slice(beginning.length), posting]),
    )
    if (epoch === this.#epoch) {
      if (this.#groups.size > 500) this.#groups.clear()
      this.#groups.set(beginning, group)
    }
    return group
  }

  async #fetchValues(field: string): Promise<Float64Array> {
    const known = this.#values.get(field)
    if (known) return known
    const epoch = this.#epoch
    const read = await rows<{ chunk: number; numbers: Buffer }>(
      this.#db,
      `select chunk, numbers from catalog.search_values where field = :field`,
      { field },
    )
    const chunks = Math.max(Math.ceil(this.#capacity / chunkSize), ...read.map(({ chunk }) => chunk + 1))
    const values = new Float64Array(chunks * chunkSize).fill(NaN)
    for (const { chunk, numbers } of read) values.set(numbersOf(numbers), chunk * chunkSize)
    if (epoch === this.#epoch) this.#values.set(field, values)
    return values
  }

  /** Documents by their numbers; those that are gone are not in the answer. */
  async documents(numbers: readonly number[]): Promise<ReadonlyMap<number, Remembered>> {
    const found = new Map<number, Remembered>()
    const missing = numbers.filter((number) => {
      const known = this.#documents.get(number)
      if (known) found.set(number, known)
      return !known
    })
    if (missing.length === 0) return found
    const epoch = this.#epoch
    const read = await rows<{ number: number; document: SearchDocument }>(
      this.#db,
      `select number, document from catalog.search_documents where number = any(:missing)`,
      { missing },
    )
    if (this.#documents.size + read.length > mostDocuments) this.#documents.clear()
    for (const { number, document } of read) {
      const { id, title, description } = document
      const remembered = { id, title, description, words: wordPlaces(fieldsOf(document)) }
      found.set(number, remembered)
      if (epoch === this.#epoch) this.#documents.set(number, remembered)
    }
    return found
  }
}

const nothing: ReadonlyMap<string, Posting> = new Map()

function postingsOf(read: readonly { entry: string; chunk: number; bits: Buffer }[]): Map<string, Posting> {
  const postings = new Map<string, Map<number, Chunk>>()
  for (const { entry, chunk, bits } of read) {
    const posting = postings.get(entry) ?? new Map<number, Chunk>()
    posting.set(chunk, chunkOf(bits))
    postings.set(entry, posting)
  }
  return postings
}

function unasked(what: string): never {
  throw new Error(`The query did not say that it needs "${what}".`)
}
