import { Readable } from 'node:stream'
import type { RowFlaw } from '../domain/catalog/csv/cells.ts'
import { sku as asSku } from '../domain/ids.ts'
import type { StockChangeId } from '../domain/ids.ts'
import type { ReadRow } from '../domain/stock-files/cells.ts'
import { levelCells, levelColumns, neededLevelColumns, readLevel } from '../domain/stock-files/levels.ts'
import type { LevelRow } from '../domain/stock-files/levels.ts'
import { neededOfferColumns, offerCells, offerColumns, readOffer } from '../domain/stock-files/offers.ts'
import type { OfferRow } from '../domain/stock-files/offers.ts'
import type { CsvShape } from '../gateways/csv.ts'
import { analyseLevels } from '../store/stock-analysis.ts'
import { importLevels, importOffers } from '../store/stock-imports.ts'
import type { Imported } from '../store/stock-imports.ts'
import { listOffers } from '../store/suppliers.ts'
import { warehousesThatAreMissing } from '../store/warehouses.ts'
import { Problem } from './problems.ts'
import type { Services } from './services.ts'
import { unknownSkus } from './stock.ts'

/** What a file would change, or has changed; or what is wrong with its rows, and then nothing was changed. */
export interface Import {
  readonly rows: number
  readonly changed: number
  readonly flaws: readonly RowFlaw[]
}

interface Signed {
  readonly id: StockChangeId
  readonly actor: string
  readonly cause: string
  readonly at: string
}
interface Wishes {
  readonly bytes: Uint8Array
  readonly dryRun: boolean
}

const mostRows = 20_000

/** Levels out of a file: counts and settings. All of it or nothing. */
export async function takeLevels(
  services: Services,
  { bytes, dryRun, signed }: Wishes & { signed: Signed },
): Promise<Import> {
  const shape = { known: levelColumns, required: neededLevelColumns }
  const read = await readFile<LevelRow>(services, { bytes, shape, readRow: readLevel })
  const flaws = [
    ...read.flaws,
    ...twice(read.lines, ({ sku, warehouseId }) => `${sku} in ${warehouseId}`, 'sku'),
  ]
  const unknown = await unknownSkus(services, [...new Set(read.lines.map(({ sku }) => sku))])
  const places = [...new Set(read.lines.map(({ warehouseId }) => warehouseId))]
  const missing = new Set<string>(await warehousesThatAreMissing(services.databases.inventory, places))
  for (const { line, sku, warehouseId } of read.lines) {
    if (unknown.has(sku)) flaws.push({ line, column: 'sku', detail: `The catalog has no "${sku}".` })
    if (missing.has(warehouseId)) {
      flaws.push({ line, column: 'warehouse_id', detail: `There is no warehouse "${warehouseId}".` })
    }
  }
  return imported(read, flaws, () =>
    importLevels(services.databases.inventory, { lines: read.lines, signed, dryRun }),
  )
}

/** Suppliers out of a file, and what they sell. All of it or nothing. */
export async function takeOffers(services: Services, { bytes, dryRun }: Wishes): Promise<Import> {
  const shape = { known: offerColumns, required: neededOfferColumns }
  const read = await readFile<OfferRow>(services, { bytes, shape, readRow: readOffer })
  const flaws = [
    ...read.flaws,
    ...twice(
      read.lines,
      ({ supplier, item }) => `${item?.sku ?? 'nothing'} of ${supplier.name.toLowerCase()}`,
      'sku',
    ),
    ...contradictions(read.lines),
  ]
  const skus = read.lines.flatMap(({ item }) => (item ? [item.sku] : []))
  const unknown = await unknownSkus(services, [...new Set(skus)])
  for (const { line, item } of read.lines) {
    if (item && unknown.has(item.sku))
      flaws.push({ line, column: 'sku', detail: `The catalog has no "${item.sku}".` })
  }
  return imported(read, flaws, () =>
    importOffers(services.databases.inventory, { lines: read.lines, dryRun }),
  )
}

