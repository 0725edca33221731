import { mostFacetValues } from '../domain/search.ts'
import type { SearchAnswer, SearchEngine, SearchQuery, Stamp } from '../domain/search.ts'
import { DocSet } from '../domain/search/bits.ts'
import { createdField, priceField, under } from '../domain/search/entries.ts'
import { countFacets, gather } from '../domain/search/gather.ts'
import type { Candidate } from '../domain/search/gather.ts'
import { cropped, highlighted } from '../domain/search/highlight.ts'
import { meaningsOf } from '../domain/search/meanings.ts'
import type { Meaning } from '../domain/search/meanings.ts'
import { parseQuery } from '../domain/search/query.ts'
import type { ParsedQuery } from '../domain/search/query.ts'
import { compareFits, fitOf, holdsPhrase } from '../domain/search/rank.ts'
import { allOf, codesLike, entriesFor, entriesOfFilters, letThrough } from '../domain/search/sets.ts'
import type { Fetched, TermEntries } from '../domain/search/sets.ts'
import type { Vocabulary } from '../domain/search/vocabulary.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'
import { openLexicon } from './search/lexicon.ts'
import type { Lexicon } from './search/lexicon.ts'
import { IndexMemory } from './search/memory.ts'
import type { Needs, Remembered } from './search/memory.ts'
import { rebuildIndex, removeDocuments, writeDocuments } from './search/write.ts'

/** What is remembered of the index is at most this old. */
const freshMs = 250
/** The best are ranked by everything, the others by what their sets say. */
const finelyRanked = 200
/** Phrases are looked for in so many documents that have all their words. */
const mostForPhrase = 3_000
const mostCodes = 50

/**
 * The search that every shop has. The index lies in Postgres; what is asked often is remembered here, and what it all means is
 * worked out in `domain/search/` (docs/decisions/search-in-postgres.md). Settings are those of `catalog.search_settings`, so there
 * is nothing to configure.
 */
export function createPostgresSearch(db: Db): SearchEngine {
  const memory = new IndexMemory(db)
  const lexicon = openLexicon(db)
  const current = every(freshMs, async () => {
    const [, words] = await Promise.all([memory.forget(), lexicon.read()])
    return words
  })
  return {
    name: 'postgres',
    search: async (query) => answer({ query, memory, ...(await current()) }),
    put: (documents) => db.transaction((trx) => writeDocuments(trx, documents)),
    remove: (ids) => db.transaction((trx) => removeDocuments(trx, ids)),
    stamps: () => stampsOf(db),
    rebuild: (documents) => rebuildIndex(db, documents),
    configure: async () => {},
  }
}

async function answer({
  query,
  memory,
  vocabulary,
  teachings,
}: { query: SearchQuery; memory: IndexMemory } & Lexicon): Promise<SearchAnswer> {
  const parsed = parseQuery(query.text, teachings.stopWords)
  const meanings = meaningsOf(parsed, { vocabulary, teachings })
  const terms = meanings.map((meaning) => entriesFor(meaning, vocabulary))
  const fetched = await memory.fetch(needsOf({ query, parsed, terms, vocabulary }))

  const phrases = new Map<number, DocSet>()
  for (const [index, { phrase }] of terms.entries()) {
    if (phrase) phrases.set(index, await withPhrase(memory, { fetched, phrase }))
  }
  const allowed = letThrough(fetched, query)
  for (const words of parsed.without) allowed.without(await withPhrase(memory, { fetched, phrase: words }))

  const most = Math.max(query.offset + query.limit, finelyRanked)
  const codes = codesOf(fetched, parsed)
  const { total, candidates, found } = gather({ fetched, terms, phrases, codes, allowed, query, most })
  const facets = countFacets(found, { fetched, query })
  const shown = await page(memory, { candidates, meanings, query })
  return {
    hits: shown.map(({ id, title, description }) => ({
      id,
      title: highlighted(title, meanings),
      description: cropped(description, meanings),
    })),
    total,
    facets,
  }
}

