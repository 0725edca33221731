import { Refused } from './refused.ts'

/** The settings of an index; those that the double does not act on are kept and shown. */
export interface IndexSettings {
  readonly displayedAttributes: readonly string[]
  readonly searchableAttributes: readonly string[]
  readonly filterableAttributes: readonly string[]
  readonly sortableAttributes: readonly string[]
  readonly rankingRules: readonly string[]
  readonly stopWords: readonly string[]
  readonly synonyms: Readonly<Record<string, readonly string[]>>
  readonly typoTolerance: { readonly disableOnAttributes: readonly string[] } & Readonly<
    Record<string, unknown>
  >
  readonly pagination: { readonly maxTotalHits: number }
  readonly [other: string]: unknown
}

const rules = ['words', 'typo', 'proximity', 'attribute', 'sort', 'exactness']

/** As a Meilisearch 1.50 shows the settings of an index that nobody has set. */
export const plainSettings: IndexSettings = {
  displayedAttributes: ['*'],
  searchableAttributes: ['*'],
  filterableAttributes: [],
  sortableAttributes: [],
  rankingRules: rules,
  stopWords: [],
  nonSeparatorTokens: [],
  separatorTokens: [],
  dictionary: [],
  synonyms: {},
  distinctAttribute: null,
  proximityPrecision: 'byWord',
  typoTolerance: {
    enabled: true,
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
    disableOnWords: [],
    disableOnAttributes: [],
    disableOnNumbers: false,
  },
  faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { '*': 'alpha' } },
  pagination: { maxTotalHits: 1000 },
  embedders: {},
  searchCutoffMs: null,
  localizedAttributes: null,
  facetSearch: true,
  prefixSearch: 'indexingTime',
  chat: {},
}

/** Throws what Meilisearch refuses at once, before there is a task. */
export function refuseBadSettings(changes: Readonly<Record<string, unknown>>): void {
  const given = changes['rankingRules']
  const wrong: unknown = Array.isArray(given)
    ? given.find((rule) => !rules.includes(String(rule)))
    : undefined
  if (wrong === undefined) return
  const detail = `Invalid value at \`.rankingRules[0]\`: \`${JSON.stringify(wrong)}\` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, exactness and custom ranking rules.`
  throw new Refused('invalid_settings_ranking_rules', detail)
}

export function changedSettings(
  before: IndexSettings,
  changes: Readonly<Record<string, unknown>>,
): IndexSettings {
  const sorted = (name: 'sortableAttributes' | 'stopWords') =>
    Array.isArray(changes[name]) ? { [name]: [...(changes[name] as string[])].sort() } : {}
  const typos = { ...before.typoTolerance, ...(changes['typoTolerance'] ?? {}) }
  return {
    ...before,
    ...changes,
    ...sorted('sortableAttributes'),
    ...sorted('stopWords'),
    typoTolerance: typos,
  }
}
