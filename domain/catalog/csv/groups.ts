import type { ProductRow, RowFlaw } from './cells.ts'

/** A row, or what is wrong with it, as a reader of files tells it. */
export type FileLine =
  | { readonly kind: 'row'; readonly line: number; readonly cells: Readonly<Record<string, string>> }
  | { readonly kind: 'bad'; readonly line: number; readonly detail: string }

/** The rows of one handle, which stand together; and what could not be read before them. */
export interface RowGroup {
  readonly handle: string
  readonly rows: readonly ProductRow[]
  readonly flaws: readonly RowFlaw[]
  /** The last line that was read. */
  readonly line: number
}

/** No product has as many rows; a handle that fills a whole file is a mistake, and must not fill our memory. */
const mostRows = 1_000

/**
 * Puts the rows of each handle together, one product after the other. A handle that comes again later is refused there: by then its
 * product is done, and half of it would be taken for the whole.
 */
export async function* rowGroups(lines: AsyncIterable<FileLine>): AsyncGenerator<RowGroup> {
  const seen = new Map<string, number>()
  let handle = ''
  let rows: ProductRow[] = []
  let flaws: RowFlaw[] = []
  let line = 1
  let refused = false
  for await (const each of lines) {
    if (each.kind === 'bad') {
      flaws.push({ line: each.line, column: null, detail: each.detail })
      line = each.line
      continue
    }
    const its = each.cells['Handle']?.trim() ?? ''
    if (its !== handle && (rows.length > 0 || flaws.length > 0)) {
      yield { handle, rows, flaws, line }
      rows = []
      flaws = []
    }
    line = each.line
    if (its === '') {
      flaws.push({ line, column: 'Handle', detail: 'is blank: it says which product the row belongs to.' })
      handle = its
      continue
    }
    if (its !== handle) {
      const before = seen.get(its)
      refused = before !== undefined
      if (before === undefined) seen.set(its, line)
      else
        flaws.push({
          line,
          column: 'Handle',
          detail: `was on line ${before} already: its rows must stand together.`,
        })
    }
    handle = its
    if (refused) continue
    if (rows.length < mostRows) rows.push(each)
    else if (rows.length === mostRows) {
      flaws.push({ line, column: 'Handle', detail: `has more than ${mostRows} rows; the rest is left out.` })
      refused = true
    }
  }
  if (rows.length > 0 || flaws.length > 0) yield { handle, rows, flaws, line }
}
