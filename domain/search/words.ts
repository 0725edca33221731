import { withoutAccents } from '../catalog/slugs.ts'

/** Nobody types a longer one, and an index should not hold what is not a word. */
const longestWord = 60

/**
 * The words of a text as they are searched: small, without accents, whatever is no letter or digit between them. Chinese and
 * Japanese, which put no spaces between words, become overlapping pairs of characters. The same for documents and for queries, or
 * nothing would be found.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const [run] of foldedWord(text).matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    if (!unspaced.test(run)) words.push(short(run))
    else
      for (const part of run.match(parts) ?? [])
        words.push(...(unspaced.test(part) ? pairsOf(part) : [short(part)]))
  }
  return words
}

/** A text as its words are compared. */
export const foldedWord = (text: string): string =>
  (isPlain(text) ? text : withoutAccents(text)).toLowerCase()

/** Nothing in it could be folded but its case: most words, and a tenth of the work. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false
  return true
}

/** A SKU or barcode as it is compared: `SKU-6-A`, `sku 6a` and `SKU6A` are the same. */
export const codeOf = (text: string): string =>
  foldedWord(text)
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .slice(0, longestWord)

const script = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー'
const unspaced = new RegExp(`[${script}]`, 'u')
const parts = new RegExp(`[${script}]+|[^${script}]+`, 'gu')

const short = (word: string): string =>
  word.length > longestWord ? [...word].slice(0, longestWord).join('') : word

function pairsOf(run: string): string[] {
  const characters = [...run]
  if (characters.length < 2) return characters
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`)
}

/**
 * How many typos a word is forgiven (Meilisearch, "Typo tolerance"): none up to four letters, one from five, two from nine. A number
 * is forgiven none: 1500 W is not 1800 W.
 */
export function typosAllowed(word: string): 0 | 1 | 2 {
  if (/^\p{N}+$/u.test(word)) return 0
  const { length } = [...word]
  return length >= 9 ? 2 : length >= 5 ? 1 : 0
}
