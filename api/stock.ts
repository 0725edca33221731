import type { FastifyRequest } from 'fastify'
import type { LevelKey } from '../store/stock-journal.ts'
import { sku, warehouseId } from '../domain/ids.ts'
import type { Sku } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import { reckon } from '../domain/replenishment.ts'
import { analyseLevels } from '../store/stock-analysis.ts'
import type { AnalysedLevel } from '../store/stock-analysis.ts'
import type { Services } from './services.ts'

export const keyOf = ({ sku: name, warehouse_id }: { sku: string; warehouse_id: string }): LevelKey => ({
  sku: sku(name),
  warehouseId: warehouseId(warehouse_id),
})

/** Who asks, as the journal notes it. */
export const signature = ({ caller, id }: FastifyRequest) => ({
  actor: caller ?? 'unknown',
  cause: id,
  at: new Date().toISOString(),
})

type Stock = Pick<Services, 'databases' | 'stock'>

/** One level as it stands now. Refuses one that no warehouse keeps. */
export async function levelNow({ databases, stock }: Stock, key: LevelKey): Promise<AnalysedLevel> {
  const [level] = await analyseLevels(databases.inventory, {
    ...{ after: null, limit: 1, now: new Date().toISOString(), ...key },
    windowDays: stock.policy.windowDays,
  })
  if (level) return level
  throw new Refusal('stock.level_not_found', `The warehouse ${key.warehouseId} does not keep ${key.sku}.`, {
    ...key,
  })
}

/** How many levels a request looks at in search of low ones; the next page goes on behind them. */
const mostLookedAt = 10_000
const lookAt = 1_000

export interface LevelQuery {
  readonly after: { readonly sku: string; readonly warehouseId: string } | null
  readonly limit: number
  readonly low: boolean
  readonly sku?: string | undefined
  readonly warehouseId?: string | undefined
}

/**
 * A page of levels. Which are low only the rule knows, so low ones are looked for: a page of them may hold fewer than were asked for,
 * or none, and yet not be the last.
 */
export async function levelPage(
  { databases, stock }: Stock,
  { low, limit, ...query }: LevelQuery,
): Promise<{ levels: readonly AnalysedLevel[]; next: LevelKey | null }> {
  const now = new Date().toISOString()
  const found: AnalysedLevel[] = []
  let after = query.after
  for (let looked = 0; looked < mostLookedAt;) {
    const size = low ? lookAt : limit + 1
    const page = await analyseLevels(databases.inventory, {
      ...query,
      ...{ after, now, limit: size, windowDays: stock.policy.windowDays },
    })
    for (const level of page) {
      if (low && !reckon(level, stock.policy).low) continue
      const last = found.at(-1)
      if (found.length === limit && last) return { levels: found, next: last }
      found.push(level)
    }
    const end = page.at(-1)
    if (!end || page.length < size) return { levels: found, next: null }
    after = end
    looked += page.length
  }
  return { levels: found, next: after && keyOf({ sku: after.sku, warehouse_id: after.warehouseId }) }
}

/** Those of the SKUs that the catalog does not know. */
export async function unknownSkus(
  { databases }: Pick<Services, 'databases'>,
  skus: readonly Sku[],
): Promise<Set<string>> {
  const known = await databases
    .catalog<{ sku: string }>('catalog.variants')
    .whereIn('sku', [...skus])
    .select('sku')
  const names = new Set(known.map((variant) => variant.sku))
  return new Set(skus.filter((name) => !names.has(name)))
}
