import type { SearchDocument } from '../search.ts'
import { codeOf, wordsOf } from './words.ts'

/**
 * Raised when a document is filed under other names than before: an index of another version has to be made anew, because nobody
 * could take its documents out of it.
 */
export const indexVersion = 1

/** How many letters of an unfinished word have an entry of their own; longer beginnings are looked up in the vocabulary. */
export const longestShortPrefix = 3

/** The names that documents are filed under. */
export const under = {
  everything: 'all',
  word: (word: string): string => `w ${word}`,
  titleWord: (word: string): string => `t ${word}`,
  prefix: (letters: string): string => `p ${letters}`,
  code: (code: string): string => `k ${code}`,
  category: (slug: string): string => `c ${slug}`,
  brand: (slug: string): string => `b ${slug}`,
  tag: (tag: string): string => `g ${tag}`,
  available: 'in stock',
} as const

/** The words of a document by field, in the order in which fields count. */
export function fieldsOf(document: SearchDocument): readonly (readonly string[])[] {
  const { title, brand, codes, categories, type, tags, choices, description } = document
  const names = [...categories.map(({ name }) => name), type, ...tags, ...choices]
  return [
    wordsOf(title),
    wordsOf(brand?.name ?? ''),
    codes.flatMap(wordsOf),
    names.flatMap(wordsOf),
    wordsOf(description),
  ]
}

/** Everything that a document is filed under, each once. */
export function entriesOf(document: SearchDocument): Set<string> {
  const [title = [], brand = [], codes = [], names = [], description = []] = fieldsOf(document)
  const shown = [...title, ...brand, ...codes, ...names]
  const prefixes = shown.flatMap((word) => {
    const letters = [...word].slice(0, longestShortPrefix)
    return letters.map((_, index) => under.prefix(letters.slice(0, index + 1).join('')))
  })
  return new Set([
    under.everything,
    ...[...shown, ...description].map(under.word),
    ...title.map(under.titleWord),
    ...prefixes,
    ...document.codes.map((code) => under.code(codeOf(code))),
    ...document.categories.map(({ slug }) => under.category(slug)),
    ...(document.brand ? [under.brand(document.brand.slug)] : []),
    ...document.tags.map((tag) => under.tag(tag)),
    ...(document.available ? [under.available] : []),
  ])
}

/** Numbers of a document that are compared and sorted by. */
export function valuesOf({ prices, createdAt }: SearchDocument): Map<string, number> {
  const priced = Object.entries(prices).map(([currency, amount]): [string, number] => [
    priceField(currency),
    amount,
  ])
  return new Map([...priced, [createdField, Date.parse(createdAt)]])
}

export const priceField = (currency: string): string => `price ${currency}`
export const createdField = 'created'

/** The words that somebody may mistype, or write together: all but codes and numbers. */
export function knownWordsOf(document: SearchDocument): string[] {
  const [title = [], brand = [], , names = [], description = []] = fieldsOf(document)
  return [...title, ...brand, ...names, ...description].filter(
    (word) => word.length >= 3 && word.length <= 40 && !/^\p{N}+$/u.test(word),
  )
}
