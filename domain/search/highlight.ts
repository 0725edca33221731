import { marks } from '../search.ts'
import type { Meaning } from './meanings.ts'
import { foldedWord } from './words.ts'

/** Words of a description that are shown around what was found. */
const cropWords = 30

/** A text with everything between marks that one of the meanings explains. */
export function highlighted(text: string, meanings: readonly Meaning[]): string {
  return piecesOf(text, foundBy(meanings))
    .map(({ marked, word }) =>
      marked === '' ? word : `${marks.begin}${marked}${marks.end}${word.slice(marked.length)}`,
    )
    .join('')
}

/** The same for a long text: the part around the first word that was found, or its beginning. */
export function cropped(text: string, meanings: readonly Meaning[]): string {
  const found = foundBy(meanings)
  const pieces = piecesOf(text.replace(/\s+/g, ' ').trim(), found)
  const isWord = ({ isWord: its }: Piece): boolean => its
  const first = Math.max(
    0,
    pieces.findIndex(({ marked }) => marked !== ''),
  )
  const before = pieces.slice(0, first).filter(isWord).length
  let skip = Math.max(0, before - Math.floor(cropWords / 3))
  const words = pieces.filter(isWord).length
  skip = Math.min(skip, Math.max(0, words - cropWords))
  let seen = 0
  const shown = pieces.filter((piece) => {
    if (isWord(piece)) seen += 1
    return isWord(piece)
      ? seen > skip && seen <= skip + cropWords
      : seen >= Math.max(skip, 1) && seen < skip + cropWords
  })
  const inside = shown
    .map(({ marked, word }) =>
      marked === '' ? word : `${marks.begin}${marked}${marks.end}${word.slice(marked.length)}`,
    )
    .join('')
    .trim()
  return `${skip > 0 ? '…' : ''}${inside}${skip + cropWords < words ? '…' : ''}`
}

interface Found {
  readonly words: ReadonlySet<string>
  readonly prefixes: readonly string[]
}

function foundBy(meanings: readonly Meaning[]): Found {
  const words = meanings.flatMap(({ exact, oneTypo, twoTypos }) => [...exact, ...oneTypo, ...twoTypos].flat())
  const prefixes = meanings.flatMap(({ prefix }) => (prefix === null ? [] : [prefix]))
  return { words: new Set(words), prefixes }
}

interface Piece {
  readonly word: string
  readonly isWord: boolean
  /** The beginning of the word that was found; empty when it was not. */
  readonly marked: string
}

function piecesOf(text: string, found: Found): Piece[] {
  // Marks of our own in a text would be taken for what was found.
  const clean = text.replaceAll(marks.begin, '').replaceAll(marks.end, '')
  return clean
    .split(/([\p{L}\p{M}\p{N}]+)/u)
    .filter((word) => word !== '')
    .map((word) => {
      const isWord = /^[\p{L}\p{M}\p{N}]/u.test(word)
      return { word, isWord, marked: isWord ? markedPart(word, found) : '' }
    })
}

function markedPart(word: string, { words, prefixes }: Found): string {
  const folded = foldedWord(word)
  if (words.has(folded)) return word
  const prefix = prefixes.find((each) => folded.startsWith(each))
  if (prefix === undefined) return isPartlyFound(folded, words) ? word : ''
  // Where folding changed the length (ß, æ), nobody can say where the beginning ends.
  return folded.length === word.length ? word.slice(0, prefix.length) : word
}

/** Text without spaces is searched by pairs of characters. */
const isPartlyFound = (run: string, words: ReadonlySet<string>): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(run) &&
  [...words].some((word) => [...word].length === 2 && run.includes(word))
