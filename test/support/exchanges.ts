import { readFileSync } from 'node:fs'
import type { ProductId } from '../../domain/ids.ts'
import type { SearchDocument } from '../../domain/search.ts'

/** One line of what a real Meilisearch answered. */
export interface Exchange {
  readonly scene: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly authorized: boolean
    readonly body: unknown
  }
  readonly response: { readonly status: number; readonly body: unknown }
}

export function exchanges(): Exchange[] {
  const file = new URL('../fixtures/meilisearch/exchanges.jsonl', import.meta.url)
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Exchange)
}

interface Recorded {
  id: string
  name: string
  description: string
  category: string
  brand: string
  price_eur: number
  available: boolean
  created_at: number
  skus: string[]
}

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z]+/g, '-')

/** The 24 products of the recording, as a shop of ours would index them. */
export function recordedProducts(): SearchDocument[] {
  const added = exchanges().find(({ scene }) => scene === 'add documents')
  return (added?.request.body as Recorded[]).map((product) => ({
    id: product.id as ProductId,
    stamp: product.id,
    title: product.name,
    brand: { slug: slug(product.brand), name: product.brand },
    categories: [{ slug: slug(product.category), name: product.category }],
    codes: product.skus,
    type: '',
    tags: [],
    choices: [],
    description: product.description,
    prices: { EUR: product.price_eur },
    available: product.available,
    createdAt: new Date(product.created_at * 1000).toISOString(),
  }))
}