interface FileRead<Row> {
  readonly rows: number
  readonly lines: readonly Row[]
  readonly flaws: readonly RowFlaw[]
}

async function imported(
  { rows }: { rows: number },
  flaws: readonly RowFlaw[],
  work: () => Promise<Imported>,
): Promise<Import> {
  const done = flaws.length > 0 ? { changed: 0, flaws } : await work()
  return { rows, changed: done.changed, flaws: [...done.flaws].sort((one, other) => one.line - other.line) }
}

async function readFile<Row>(
  { files }: Services,
  {
    bytes,
    shape,
    readRow,
  }: {
    bytes: Uint8Array
    shape: CsvShape
    readRow: (line: { line: number; cells: Readonly<Record<string, string>> }) => ReadRow<Row>
  },
): Promise<FileRead<Row>> {
  const lines: Row[] = []
  const flaws: RowFlaw[] = []
  let rows = 0
  try {
    const file = await files.readCsv(Readable.from([bytes]), shape)
    for await (const line of file.lines) {
      rows += 1
      if (rows > mostRows)
        throw new Problem('file.unreadable', `A file has at most ${mostRows} rows: split it.`)
      if (line.kind === 'bad') {
        flaws.push({ line: line.line, column: null, detail: line.detail })
        continue
      }
      const read = readRow(line)
      if ('flaws' in read) flaws.push(...read.flaws)
      else lines.push(read.row)
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'UnreadableFile')
      throw new Problem('file.unreadable', error.message)
    throw error
  }
  return { rows, lines, flaws }
}

/** Rows about the same thing: which of them is meant nobody knows. */
function twice<Row extends { readonly line: number }>(
  lines: readonly Row[],
  keyOf: (row: Row) => string,
  column: string,
): RowFlaw[] {
  const first = new Map<string, number>()
  return lines.flatMap((row) => {
    const key = keyOf(row)
    const before = first.get(key)
    if (before === undefined) first.set(key, row.line)
    return before === undefined
      ? []
      : [{ line: row.line, column, detail: `Line ${before} is about the same.` }]
  })
}

/** A supplier stands in every row of what he sells, and must be the same in all of them. */
function contradictions(lines: readonly OfferRow[]): RowFlaw[] {
  const columns = {
    ...{ email: 'email', currency: 'currency', leadTimeDays: 'supplier_lead_time_days', active: 'active' },
  } as const
  const first = new Map<string, OfferRow>()
  return lines.flatMap((row) => {
    const key = row.supplier.name.toLowerCase()
    const before = first.get(key) ?? row
    first.set(key, before)
    const other = (Object.keys(columns) as (keyof typeof columns)[]).filter(
      (field) => before.supplier[field] !== row.supplier[field],
    )
    return other.map((field) => ({
      ...{ line: row.line, column: columns[field] },
      detail: `Line ${before.line} says ${String(before.supplier[field])} of the same supplier.`,
    }))
  })
}

const page = 1_000

/** All levels as rows of a file, read page by page. */
export async function* levelRows({ databases, stock }: Services): AsyncGenerator<readonly string[]> {
  const now = new Date().toISOString()
  for (let after: { sku: string; warehouseId: string } | null = null; ;) {
    const { windowDays } = stock.policy
    const levels = await analyseLevels(databases.inventory, { after, limit: page, now, windowDays })
    for (const level of levels) yield levelCells(level)
    after = levels.at(-1) ?? null
    if (levels.length < page) return
  }
}

/** All suppliers and what they sell as rows of a file, read page by page. */
export async function* offerRows({ databases }: Services): AsyncGenerator<readonly string[]> {
  for (let after: { name: string; sku: string } | null = null; ;) {
    const offers = await listOffers(databases.inventory, { after, limit: page })
    for (const offer of offers) yield offerCells(offer)
    const last = offers.at(-1)
    after = last ? { name: last.supplier.name, sku: asSku(last.item?.sku ?? '') } : null
    if (offers.length < page) return
  }
}
