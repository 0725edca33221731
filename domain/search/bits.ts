/**
 * Sets of documents as bits, the way search engines keep them: which documents have a word, a brand, a category. Documents are
 * numbered from 0; a posting is kept in chunks, so that a change of one document rewrites little.
 */

/** Documents of one chunk. */
export const chunkSize = 4_096
const wordsOfChunk = chunkSize / 32
const bytesOfChunk = chunkSize / 8

/** One chunk of a posting: offsets in order where there are few of them, else a bit for each. */
export type Chunk = Uint16Array | Uint32Array
/** Which documents have something, by the number of the chunk. */
export type Posting = ReadonlyMap<number, Chunk>

const isBits = (chunk: Chunk): chunk is Uint32Array => chunk instanceof Uint32Array

/** A chunk as it is stored: 512 bytes are bits, fewer are offsets of two bytes each, low byte first. */
export function chunkBytes(chunk: Chunk): Uint8Array {
  const bytes = new Uint8Array(isBits(chunk) ? bytesOfChunk : chunk.length * 2)
  const view = new DataView(bytes.buffer)
  if (isBits(chunk)) chunk.forEach((word, index) => view.setUint32(index * 4, word, true))
  else chunk.forEach((offset, index) => view.setUint16(index * 2, offset, true))
  return bytes
}

export function chunkOf(bytes: Uint8Array): Chunk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length === bytesOfChunk) {
    return Uint32Array.from({ length: wordsOfChunk }, (_, index) => view.getUint32(index * 4, true))
  }
  return Uint16Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(index * 2, true))
}

/** A chunk with offsets added and taken away; the smaller of its two forms. */
export function changedChunk(
  chunk: Chunk | undefined,
  { add, remove }: { add: Iterable<number>; remove: Iterable<number> },
): Chunk {
  const bits = new Uint32Array(wordsOfChunk)
  if (chunk) orChunk(bits, 0, chunk)
  for (const offset of remove) bits[offset >>> 5] = (bits[offset >>> 5] ?? 0) & ~(1 << (offset & 31))
  for (const offset of add) bits[offset >>> 5] = (bits[offset >>> 5] ?? 0) | (1 << (offset & 31))
  const set = new DocSet(chunkSize, bits)
  return set.count() < bytesOfChunk / 2 ? Uint16Array.from(set.documents()) : bits
}

function orChunk(words: Uint32Array, from: number, chunk: Chunk): void {
  if (isBits(chunk)) {
    for (let index = 0; index < wordsOfChunk; index += 1) {
      words[from + index] = (words[from + index] ?? 0) | (chunk[index] ?? 0)
    }
    return
  }
  for (const offset of chunk) {
    const index = from + (offset >>> 5)
    words[index] = (words[index] ?? 0) | (1 << (offset & 31))
  }
}

/** A set of documents to reckon with. What its methods say is done to the set itself, and it is answered again. */
export class DocSet {
  readonly #words: Uint32Array

  /** For documents from 0 to before `capacity`, which is rounded up to whole chunks. */
  constructor(capacity: number, words?: Uint32Array) {
    this.#words = words ?? new Uint32Array(Math.ceil(capacity / chunkSize) * wordsOfChunk)
  }

  copy(): DocSet {
    return new DocSet(0, this.#words.slice())
  }

  addAll(posting: Posting): this {
    for (const [number, chunk] of posting) {
      const from = number * wordsOfChunk
      // A document that came after this set was made is not for this search.
      if (from < this.#words.length) orChunk(this.#words, from, chunk)
    }
    return this
  }

  add(document: number): this {
    const index = document >>> 5
    if (index < this.#words.length) this.#words[index] = (this.#words[index] ?? 0) | (1 << (document & 31))
    return this
  }

  has(document: number): boolean {
    return ((this.#words[document >>> 5] ?? 0) & (1 << (document & 31))) !== 0
  }

  or(other: DocSet): this {
    const [mine, its] = [this.#words, other.#words]
    for (let index = 0; index < mine.length; index += 1) mine[index] = (mine[index] ?? 0) | (its[index] ?? 0)
    return this
  }

  and(other: DocSet): this {
    const [mine, its] = [this.#words, other.#words]
    for (let index = 0; index < mine.length; index += 1) mine[index] = (mine[index] ?? 0) & (its[index] ?? 0)
    return this
  }

  without(other: DocSet): this {
    const [mine, its] = [this.#words, other.#words]
    for (let index = 0; index < mine.length; index += 1) mine[index] = (mine[index] ?? 0) & ~(its[index] ?? 0)
    return this
  }

  isEmpty(): boolean {
    return this.#words.every((word) => word === 0)
  }

  count(): number {
    let sum = 0
    for (const word of this.#words) if (word !== 0) sum += bitsIn(word)
    return sum
  }

  /** How many of a posting are in this set. */
  countOf(posting: Posting): number {
    let sum = 0
    for (const [number, chunk] of posting) {
      const from = number * wordsOfChunk
      if (from >= this.#words.length) continue
      if (!isBits(chunk)) {
        for (const offset of chunk) if (this.has(number * chunkSize + offset)) sum += 1
        continue
      }
      for (let index = 0; index < wordsOfChunk; index += 1) {
        const both = (this.#words[from + index] ?? 0) & (chunk[index] ?? 0)
        if (both !== 0) sum += bitsIn(both)
      }
    }
    return sum
  }

  /** In the order of their numbers. */
  *documents(): Generator<number> {
    for (let index = 0; index < this.#words.length; index += 1) {
      for (let word = this.#words[index] ?? 0; word !== 0; word &= word - 1) {
        yield index * 32 + (31 - Math.clz32(word & -word))
      }
    }
  }
}

/** How many bits of a word are set (Warren, "Hacker's Delight", 5-1). */
function bitsIn(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555)
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333)
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
