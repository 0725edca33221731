import { productColumns, knownToShopify, neededColumns } from '../domain/catalog/csv/columns.ts'
import type { RowFlaw } from '../domain/catalog/csv/cells.ts'
import { rowGroups } from '../domain/catalog/csv/groups.ts'
import type { RowGroup } from '../domain/catalog/csv/groups.ts'
import { readProduct } from '../domain/catalog/csv/read.ts'
import type { Currency } from '../domain/money.ts'
import type { ProductFiles } from '../gateways/product-files.ts'
import type { Db } from '../store/db.ts'
import { saveBatch } from './imports/save-batch.ts'
import type { ImportWishes, Outcome, ToSave } from './imports/save-batch.ts'

export interface ImportCounts {
  /** Lines of the file that were read. */
  readonly lines: number
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  /** Products that are left as they were, because something about them is wrong. */
  readonly refused: number
  readonly errors: number
  /** Quantities of SKUs that are sold already: their stock is the warehouse's to count. */
  readonly quantities_left: number
}

/** What an import tells while it goes on. */
export type ImportNews =
  | {
      readonly type: 'started'
      readonly lines: number
      readonly dry_run: boolean
      readonly ignored_columns: readonly string[]
    }
  | ({ readonly type: 'error'; readonly handle: string } & RowFlaw)
  | ({ readonly type: 'progress'; readonly total_lines: number } & ImportCounts)
  | ({ readonly type: 'done'; readonly stopped: boolean; readonly seconds: number } & ImportCounts)

const productsAtOnce = 200

/**
 * Imports a product file. Products are saved in batches of their own, so memory stays flat and what is done is done; the same file
 * again changes nothing. Throws before its first news when the file as a whole cannot be read.
 */
export async function* importProducts(
  { catalog, files, own }: { catalog: Db; files: ProductFiles; own: Currency },
  { open, wishes }: { open: () => AsyncIterable<Uint8Array>; wishes: ImportWishes },
): AsyncGenerator<ImportNews> {
  const begin = performance.now()
  const total = await files.countLines(open())
  const file = await files.readCsv(open(), { known: productColumns(own), required: neededColumns })
  const ignored = file.unknown.filter((name) => !knownToShopify.test(name.trim()))
  yield { type: 'started', lines: total, dry_run: wishes.dryRun, ignored_columns: ignored }

  const counts = { lines: 1, created: 0, changed: 0, unchanged: 0, refused: 0, errors: 0, quantities_left: 0 }
  let stopped = false
  for await (const groups of inBatches(rowGroups(file.lines))) {
    const { flawed, toSave } = readAll(groups, own)
    const stop = wishes.stopAtError && flawed.some(({ flaws }) => flaws.length > 0)
    const saved = stop ? [] : await saveBatch({ catalog, files }, { products: toSave, wishes })
    const outcomes = [...flawed, ...saved].sort((a, b) => a.line - b.line)
    for (const { handle, flaws } of outcomes) {
      for (const flaw of flaws) yield { type: 'error', handle, ...flaw }
    }
    count(counts, { outcomes, lines: groups.at(-1)?.line ?? counts.lines })
    yield { type: 'progress', total_lines: total, ...counts }
    stopped = wishes.stopAtError && counts.errors > 0
    if (stopped) break
  }
  const seconds = Math.round((performance.now() - begin) / 100) / 10
  yield { type: 'done', stopped, seconds, ...counts, lines: stopped ? counts.lines : total }
}

/** Rows as products; what is wrong with them already. */
function readAll(groups: readonly RowGroup[], own: Currency): { flawed: Outcome[]; toSave: ToSave[] } {
  const flawed: Outcome[] = []
  const toSave: ToSave[] = []
  for (const { handle, rows, flaws, line } of groups) {
    if (flaws.length > 0) flawed.push({ handle, line, flaws, end: 'told', quantitiesLeft: 0 })
    if (rows.length === 0) continue
    const patch = readProduct(rows, { own })
    if (patch.unusable) {
      flawed.push({ handle, line: patch.line, flaws: patch.flaws, end: 'refused', quantitiesLeft: 0 })
      continue
    }
    if (patch.flaws.length > 0)
      flawed.push({ handle, line: patch.line, flaws: patch.flaws, end: 'told', quantitiesLeft: 0 })
    toSave.push({ handle, patch })
  }
  return { flawed, toSave }
}

type Counts = { -readonly [Name in keyof ImportCounts]: ImportCounts[Name] }

function count(counts: Counts, { outcomes, lines }: { outcomes: readonly Outcome[]; lines: number }): void {
  counts.lines = lines
  for (const { end, flaws, quantitiesLeft } of outcomes) {
    counts.errors += flaws.length
    counts.quantities_left += quantitiesLeft
    if (end !== 'told') counts[end] += 1
  }
}

async function* inBatches(groups: AsyncIterable<RowGroup>): AsyncGenerator<RowGroup[]> {
  let batch: RowGroup[] = []
  for await (const group of groups) {
    batch.push(group)
    if (batch.length < productsAtOnce) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
