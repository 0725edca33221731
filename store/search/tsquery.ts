import type { Meaning } from '../../domain/search/meanings.ts'
import type { ParsedQuery } from '../../domain/search/query.ts'
import { codeSign, titleBegins } from './write.ts'

/** A parsed query in the language of Postgres. Words are letters and digits, so nothing in them can mean anything else. */
export interface TsQueries {
  /** Whatever can be a hit: the first term, in any meaning, or the whole query as a code. Null: everything there is. */
  readonly universe: string | null
  readonly terms: readonly TermQueries[]
  /** The whole query as a code; null when it is none. */
  readonly code: string | null
  /** All terms side by side, in this order; null for a single one. */
  readonly phrase: string | null
  /** All terms in the title; all terms in the title or brand. */
  readonly inTitle: string
  readonly inTitleOrBrand: string
  /** All terms as they were typed: whole words, no typo. */
  readonly asTyped: string
  /** The first term as the first, second or third word of a title. */
  readonly places: readonly [string, string, string]
}

export interface TermQueries {
  readonly any: string
  readonly exact: string
  /** Null where nothing is meant that is so far away. */
  readonly oneTypo: string | null
  readonly twoTypos: string | null
  /** A phrase can only be judged where positions are. */
  readonly phrase: boolean
}

const quoted = (word: string): string => `'${word.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
const labelled = (label: string) => (word: string) => `${quoted(word)}${label === '' ? '' : `:${label}`}`
const side = (words: readonly string[], label = ''): string =>
  words.length === 1 ? labelled(label)(words[0] ?? '') : `(${words.map(labelled(label)).join(' <-> ')})`
const anyOf = (parts: readonly string[]): string =>
  parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' | ')})`

/** What a term may mean, up to so many typos, in fields of these weights. */
function within({ exact, prefix, oneTypo, twoTypos }: Meaning, typos: 0 | 1 | 2, label = ''): string {
  return anyOf([
    ...exact.map((words) => side(words, label)),
    ...(prefix === null ? [] : [`${quoted(prefix)}:${label}*`]),
    ...(typos > 0 ? oneTypo.map((words) => side(words, label)) : []),
    ...(typos > 1 ? twoTypos.map((words) => side(words, label)) : []),
  ])
}

export function tsQueriesOf({ without, code }: ParsedQuery, meanings: readonly Meaning[]): TsQueries {
  const terms = meanings.map((meaning) => ({
    any: within(meaning, 2),
    exact: within(meaning, 0),
    oneTypo: meaning.oneTypo.length === 0 ? null : within(meaning, 1),
    twoTypos: meaning.twoTypos.length === 0 ? null : within(meaning, 2),
    phrase: meaning.phrase || meaning.exact.some((words) => words.length > 1),
  }))
  const [first] = terms
  const codeQuery = code === '' ? null : quoted(`${codeSign}${code}`)
  const wanted = [...(first ? [first.any] : []), ...(codeQuery === null ? [] : [codeQuery])]
  const not = without.map((words) => `!${side(words)}`)
  const parts = [...(wanted.length > 0 ? [anyOf(wanted)] : []), ...not]
  const all = (label: string, typos: 0 | 1 | 2): string =>
    meanings.map((meaning) => within(meaning, typos, label)).join(' & ')
  const typed = meanings.map(({ exact }) => side(exact[0] ?? []))
  const begins = first ? within(meanings[0] ?? none, 2, 'A') : "''"
  return {
    universe: parts.length > 0 ? parts.join(' & ') : null,
    terms,
    code: codeQuery,
    phrase: meanings.length > 1 ? meanings.map((meaning) => within(meaning, 2)).join(' <-> ') : null,
    inTitle: all('A', 2),
    inTitleOrBrand: all('AB', 2),
    asTyped: typed.join(' & '),
    places: [1, 2, 3].map((place) => `${quoted(titleBegins)} <${place}> ${begins}`) as [
      string,
      string,
      string,
    ],
  }
}

const none: Meaning = { exact: [], prefix: null, oneTypo: [], twoTypos: [], phrase: false }
