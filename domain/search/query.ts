import { codeOf, wordsOf } from './words.ts'

/** What a customer asked for, in its parts. */
export interface ParsedQuery {
  /** In the order in which they were typed; the first matters most. */
  readonly terms: readonly QueryTerm[]
  /** What must not be there: `-wireless`, `-"floor lamp"`. */
  readonly without: readonly (readonly string[])[]
  /** The whole query as a SKU or barcode would be compared; empty when it cannot be one. */
  readonly code: string
}

export type QueryTerm =
  /** `prefix`: it is still being typed, so it is enough that a word begins so. */
  | { readonly kind: 'word'; readonly word: string; readonly prefix: boolean }
  /** Words side by side, exactly: `"floor lamp"`. */
  | { readonly kind: 'phrase'; readonly words: readonly string[] }

/** More say nothing more (Meilisearch reads as many). */
const mostTerms = 10
/** What is longer was not typed by a customer. */
const longestQuery = 500

/**
 * Reads a query as Meilisearch does: words in quotes are a phrase, a minus takes something away, words that say nothing are left
 * out unless there are no others, and the last word may be unfinished unless something follows it.
 */
export function parseQuery(text: string, stopWords: ReadonlySet<string>): ParsedQuery {
  const short = text.slice(0, longestQuery)
  const terms: QueryTerm[] = []
  const without: string[][] = []
  for (const { minus, quoted, words } of piecesOf(short)) {
    if (minus) without.push(words)
    else if (quoted) terms.push({ kind: 'phrase', words })
    else terms.push(...words.map((word): QueryTerm => ({ kind: 'word', word, prefix: false })))
  }
  const telling = terms.filter((term) => term.kind === 'phrase' || !stopWords.has(term.word))
  const kept = (telling.length > 0 ? telling : terms).slice(0, mostTerms)
  const last = kept.at(-1)
  const unfinished = last?.kind === 'word' && last === terms.at(-1) && /[\p{L}\p{M}\p{N}]$/u.test(short)
  return {
    terms: unfinished ? [...kept.slice(0, -1), { ...last, prefix: true }] : kept,
    without: without.slice(0, mostTerms),
    code: without.length === 0 && !short.includes('"') ? codeOf(short) : '',
  }
}

interface Piece {
  readonly minus: boolean
  readonly quoted: boolean
  readonly words: string[]
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  for (const { 0: piece, 1: minusBefore, 2: quoted, 3: plain, index } of text.matchAll(
    /(-?)"([^"]*)"?|([^\s"]+)/g,
  )) {
    const words = wordsOf(quoted ?? plain ?? '')
    if (words.length === 0) continue
    const opens = index === 0 || /\s/.test(text.charAt(index - 1))
    const minus = opens && (minusBefore === '-' || (plain !== undefined && piece.startsWith('-')))
    pieces.push({ minus, quoted: quoted !== undefined, words })
  }
  return pieces
}
