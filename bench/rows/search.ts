/** Searches and lists over a thousand generated products, by HTTP; and searches of a hundred thousand, asked of the engine itself. */
import { generatedProducts } from '../../dev/generated/catalog.ts'
import type { ProductId } from '../../domain/ids.ts'
import type { SearchDocument, SearchQuery } from '../../domain/search.ts'
import { createPostgresSearch } from '../../store/search.ts'
import type { Bench, Line } from '../bench.ts'
import { percentile } from '../loop.ts'
import { timedRow } from '../measure.ts'
import { apiOf, fill, scratchDatabase } from '../scratch-shop.ts'
import { searchWords } from '../search-words.ts'
import { openShoppers } from '../shoppers.ts'
import { figure } from '../table.ts'

const callers = 8
const some = 1_000
const many = 100_000

export async function searches(bench: Bench): Promise<Line[]> {
  const scratch = await scratchDatabase(bench)
  try {
    bench.say(`importing ${some} products`)
    const { importMs } = await fill(scratch, { products: some })
    const { api, close } = await apiOf(bench, scratch)
    try {
      const shoppers = await openShoppers(api)
      const crowd = Array.from({ length: callers }, () => shoppers.shopper())
      const words = searchWords({ products: some, queries: 500 })
      let asked = 0
      const row = (name: string, path: () => string): Promise<Line> =>
        timedRow(bench, {
          name,
          callers,
          turn: async (caller) => {
            const begin = performance.now()
            await crowd[caller]!.send({ method: 'GET', path: path() })
            return performance.now() - begin
          },
        })
      const next = (): string => encodeURIComponent(words[(asked += 1) % words.length]!)
      const imported = `imported at ${figure((some / importMs) * 1000)} a second`
      const listed = await row(`listing of 20 out of ${some}`, () => '/v1/store/products?limit=20')
      return [
        { ...listed, notes: [...listed.notes, imported] },
        await row(`search in ${some}`, () => `/v1/store/search?q=${next()}`),
        await row(
          `search in ${some} with facets`,
          () => `/v1/store/search?q=${next()}&facets=category,brand,tag,available,price`,
        ),
      ]
    } finally {
      await close()
    }
  } finally {
    await scratch.close()
  }
}

const facets = ['category', 'brand', 'tag', 'available', 'price'] as const

export async function largeSearches(bench: Bench): Promise<Line[]> {
  const scratch = await scratchDatabase(bench)
  try {
    const engine = createPostgresSearch(scratch.catalog)
    bench.say(`indexing ${many} products`)
    const begin = performance.now()
    await engine.rebuild(documents())
    const seconds = (performance.now() - begin) / 1000
    await scratch.catalog.raw('analyze')
    const words = searchWords({ products: many, queries: 1_000 })
    const plain: Omit<SearchQuery, 'text'> = {
      ...{ filters: {}, currency: 'EUR', sort: 'relevance', facets: [], offset: 0, limit: 20 },
    }
    const row = async (
      name: string,
      more: Partial<SearchQuery>,
      measured: readonly string[],
    ): Promise<Line> => {
      for (const text of words.slice(0, 50)) await engine.search({ ...plain, ...more, text })
      const timings: number[] = []
      for (const text of measured) {
        const asked = performance.now()
        await engine.search({ ...plain, ...more, text })
        timings.push(performance.now() - asked)
      }
      const sum = timings.reduce((total, each) => total + each, 0)
      return {
        ...{ name, callers: 1, count: timings.length, seconds: sum / 1000, timingsMs: timings },
        notes: [`p95 ${figure(percentile(timings, 0.95))} ms; indexed in ${figure(seconds)} s`],
      }
    }
    return [
      await row(`search in ${many}`, {}, words.slice(50, 550)),
      await row(`search in ${many} with facets`, { facets }, words.slice(550)),
    ]
  } finally {
    await scratch.close()
  }
}

/** Generated products as the catalog would index them, without the catalog. */
async function* documents(): AsyncGenerator<SearchDocument[]> {
  let page: SearchDocument[] = []
  let number = 0
  for (const product of generatedProducts({ count: many })) {
    const { title, brand, path, type, tags, html, variants } = product
    const slugOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
    page.push({
      ...{ id: `prod_${number}` as ProductId, stamp: String(number), title, type, tags },
      brand: { slug: slugOf(brand), name: brand },
      categories: path.map((name, depth) => ({ slug: slugOf(path.slice(0, depth + 1).join(' ')), name })),
      codes: variants.flatMap(({ sku, barcode }) => [sku, barcode]),
      choices: variants.flatMap(({ choices }) => choices),
      description: html.replace(/<[^>]+>/g, ' '),
      prices: { EUR: variants[0]?.priceMinor ?? 0 },
      available: variants.some(({ units }) => units > 0),
      createdAt: new Date(1_700_000_000_000 + number * 1_000).toISOString(),
    })
    number += 1
    if (page.length < 1_000) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