function needsOf({
  query: { filters, facets, sort, currency },
  parsed,
  terms,
}: {
  query: SearchQuery
  parsed: ParsedQuery
  terms: readonly TermEntries[]
  vocabulary: Vocabulary
}): Needs {
  const codes = codesLike(parsed)
  const priced = filters.price || facets.includes('price') || sort === 'price_asc' || sort === 'price_desc'
  const groups = { category: under.category(''), brand: under.brand(''), tag: under.tag('') }
  return {
    entries: [
      under.everything,
      ...terms.flatMap(({ byTypos, inTitle }) => [...byTypos.flat(2), ...inTitle.flat()]),
      ...terms.flatMap(({ phrase }) => phrase ?? []).map(under.word),
      ...parsed.without.flat().map(under.word),
      ...entriesOfFilters(filters),
      ...(facets.includes('available') ? [under.available] : []),
    ],
    groups: [
      ...(codes === null ? [] : [{ beginning: codes, most: mostCodes }]),
      ...(['category', 'brand', 'tag'] as const)
        .filter((facet) => facets.includes(facet))
        .map((facet) => ({ beginning: groups[facet], most: mostFacetValues * 10_000 })),
    ],
    fields: [...(priced ? [priceField(currency)] : []), ...(sort === 'newest' ? [createdField] : [])],
  }
}

function codesOf(fetched: Fetched, parsed: ParsedQuery): { exact: DocSet; begun: DocSet } {
  const [exact, begun] = [new DocSet(fetched.capacity), new DocSet(fetched.capacity)]
  const beginning = codesLike(parsed)
  if (beginning === null) return { exact, begun }
  for (const [rest, posting] of fetched.group(beginning)) (rest === '' ? exact : begun).addAll(posting)
  return { exact, begun }
}

/** Documents in which these words stand side by side. */
async function withPhrase(
  memory: IndexMemory,
  { fetched, phrase }: { fetched: Fetched; phrase: readonly string[] },
): Promise<DocSet> {
  const all = allOf(fetched, phrase.map(under.word))
  if (phrase.length === 1) return all
  const numbers = [...all.documents()].slice(0, mostForPhrase)
  const found = new DocSet(fetched.capacity)
  for (const [number, { words }] of await memory.documents(numbers)) {
    if (holdsPhrase(words, phrase)) found.add(number)
  }
  return found
}

/** The page that was asked for, out of candidates of which the best are ranked by everything. */
async function page(
  memory: IndexMemory,
  {
    candidates,
    meanings,
    query: { offset, limit, sort },
  }: { candidates: readonly Candidate[]; meanings: readonly Meaning[]; query: SearchQuery },
): Promise<Remembered[]> {
  const rankable = sort === 'relevance' && meanings.length > 0
  const best = rankable ? candidates.slice(0, finelyRanked) : []
  const others = candidates.slice(best.length)
  const numbers = [...best, ...others.slice(Math.max(0, offset - best.length))].map(
    ({ document }) => document,
  )
  const documents = await memory.documents(limit === 0 ? [] : numbers.slice(0, finelyRanked + limit))
  const ranked = best
    .map((candidate) => {
      const document = documents.get(candidate.document)
      return { ...candidate, fit: document ? fitOf(document.words, meanings) : [] }
    })
    .sort((a, b) => a.group - b.group || compareFits(a.fit, b.fit) || a.document - b.document)
  return [...ranked, ...others]
    .slice(offset, offset + limit)
    .flatMap(({ document }) => documents.get(document) ?? [])
}

/** What is findable, in pages in the order of ids. */
async function* stampsOf(db: Db): AsyncGenerator<Stamp[]> {
  const most = 5_000
  for (let after = ''; ;) {
    const found = await rows<Stamp>(
      db,
      `select product_id as id, stamp from catalog.search_documents
       where product_id > :after order by product_id limit :most`,
      { after, most },
    )
    if (found.length > 0) yield found
    const last = found.at(-1)
    if (last === undefined || found.length < most) return
    after = last.id
  }
}

/** Does the work at most once in so many milliseconds; whoever asks meanwhile gets what the last one brought. */
function every<T>(ms: number, work: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | null = null
  let until = 0
  return () => {
    const now = Date.now()
    if (last && now < until) return last
    const next = work()
    last = next
    until = now + ms
    next.catch(() => {
      if (last === next) last = null
    })
    return next
  }
}
