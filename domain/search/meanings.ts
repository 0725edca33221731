import type { SearchSettings } from '../search.ts'
import type { ParsedQuery, QueryTerm } from './query.ts'
import type { Vocabulary } from './vocabulary.ts'
import { foldedWord, typosAllowed, wordsOf } from './words.ts'

/** Everything that may be meant by one term of a query, by how far it is from what was typed. */
export interface Meaning {
  /** Each a word, or words side by side. What was typed comes first. */
  readonly exact: readonly (readonly string[])[]
  /** The beginning that is enough, when the word may be unfinished. */
  readonly prefix: string | null
  readonly oneTypo: readonly (readonly string[])[]
  readonly twoTypos: readonly (readonly string[])[]
  readonly phrase: boolean
}

/** Settings as queries are read by them. */
export interface Teachings {
  readonly synonyms: ReadonlyMap<string, readonly (readonly string[])[]>
  readonly stopWords: ReadonlySet<string>
}

export function teachingsOf({ synonyms, stopWords }: SearchSettings): Teachings {
  const entries = Object.entries(synonyms).map(([word, others]) => [
    wordsOf(word).join(' '),
    others.map((other) => wordsOf(other)).filter((words) => words.length > 0),
  ])
  return {
    synonyms: new Map(entries as [string, string[][]][]),
    stopWords: new Set(stopWords.map(foldedWord)),
  }
}

/**
 * What each term may mean: the word, its synonyms, words that are a typo away; two terms that are written as one word (`head
 * phones`), and one that is written as two (`notebook`), each counted as a typo.
 */
export function meaningsOf(
  { terms }: ParsedQuery,
  { vocabulary, teachings }: { vocabulary: Vocabulary; teachings: Teachings },
): Meaning[] {
  return terms.map((term, index) => {
    if (term.kind === 'phrase') {
      return { exact: [term.words], prefix: null, oneTypo: [], twoTypos: [], phrase: true }
    }
    const { word, prefix } = term
    const near = vocabulary.near(word, { typos: typosAllowed(word), prefix })
    const withCost = (typos: 1 | 2): string[][] =>
      near.filter((each) => each.typos === typos).map((each) => [each.word])
    const joined = [joinedWord(terms[index - 1], term), joinedWord(term, terms[index + 1])]
      .filter((each) => each !== null && vocabulary.has(each))
      .map((each) => [each ?? ''])
    const split = vocabulary.has(word) ? null : splitOf(word, vocabulary)
    return {
      exact: [[word], ...(teachings.synonyms.get(word) ?? [])],
      prefix: prefix ? word : null,
      oneTypo: [...withCost(1), ...joined, ...(split ? [split] : [])],
      twoTypos: withCost(2),
      phrase: false,
    }
  })
}

const joinedWord = (one: QueryTerm | undefined, other: QueryTerm | undefined): string | null =>
  one?.kind === 'word' && other?.kind === 'word' ? one.word + other.word : null

/** Two known words that were written as one, the shorter of them as long as it can be. */
function splitOf(word: string, vocabulary: Vocabulary): string[] | null {
  const letters = [...word]
  let best: string[] | null = null
  for (let at = 2; at <= letters.length - 2; at += 1) {
    const [left, right] = [letters.slice(0, at).join(''), letters.slice(at).join('')]
    if (!vocabulary.has(left) || !vocabulary.has(right)) continue
    const shorter = (words: string[]): number => Math.min(...words.map((each) => each.length))
    if (best === null || shorter([left, right]) > shorter(best)) best = [left, right]
  }
  return best
}
