import { marks } from '../search.ts'
import type { Meaning } from './meanings.ts'
import { foldedWord } from './words.ts'

/** Words of a description that are shown around what was found. */
const cropWords = 30

/** A text with everything between marks that one of the meanings explains. */
export function highlighted(text: string, meanings: readonly Meaning[]): string {
  return marked(piecesOf(text), foundBy(meanings))
}

/** The same for a long text: the part around the first word that was found, or its beginning. */
export function cropped(text: string, meanings: readonly Meaning[]): string {
  const found = foundBy(meanings)
  const pieces = piecesOf(text.replace(/\s+/g, ' ').trim())
  const isWord = ({ isWord: its }: Piece): boolean => its
  const first = Math.max(
    0,
    pieces.findIndex((piece) => isWord(piece) && markedPart(piece.text, found) !== ''),
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
  return `${skip > 0 ? '…' : ''}${marked(shown, found).trim()}${skip + cropWords < words ? '…' : ''}`
}

interface Found {
  readonly words: ReadonlySet<string>
  readonly prefixes: readonly string[]
}

/** Worked out once for all the texts of a page. */
const known = new WeakMap<readonly Meaning[], Found>()

function foundBy(meanings: readonly Meaning[]): Found {
  const before = known.get(meanings)
  if (before) return before
  const words = meanings.flatMap(({ exact, oneTypo, twoTypos }) => [...exact, ...oneTypo, ...twoTypos].flat())
  const prefixes = meanings.flatMap(({ prefix }) => (prefix === null ? [] : [prefix]))
  const found = { words: new Set(words), prefixes }
  known.set(meanings, found)
  return found
}

interface Piece {
  readonly text: string
  readonly isWord: boolean
}

function piecesOf(text: string): Piece[] {
  // Marks of our own in a text would be taken for what was found.
  const clean = text.replaceAll(marks.begin, '').replaceAll(marks.end, '')
  // What is split by stands at the odd places.
  return clean
    .split(/([\p{L}\p{M}\p{N}]+)/u)
    .map((piece, index) => ({ text: piece, isWord: index % 2 === 1 }))
    .filter(({ text: its }) => its !== '')
}

const marked = (pieces: readonly Piece[], found: Found): string =>
  pieces
    .map(({ text, isWord }) => {
      const part = isWord ? markedPart(text, found) : ''
      return part === '' ? text : `${marks.begin}${part}${marks.end}${text.slice(part.length)}`
    })
    .join('')

/** The beginning of the word that was found; empty when it was not. */
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
