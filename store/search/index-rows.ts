import { changedChunk, chunkBytes, chunkOf, chunkSize } from '../../domain/search/bits.ts'
import { changed, rows } from '../db.ts'
import type { Db } from '../db.ts'

/** What is to be changed of an index: by name and chunk. */
export class IndexChanges {
  readonly #entries = new Map<string, Map<number, { add: Set<number>; remove: Set<number> }>>()
  readonly #values = new Map<string, Map<number, Map<number, number>>>()

  file(document: number, entry: string): void {
    this.#at(entry, document).add.add(document % chunkSize)
  }

  unfile(document: number, entry: string): void {
    this.#at(entry, document).remove.add(document % chunkSize)
  }

  /** NaN: it has no such number any more. */
  note(document: number, field: string, value: number): void {
    const chunks = this.#values.get(field) ?? new Map<number, Map<number, number>>()
    this.#values.set(field, chunks)
    const number = Math.floor(document / chunkSize)
    const values = chunks.get(number) ?? new Map<number, number>()
    chunks.set(number, values)
    values.set(document % chunkSize, value)
  }

  #at(entry: string, document: number) {
    const chunks = this.#entries.get(entry) ?? new Map<number, { add: Set<number>; remove: Set<number> }>()
    this.#entries.set(entry, chunks)
    const number = Math.floor(document / chunkSize)
    const change = chunks.get(number) ?? { add: new Set(), remove: new Set() }
    chunks.set(number, change)
    return change
  }

  /** Writes them at this version. `fresh`: there is nothing yet that they change. */
  async write(trx: Db, { version, fresh }: { version: number; fresh: boolean }): Promise<void> {
    await this.#writePostings(trx, { version, fresh })
    await this.#writeValues(trx, { version, fresh })
  }

  async #writePostings(trx: Db, { version, fresh }: { version: number; fresh: boolean }): Promise<void> {
    const touched = [...this.#entries].flatMap(([entry, chunks]) =>
      [...chunks].map(([chunk, change]) => ({ entry, chunk, change })),
    )
    for (let from = 0; from < touched.length; from += rowsAtOnce) {
      const some = touched.slice(from, from + rowsAtOnce)
      const keys = { entries: some.map(({ entry }) => entry), chunks: some.map(({ chunk }) => chunk) }
      const known = fresh
        ? []
        : await rows<{ entry: string; chunk: number; bits: Buffer }>(
            trx,
            `select p.entry, p.chunk, p.bits
             from unnest(cast(:entries as text[]), cast(:chunks as integer[])) as t (entry, chunk)
             join catalog.search_postings as p on p.entry = t.entry and p.chunk = t.chunk`,
            keys,
          )
      const before = new Map(known.map(({ entry, chunk, bits }) => [`${chunk} ${entry}`, chunkOf(bits)]))
      const bits = some.map(({ entry, chunk, change }) =>
        Buffer.from(chunkBytes(changedChunk(before.get(`${chunk} ${entry}`), change))),
      )
      await changed(
        trx,
        `insert into catalog.search_postings (entry, chunk, bits, changed)
         select entry, chunk, bits, cast(:version as bigint)
         from unnest(cast(:entries as text[]), cast(:chunks as integer[]), cast(:bits as bytea[])) as n (entry, chunk, bits)
         on conflict (entry, chunk) do update set bits = excluded.bits, changed = excluded.changed`,
        { ...keys, bits, version },
      )
    }
  }

  async #writeValues(trx: Db, { version, fresh }: { version: number; fresh: boolean }): Promise<void> {
    for (const [field, chunks] of this.#values) {
      for (const [chunk, values] of chunks) {
        const [known] = fresh
          ? []
          : await rows<{ numbers: Buffer }>(
              trx,
              `select numbers from catalog.search_values where field = :field and chunk = :chunk`,
              { field, chunk },
            )
        const numbers = known ? numbersOf(known.numbers) : new Float64Array(chunkSize).fill(NaN)
        for (const [offset, value] of values) numbers[offset] = value
        await changed(
          trx,
          `insert into catalog.search_values (field, chunk, numbers, changed)
           values (:field, :chunk, :numbers, :version)
           on conflict (field, chunk) do update set numbers = excluded.numbers, changed = excluded.changed`,
          { field, chunk, numbers: bytesOf(numbers), version },
        )
      }
    }
  }
}

/** A statement carries so many rows and no more. */
const rowsAtOnce = 5_000

const bytesOf = (numbers: Float64Array): Buffer => {
  const bytes = Buffer.alloc(numbers.length * 8)
  numbers.forEach((value, index) => bytes.writeDoubleLE(value, index * 8))
  return bytes
}

export function numbersOf(bytes: Buffer): Float64Array {
  return Float64Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readDoubleLE(index * 8))
}
