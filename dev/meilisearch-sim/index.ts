import { marks } from '../../domain/search.ts'
import { cropped, highlighted } from '../../domain/search/highlight.ts'
import { meaningsOf, teachingsOf } from '../../domain/search/meanings.ts'
import type { Meaning } from '../../domain/search/meanings.ts'
import { parseQuery } from '../../domain/search/query.ts'
import { compareFits, fitOf, holdsPhrase, wordPlaces } from '../../domain/search/rank.ts'
import type { WordPlaces } from '../../domain/search/rank.ts'
import { Vocabulary } from '../../domain/search/vocabulary.ts'
import { wordsOf } from '../../domain/search/words.ts'
import { filterTest, valuesOf } from './filters.ts'
import type { Wire } from './filters.ts'
import { Refused } from './refused.ts'
import type { IndexSettings } from './settings.ts'

/** What a search may ask, of what our adapter and the recording do. */
export interface Asked {
  readonly q?: string
  readonly filter?: unknown
  readonly sort?: readonly string[]
  readonly facets?: readonly string[]
  readonly offset?: number
  readonly limit?: number
  readonly page?: number
  readonly hitsPerPage?: number
  readonly attributesToRetrieve?: readonly string[]
  readonly attributesToHighlight?: readonly string[]
  readonly attributesToCrop?: readonly string[]
  readonly highlightPreTag?: string
  readonly highlightPostTag?: string
  readonly showRankingScore?: boolean
}

interface Ranked {
  readonly document: Wire
  readonly words: number
  readonly typos: number
  readonly fit: readonly number[]
}

/** Documents of one index, searched one by one: right for a few thousand, and slow for more. */
export class SimIndex {
  readonly primaryKey: string
  readonly documents = new Map<string, Wire>()
  settings: IndexSettings
  readonly createdAt = new Date().toISOString()

  constructor(primaryKey: string, settings: IndexSettings) {
    this.primaryKey = primaryKey
    this.settings = settings
  }

  search(asked: Asked) {
    const { q = '', filter, facets = [], sort = [] } = asked
    this.#refuseUnknown(asked)
    const allowed = [...this.documents.values()].filter(
      filterTest(filter, this.settings.filterableAttributes),
    )
    const { ranked, meanings } = this.#ranked(q, allowed, sort)
    const paged = asked.page !== undefined || asked.hitsPerPage !== undefined
    const perPage = asked.hitsPerPage ?? 20
    const [offset, limit] = paged
      ? [((asked.page ?? 1) - 1) * perPage, perPage]
      : [asked.offset ?? 0, asked.limit ?? 20]
    const hits = ranked.slice(offset, offset + limit)
    const total = Math.min(ranked.length, this.settings.pagination.maxTotalHits)
    return {
      hits: hits.map((hit) => this.#shown(hit, asked, meanings)),
      query: q,
      processingTimeMs: 0,
      ...(paged
        ? {
            hitsPerPage: perPage,
            page: asked.page ?? 1,
            totalPages: Math.ceil(total / perPage),
            totalHits: total,
          }
        : { limit, offset, estimatedTotalHits: total }),
      ...(facets.length > 0 &&
        this.#facets(
          ranked.map(({ document }) => document),
          facets,
        )),
      requestUid: crypto.randomUUID(),
    }
  }

