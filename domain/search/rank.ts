import type { Meaning } from './meanings.ts'

/** The words of a document by field, in the order in which fields count. */
export type Fields = readonly (readonly string[])[]

/** The same, by word: made once for a document that is ranked again and again. */
export interface WordPlaces {
  readonly title: readonly string[]
  /** Where each word stands, in order: the field times `fieldSize` and the position. */
  readonly places: ReadonlyMap<string, readonly number[]>
}

/** Further apart is all the same (Meilisearch, "proximity"). */
const farthest = 8
/** Positions of one field; words behind that are where nobody reads. */
const fieldSize = 65_536
/** From here on the beginning of a field is far, however far. */
const farFromBeginning = 16

export function wordPlaces(fields: Fields): WordPlaces {
  const places = new Map<string, number[]>()
  for (const [field, words] of fields.entries()) {
    for (const [position, word] of words.slice(0, fieldSize).entries()) {
      const known = places.get(word)
      if (known) known.push(field * fieldSize + position)
      else places.set(word, [field * fieldSize + position])
    }
  }
  return { title: fields[0] ?? [], places }
}

/**
 * How well a document fits, as numbers of which the first that differs decides, the smaller the better: how near the terms are to
 * each other, in which fields they stand, how far from the beginning, and whether they stand there as they were typed.
 */
export function fitOf(document: WordPlaces, meanings: readonly Meaning[]): readonly number[] {
  const standing: (readonly number[])[] = []
  let [field, position] = [0, 0]
  for (const meaning of meanings) {
    const places = placesOf(document.places, meaning)
    const [first] = places
    if (first === undefined) continue
    standing.push(places)
    field += Math.floor(first / fieldSize)
    position += Math.min(first % fieldSize, farFromBeginning)
  }
  return [nearness(standing), field, position, ...exactness(document, meanings)]
}

export function compareFits(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const nowhere: readonly number[] = []

/** Every place where any meaning of a term begins, the first one first. */
function placesOf(
  places: WordPlaces['places'],
  { exact, prefix, oneTypo, twoTypos }: Meaning,
): readonly number[] {
  const found: (readonly number[])[] = []
  for (const alternatives of [exact, oneTypo, twoTypos]) {
    for (const words of alternatives) {
      const here = words.length === 1 ? places.get(words[0] ?? '') : runsOf(places, words)
      if (here) found.push(here)
    }
  }
  if (prefix !== null) {
    for (const [word, here] of places) if (word !== prefix && word.startsWith(prefix)) found.push(here)
  }
  const [only = nowhere] = found
  return found.length <= 1 ? only : [...new Set(found.flat())].sort((a, b) => a - b)
}

/** Where these words stand side by side. */
function runsOf(places: WordPlaces['places'], words: readonly string[]): number[] {
  const [first = nowhere, ...others] = words.map((word) => places.get(word) ?? nowhere)
  return first.filter((place) => others.every((those, index) => those.includes(place + index + 1)))
}

/** The sum of the distances of neighbouring terms, each at its nearest; a term that stands before its predecessor is a step farther. */
function nearness(places: readonly (readonly number[])[]): number {
  let total = 0
  for (let index = 1; index < places.length; index += 1) {
    let nearest = farthest
    for (const one of places[index - 1] ?? nowhere) {
      for (const other of places[index] ?? nowhere) {
        if (Math.floor(one / fieldSize) !== Math.floor(other / fieldSize)) continue
        nearest = Math.min(nearest, other > one ? other - one : 1 + one - other)
      }
    }
    total += nearest
  }
  return total
}

/** Whether the title is the query, or begins with it; and how many terms do not stand anywhere as they were typed. */
function exactness({ title, places }: WordPlaces, meanings: readonly Meaning[]): [number, number] {
  let [begins, length, missing] = [true, 0, 0]
  for (const { exact } of meanings) {
    const typed = exact[0] ?? []
    for (const word of typed) {
      begins &&= title[length] === word
      length += 1
    }
    if (!typed.every((word) => places.has(word))) missing += 1
  }
  return [begins ? (length === title.length ? 0 : 1) : 2, missing]
}

/** Whether these words stand side by side in any field. */
export const holdsPhrase = ({ places }: WordPlaces, phrase: readonly string[]): boolean =>
  runsOf(places, phrase).length > 0
