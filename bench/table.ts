/** Tables in Markdown, whose columns stand below each other as they are. */

export type Cell = string | number

/** Numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, column) => Math.max(...texts.map((row) => [...(row[column] ?? '')].length), 3))
  const right = head.map((_, column) => rows.some((row) => isNumeric(row[column])))
  const written = texts.map((row) =>
    line(row.map((text, at) => padded({ text, width: widths[at], right: right[at] }))),
  )
  const rule = line(
    widths.map((width, column) => (right[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))),
  )
  return [written[0], rule, ...written.slice(1)].join('\n')
}

/** Three figures, which is as much as a bench can tell. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}`

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const isNumeric = (cell: Cell | undefined): boolean => /^[\d.]+$/.test(String(cell ?? ''))

function padded({
  text,
  width = 0,
  right = false,
}: {
  text: string
  width: number | undefined
  right: boolean | undefined
}): string {
  const space = ' '.repeat(Math.max(0, width - [...text].length))
  return right ? space + text : text + space
}