  #refuseUnknown({ sort = [], facets = [], limit = 0 }: Asked): void {
    const { sortableAttributes: sortable, filterableAttributes: filterable } = this.settings
    if (typeof limit !== 'number' || limit < 0) {
      const detail = `Invalid value type at \`.limit\`: expected a positive integer, but found a negative integer: \`${limit}\``
      throw new Refused('invalid_search_limit', detail)
    }
    const unsortable = sort
      .map((each) => each.replace(/:(asc|desc)$/, ''))
      .find((each) => !sortable.includes(each))
    if (unsortable !== undefined) {
      const known = [...sortable].sort().join(', ')
      const detail = `Attribute \`${unsortable}\` is not sortable. Available sortable attributes are: \`${known}\`.`
      throw new Refused('invalid_search_sort', detail)
    }
    const unknown = facets.find((each) => !filterable.includes(each))
    if (unknown === undefined) return
    const detail = `Invalid facet distribution: Pattern \`${unknown}\` is not filterable. Available filterable attributes patterns are: \`${[...filterable].sort().join(', ')}\`.`
    throw new Refused('invalid_search_facets', detail)
  }

  #ranked(
    q: string,
    allowed: readonly Wire[],
    sort: readonly string[],
  ): { ranked: Ranked[]; meanings: Meaning[] } {
    const { synonyms, stopWords, typoTolerance } = this.settings
    const teachings = teachingsOf({ synonyms, stopWords })
    const parsed = parseQuery(q, teachings.stopWords)
    const vocabulary = new Vocabulary()
    const exactOnly = typoTolerance.disableOnAttributes
    for (const document of this.documents.values()) {
      for (const name of this.#searchable(document)) {
        if (!exactOnly.includes(name))
          vocabulary.add(valuesOf(document, name).flatMap((value) => wordsOf(String(value))))
      }
    }
    const meanings = meaningsOf(parsed, { vocabulary, teachings })
    const found = allowed.flatMap((document): Ranked[] => {
      const places = wordPlaces(
        this.#searchable(document).map((name) =>
          valuesOf(document, name).flatMap((value) => wordsOf(String(value))),
        ),
      )
      if (parsed.without.some((words) => holdsPhrase(places, words))) return []
      const costs = meanings.map((meaning) => costOf(places, meaning))
      const missing = costs.indexOf(null)
      const words = missing === -1 ? costs.length : missing
      if (words === 0 && meanings.length > 0) return []
      const typos = costs.slice(0, words).reduce<number>((sum, cost) => sum + (cost ?? 0), 0)
      return [{ document, words, typos, fit: fitOf(places, meanings) }]
    })
    return { ranked: found.sort((a, b) => this.#compare(a, b, sort)), meanings }
  }

  #searchable(document: Wire): readonly string[] {
    const { searchableAttributes: names } = this.settings
    return names.includes('*') ? Object.keys(document) : names
  }

  #compare(a: Ranked, b: Ranked, sort: readonly string[]): number {
    for (const rule of this.settings.rankingRules) {
      const by: Record<string, () => number> = {
        words: () => b.words - a.words,
        typo: () => a.typos - b.typos,
        proximity: () => (a.fit[0] ?? 0) - (b.fit[0] ?? 0),
        attribute: () => compareFits(a.fit.slice(1, 3), b.fit.slice(1, 3)),
        sort: () => bySort(a.document, b.document, sort),
        exactness: () => compareFits(a.fit.slice(3), b.fit.slice(3)),
      }
      const difference = by[rule]?.() ?? 0
      if (difference !== 0) return difference
    }
    return 0
  }

  #shown({ document }: Ranked, asked: Asked, meanings: readonly Meaning[]): Wire {
    const { attributesToRetrieve: wanted = ['*'], attributesToHighlight, attributesToCrop } = asked
    const names = wanted.includes('*') ? Object.keys(document) : wanted
    const shown = Object.fromEntries(
      names.filter((name) => name in document).map((name) => [name, document[name]]),
    )
    const formatted = attributesToHighlight ?? attributesToCrop
    return {
      ...shown,
      ...(formatted && { _formatted: this.#formatted(shown, asked, meanings) }),
      ...(asked.showRankingScore && { _rankingScore: 1 }),
    }
  }

  #formatted(shown: Wire, asked: Asked, meanings: readonly Meaning[]): Wire {
    const { attributesToHighlight: marked = [], attributesToCrop: short = [] } = asked
    const { highlightPreTag: open = '<em>', highlightPostTag: close = '</em>' } = asked
    const textOf = (name: string, text: string): string => {
      const cut = short.some((each) => each.split(':')[0] === name)
        ? cropped(text, meanings)
        : highlighted(text, meanings)
      const tags = marked.includes(name) || marked.includes('*') ? [open, close] : ['', '']
      return cut.replaceAll(marks.begin, tags[0] ?? '').replaceAll(marks.end, tags[1] ?? '')
    }
    return Object.fromEntries(
      Object.entries(shown).map(([name, value]) => [
        name,
        typeof value === 'string' ? textOf(name, value) : typeof value === 'number' ? String(value) : value,
      ]),
    )
  }

  #facets(documents: readonly Wire[], facets: readonly string[]) {
    const distribution: Record<string, Record<string, number>> = {}
    const stats: Record<string, { min: number; max: number }> = {}
    for (const facet of facets) {
      const values = documents.flatMap((document) => valuesOf(document, facet))
      const counts: Record<string, number> = {}
      for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1
      distribution[facet] = counts
      const numbers = values.filter((value) => typeof value === 'number')
      if (numbers.length > 0) stats[facet] = { min: Math.min(...numbers), max: Math.max(...numbers) }
    }
    return { facetDistribution: distribution, facetStats: stats }
  }
}

/** How many typos a document needs to have a term; null: it does not have it. */
function costOf(places: WordPlaces, { exact, prefix, oneTypo, twoTypos }: Meaning): number | null {
  if (exact.some((words) => holdsPhrase(places, words))) return 0
  if (prefix !== null && [...places.places.keys()].some((word) => word.startsWith(prefix))) return 0
  if (oneTypo.some((words) => holdsPhrase(places, words))) return 1
  return twoTypos.some((words) => holdsPhrase(places, words)) ? 2 : null
}

function bySort(a: Wire, b: Wire, sort: readonly string[]): number {
  for (const rule of sort) {
    const [name = '', way] = rule.split(':')
    const [one, other] = [a[name], b[name]]
    if (one === other) continue
    if (one === undefined || one === null) return 1
    if (other === undefined || other === null) return -1
    const up =
      typeof one === 'number' && typeof other === 'number'
        ? one - other
        : JSON.stringify(one) < JSON.stringify(other)
          ? -1
          : 1
    return way === 'desc' ? -up : up
  }
  return 0
}
