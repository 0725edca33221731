/** A word that is meant although another one was typed. */
export interface NearWord {
  readonly word: string
  readonly typos: 1 | 2
}

/** More would find everything and nothing (Meilisearch keeps as many). */
const most = { 1: 150, 2: 50 } as const
/** Mistyped words of which the near ones are remembered: many people mistype the same. */
const mostRemembered = 5_000

/**
 * All words of a shop, in order. It finds which of them are near to one that was typed: exactly, whatever the kind of typo, in a
 * fraction of a millisecond for tens of thousands of words. Words of one beginning lie side by side, so the work for a common
 * beginning is done once, and what cannot come near any more is stepped over (docs/decisions/search-in-postgres.md).
 */
export class Vocabulary {
  readonly #words: string[] = []
  readonly #known = new Set<string>()
  readonly #near = new Map<string, readonly NearWord[]>()

  get size(): number {
    return this.#words.length
  }

  has(word: string): boolean {
    return this.#known.has(word)
  }

  add(words: readonly string[]): void {
    const fresh = [...new Set(words)].filter((word) => !this.#known.has(word))
    if (fresh.length === 0) return
    for (const word of fresh) {
      this.#known.add(word)
      this.#words.push(word)
    }
    this.#words.sort(byCode)
    this.#near.clear()
  }

  clear(): void {
    this.#words.length = 0
    this.#known.clear()
    this.#near.clear()
  }

  /**
   * The words within so many typos, the nearest first; the word itself is not among them. A letter too many, too few, wrong, or
   * swapped with its neighbour is one typo; one at the first letter counts as two. With `prefix` it is enough that a word begins
   * so.
   */
  near(typed: string, { typos, prefix }: { typos: 0 | 1 | 2; prefix: boolean }): readonly NearWord[] {
    if (typos === 0 || typed === '') return []
    const asked = `${typos} ${prefix} ${typed}`
    const known = this.#near.get(asked)
    if (known) return known
    const near = this.#findNear(typed, { typos, prefix })
    if (this.#near.size >= mostRemembered) this.#near.clear()
    this.#near.set(asked, near)
    return near
  }

  #findNear(typed: string, { typos, prefix }: { typos: 1 | 2; prefix: boolean }): NearWord[] {
    const found: NearWord[] = []
    const take = (word: string, cost: number): void => {
      if (cost > 0 && word !== typed && !(prefix && word.startsWith(typed)))
        found.push({ word, typos: cost === 1 ? 1 : 2 })
    }
    const first = firstOf(typed)
    const same = this.#range(first)
    this.#walk({ typed, budget: typos, prefix, ...same }, take)
    if (typos === 2) {
      // Another first letter is two typos by itself, so the rest must be right.
      const wrongFirst = { typed, budget: 1, prefix }
      const takeTwo = (word: string): void => take(word, 2)
      this.#walk({ ...wrongFirst, from: 0, to: same.from }, takeTwo)
      this.#walk({ ...wrongFirst, from: same.to, to: this.#words.length }, takeTwo)
    }
    const nearest = found.sort(
      (a, b) =>
        a.typos - b.typos || lengthBetween(a, typed) - lengthBetween(b, typed) || byCode(a.word, b.word),
    )
    const one = nearest.filter((each) => each.typos === 1).slice(0, most[1])
    return [...one, ...nearest.filter((each) => each.typos === 2).slice(0, most[2])]
  }

  /** The words with this beginning, in order. */
  startingWith(beginning: string, limit: number): readonly string[] {
    const { from, to } = this.#range(beginning)
    return this.#words.slice(from, Math.min(to, from + limit))
  }

  /** Where the words with this beginning lie. */
  #range(beginning: string): { from: number; to: number } {
    return { from: this.#find(beginning), to: this.#find(`${beginning}\uffff`) }
  }

  #find(word: string): number {
    let [low, high] = [0, this.#words.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (byCode(this.#words[middle] ?? '', word) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * Walks the words from `from` to before `to`, with a row of the table of edit distances for each letter (Damerau–Levenshtein,
   * optimal string alignment); words that share letters share rows.
   */
  #walk(
    {
      typed,
      budget,
      prefix,
      from,
      to,
    }: { typed: string; budget: number; prefix: boolean; from: number; to: number },
    take: (word: string, typos: number) => void,
  ): void {
    const rows: Row[] = [firstRow(typed.length)]
    let before = ''
    for (let at = from; at < to;) {
      const word = this.#words[at] ?? ''
      let depth = sharedLength(word, before)
      let lost = false
      for (; depth < word.length && !lost; depth += 1) {
        rows[depth + 1] = nextRow({ rows, depth, word, typed })
        lost = isLost(rows, depth + 1, budget) && !(prefix && bestOf(rows, depth + 1, typed.length) <= budget)
      }
      if (lost) {
        before = word.slice(0, depth)
        at = Math.max(at + 1, Math.min(to, this.#find(`${before}\uffff`)))
        continue
      }
      before = word
      const cost = prefix
        ? bestOf(rows, word.length, typed.length)
        : (rows[word.length]?.cells[typed.length] ?? Infinity)
      if (cost <= budget) take(word, cost)
      at += 1
    }
  }
}

/** The distances of a beginning of a word from every beginning of what was typed. */
interface Row {
  readonly cells: readonly number[]
  readonly least: number
}

const firstRow = (length: number): Row => ({
  cells: Array.from({ length: length + 1 }, (_, index) => index),
  least: 0,
})

function nextRow({
  rows,
  depth,
  word,
  typed,
}: {
  rows: readonly Row[]
  depth: number
  word: string
  typed: string
}): Row {
  const above = rows[depth]?.cells ?? []
  const twoAbove = depth > 0 ? rows[depth - 1]?.cells : undefined
  const letter = word.charCodeAt(depth)
  const cells = [depth + 1]
  let least = depth + 1
  for (let column = 1; column <= typed.length; column += 1) {
    const typedLetter = typed.charCodeAt(column - 1)
    const replaced = (above[column - 1] ?? 0) + (letter === typedLetter ? 0 : 1)
    let cell = Math.min(replaced, (above[column] ?? 0) + 1, (cells[column - 1] ?? 0) + 1)
    if (
      twoAbove &&
      column > 1 &&
      letter === typed.charCodeAt(column - 2) &&
      word.charCodeAt(depth - 1) === typedLetter
    ) {
      cell = Math.min(cell, (twoAbove[column - 2] ?? 0) + 1)
    }
    cells.push(cell)
    if (cell < least) least = cell
  }
  return { cells, least }
}

/** Whether nothing that begins like this can come within the budget: a swap may still reach over the last letter. */
const isLost = (rows: readonly Row[], depth: number, budget: number): boolean =>
  (rows[depth]?.least ?? 0) > budget && (rows[depth - 1]?.least ?? 0) + 1 > budget

/** The distance of the nearest beginning of a word, up to this many letters. */
function bestOf(rows: readonly Row[], depth: number, length: number): number {
  let best = Infinity
  for (let row = 0; row <= depth; row += 1) best = Math.min(best, rows[row]?.cells[length] ?? Infinity)
  return best
}

function sharedLength(one: string, other: string): number {
  const longest = Math.min(one.length, other.length)
  let length = 0
  while (length < longest && one.charCodeAt(length) === other.charCodeAt(length)) length += 1
  return length
}

const firstOf = (word: string): string => String.fromCodePoint(word.codePointAt(0) ?? 0)
const byCode = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
const lengthBetween = ({ word }: NearWord, typed: string): number => Math.abs(word.length - typed.length)
