import type { RowFlaw } from '../catalog/csv/cells.ts'
import { CellError, cellReader, wholeNumber } from '../catalog/csv/cells.ts'
import { mostUnits } from '../replenishment.ts'

/** A row of a stock file that could be read, or what is wrong with it. */
export type ReadRow<Row> = { readonly row: Row } | { readonly flaws: readonly RowFlaw[] }

export interface FileLine {
  readonly line: number
  readonly cells: Readonly<Record<string, string>>
}

/** Reads a row by its cells: whatever is wrong in it is told together, each with its column. */
export function readRow<Row>(
  source: FileLine,
  read: (cell: ReturnType<typeof cellReader>) => Row,
): ReadRow<Row> {
  const flaws: RowFlaw[] = []
  const row = read(cellReader(source, (flaw) => flaws.push(flaw)))
  return flaws.length > 0 ? { flaws } : { row }
}

/** A cell that must not be blank. */
export const needed =
  <Value>(read: (text: string) => Value | null) =>
  (text: string): Value => {
    const value = text === '' ? null : read(text)
    if (value === null) throw new CellError('It is blank.')
    return value
  }

export function name(text: string): string | null {
  if (text.length > 100) throw new CellError('It is longer than 100 characters.')
  return text === '' ? null : text
}

/** Units, or days, or a rank: whole numbers from `min` on. Null when blank. */
export const upTo = (max: number = mostUnits, min = 0) => wholeNumber({ min, max })
