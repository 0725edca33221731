import { Meilisearch, MeilisearchApiError, MeilisearchError } from 'meilisearch'
import type { Index } from 'meilisearch'
import { marks, SearchUnavailable } from '../../domain/search.ts'
import type { SearchAnswer, SearchEngine, SearchQuery, SearchSettings, Stamp } from '../../domain/search.ts'
import type { ProductId } from '../../domain/ids.ts'
import { filterOf, onTheWire, priceAttribute, settingsFor, sortOf } from './wire.ts'
import type { WireDocument } from './wire.ts'

export interface MeilisearchSettings {
  readonly url: string
  readonly apiKey: string
  /** The name of our index; others may live beside it. */
  readonly index: string
  readonly timeoutMs: number
}

/** A batch is indexed in seconds; a rebuild's may wait behind others. */
const taskMs = 10 * 60_000
const pageOfStamps = 1_000

/**
 * The search in a Meilisearch server. Its writes are tasks: each is waited for, and one that failed is a failure here, because waiting
 * alone would not say so. What is no answer at all is `SearchUnavailable`, and so is an index that somebody took away.
 */
export function createMeilisearch({ url, apiKey, index: uid, timeoutMs }: MeilisearchSettings): SearchEngine {
  const client = new Meilisearch({ host: url, apiKey, timeout: timeoutMs })
  const index = client.index<WireDocument>(uid)
  const work = { client, uid, index }
  return {
    name: 'meilisearch',
    search: (query) => asking(() => search(index, query)),
    put: (documents) =>
      asking(() => done(client, () => index.addDocuments(documents.map(onTheWire), { primaryKey: 'id' }))),
    remove: (ids) => asking(() => done(client, () => index.deleteDocuments([...ids]))),
    stamps: () => stampsOf(index),
    configure: (settings) => asking(() => configure(work, settings)),
    rebuild: (documents) => asking(() => rebuild(work, documents)),
  }
}

interface Work {
  readonly client: Meilisearch
  readonly uid: string
  readonly index: Index<WireDocument>
}

async function search(index: Index<WireDocument>, query: SearchQuery): Promise<SearchAnswer> {
  const { text, filters, currency, sort, facets, offset, limit } = query
  const price = priceAttribute(currency)
  const attributes = {
    ...{ category: 'category_slugs', brand: 'brand_slug', tag: 'tags', available: 'available', price },
  } as const
  const answer = await index.search(text, {
    offset,
    limit,
    filter: filterOf(filters, currency),
    sort: sortOf(sort, currency),
    facets: facets.map((facet) => attributes[facet]),
    attributesToRetrieve: ['id', 'title', 'description'],
    attributesToHighlight: ['title', 'description'],
    attributesToCrop: ['description'],
    cropLength: 30,
    highlightPreTag: marks.begin,
    highlightPostTag: marks.end,
  })
  const counts = (attribute: string) =>
    Object.entries(answer.facetDistribution?.[attribute] ?? {})
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  const asked = (facet: (typeof facets)[number]): boolean => facets.includes(facet)
  const { true: yes = 0, false: no = 0 } = answer.facetDistribution?.['available'] ?? {}
  return {
    hits: answer.hits.map(({ id, title, description, _formatted: formatted }) => ({
      id: id as ProductId,
      title: formatted?.title ?? title,
      description: formatted?.description ?? description,
    })),
    total: answer.estimatedTotalHits,
    facets: {
      ...(asked('category') && { category: counts(attributes.category) }),
      ...(asked('brand') && { brand: counts(attributes.brand) }),
      ...(asked('tag') && { tag: counts(attributes.tag) }),
      ...(asked('available') && { available: { yes, no } }),
      ...(asked('price') && { price: answer.facetStats?.[price] ?? null }),
    },
  }
}

async function* stampsOf(index: Index<WireDocument>): AsyncGenerator<Stamp[]> {
  for (let offset = 0; ;) {
    const { results, total } = await asking(() =>
      index.getDocuments<WireDocument>({ fields: ['id', 'stamp'], limit: pageOfStamps, offset }),
    )
    if (results.length > 0) yield results.map(({ id, stamp }) => ({ id: id as ProductId, stamp }))
    offset += results.length
    if (results.length === 0 || offset >= total) return
  }
}

/** Makes the index if there is none: a write would make one that knows nothing of our filters. */
async function configure({ client, index }: Work, settings: SearchSettings): Promise<void> {
  await done(client, () => index.updateSettings(settingsFor(settings)))
}

/** Fills an index beside the one that is searched, and has them change places: nobody ever sees half of it. */
async function rebuild(
  { client, uid, index }: Work,
  documents: Parameters<SearchEngine['rebuild']>[0],
): Promise<{ documents: number }> {
  const nextUid = `${uid}_next`
  const next = client.index<WireDocument>(nextUid)
  await unless('index_not_found', () => done(client, () => client.deleteIndex(nextUid)))
  await unless('index_already_exists', () =>
    done(client, () => client.createIndex(uid, { primaryKey: 'id' })),
  )
  await done(client, () => client.createIndex(nextUid, { primaryKey: 'id' }))
  const { synonyms, stopWords } = await index.getSettings()
  const settings = { synonyms: synonyms ?? {}, stopWords: stopWords ?? [] }
  await done(client, () => next.updateSettings(settingsFor(settings)))
  let count = 0
  for await (const page of documents) {
    count += page.length
    await done(client, () => next.addDocuments(page.map(onTheWire), { primaryKey: 'id' }))
  }
  await done(client, () => client.swapIndexes([{ indexes: [uid, nextUid], rename: false }]))
  await done(client, () => client.deleteIndex(nextUid))
  return { documents: count }
}

/** A task that Meilisearch took and then could not do. */
class TaskFailed extends Error {
  override readonly name = 'TaskFailed'
  readonly code: string
  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

/** Waits for the end of a task. The client does not throw when a task failed: its status says so, and nothing else. */
async function done(client: Meilisearch, enqueue: () => Promise<{ taskUid: number }>): Promise<void> {
  const { taskUid } = await enqueue()
  const { status, error } = await client.tasks.waitForTask(taskUid, { timeout: taskMs, interval: 25 })
  if (status === 'succeeded') return
  throw new TaskFailed(error?.code ?? status, error?.message ?? `The task ${taskUid} is ${status}.`)
}

/** Does what may fail with this code, which says that there is nothing to do. */
async function unless(code: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof TaskFailed && error.code === code)) throw error
  }
}

/** Who answers nothing, or answers that it cannot, is away; what it refuses because we asked wrongly is our fault. */
async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof MeilisearchApiError) {
      const { status } = error.response
      const gone = status >= 500 || status === 429 || status === 401 || status === 403
      if (gone || error.cause?.code === 'index_not_found') throw away(error)
      throw error
    }
    throw error instanceof MeilisearchError || error instanceof TypeError ? away(error) : error
  }
}

const away = (cause: Error): SearchUnavailable =>
  new SearchUnavailable(`Meilisearch is away: ${cause.message}`, { cause })
