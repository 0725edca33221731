import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { stringify } from 'csv-stringify'
import { textLines, UnreadableFile } from './csv/encoding.ts'

/** A line of a file by the names of its columns, or what is wrong with it. Lines are counted from 1; the header is the first. */
export type CsvLine =
  | { readonly kind: 'row'; readonly line: number; readonly cells: Readonly<Record<string, string>> }
  | { readonly kind: 'bad'; readonly line: number; readonly detail: string }

export interface CsvFile {
  /** The columns that are there and known, by the names that were asked for. */
  readonly columns: readonly string[]
  /** Those that nobody asked for, as they are written. */
  readonly unknown: readonly string[]
  /** Rows one after the other, however many there are; blank ones are left out. */
  readonly lines: AsyncIterable<CsvLine>
}

export interface CsvShape {
  /** Columns that are read; the case of their names does not matter. */
  readonly known: readonly string[]
  readonly required: readonly string[]
}

/** A quote that is never closed swallows what follows it: beyond this it is told. */
const longestRecord = 1_000_000

interface Parsed {
  readonly record: string[]
  readonly info: { readonly lines: number }
}

/**
 * Reads CSV (RFC 4180) as a stream: commas, quotes, line breaks of any system and in quotes, with or without a byte order mark.
 * Throws `UnreadableFile` for what is no such file at all (another encoding, another separator, no header, a column that is missing);
 * a row that is broken is told as such, and the next one is read.
 */
export async function readCsv(bytes: AsyncIterable<Uint8Array>, shape: CsvShape): Promise<CsvFile> {
  const records = recordsOf(bytes)
  const first = await records.next()
  if (first.done) throw new UnreadableFile('The file is empty.')
  if (first.value.kind === 'bad') throw new UnreadableFile(`The header cannot be read: ${first.value.detail}`)
  const header = headerOf(first.value.record, shape)
  return {
    columns: header.names.filter((name) => name !== null),
    unknown: header.unknown,
    lines: linesOf(records, header.names),
  }
}

type Read = { kind: 'record'; line: number; record: string[] } | { kind: 'bad'; line: number; detail: string }

async function* recordsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Read> {
  // The parser is ahead of whoever reads from it, so what it skipped is kept until its line has come.
  const bad: { line: number; detail: string }[] = []
  const parser = parse({
    info: true,
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: longestRecord,
  })
  parser.on('skip', (error: { lines?: number; message: string; code?: string } | undefined) => {
    const [, opened] = /opening quote at line (\d+)/.exec(error?.message ?? '') ?? []
    const line = opened === undefined ? (error?.lines ?? 0) : Number(opened)
    if (bad.at(-1)?.line !== line) bad.push({ line, detail: inWords(error) })
  })
  const source = Readable.from(textLines(bytes))
  source.once('error', (error) => parser.destroy(error))
  source.pipe(parser)
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      const breaks = record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0)
      const line = info.lines - breaks
      for (let next = bad[0]; next && next.line <= line; [next] = bad) {
        bad.shift()
        yield { kind: 'bad', ...next }
      }
      yield { kind: 'record', line, record }
    }
    for (const { line, detail } of bad) yield { kind: 'bad', line, detail }
  } catch (error) {
    throw isCsvError(error) ? new UnreadableFile(inWords(error)) : error
  } finally {
    source.destroy()
    parser.destroy()
  }
}

const isCsvError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')

/** The commonest mistakes of CSV in words of their own. */
function inWords(error: { message: string; code?: string } | undefined): string {
  switch (error?.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'A quote is opened and never closed.'
    case 'INVALID_OPENING_QUOTE':
      return 'A quote stands inside of a cell that does not begin with one: put the cell in quotes and write it twice.'
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'Something stands behind a closing quote: write a quote that belongs to the text twice.'
    case 'CSV_MAX_RECORD_SIZE':
      return `A row is longer than ${longestRecord} characters: is a quote never closed?`
    default:
      return error?.message ?? 'The row cannot be read.'
  }
}

function headerOf(cells: readonly string[], { known, required }: CsvShape) {
  refuseOtherSeparators(cells)
  const byKey = new Map(known.map((name) => [name.toLowerCase(), name]))
  const names = cells.map((cell) => byKey.get(cell.trim().toLowerCase()) ?? null)
  const unknown = cells.filter((cell, index) => names[index] === null && cell.trim() !== '')
  const twice = names.find((name, index) => name !== null && names.indexOf(name) !== index)
  if (twice !== undefined && twice !== null)
    throw new UnreadableFile(`The column "${twice}" stands there twice.`)
  const missing = required.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    const list = missing.map((name) => `"${name}"`).join(', ')
    const seen = cells.slice(0, 5).join(', ').slice(0, 100)
    throw new UnreadableFile(`The first line names no column ${list}; it begins with: ${seen}`)
  }
  return { names, unknown }
}

function refuseOtherSeparators([only = '', ...others]: readonly string[]): void {
  const [, separator] = /([;\t|])/.exec(only) ?? []
  if (others.length > 0 || separator === undefined) return
  const name = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' }[separator] ?? 'something else'
  throw new UnreadableFile(`The columns are separated by ${name}: save it with commas.`)
}

async function* linesOf(
  records: AsyncGenerator<Read>,
  names: readonly (string | null)[],
): AsyncGenerator<CsvLine> {
  for await (const read of records) {
    if (read.kind === 'bad') {
      yield read
      continue
    }
    const { line, record } = read
    if (record.every((cell) => cell.trim() === '')) continue
    if (record.length !== names.length) {
      const detail = `It has ${record.length} cells, the header ${names.length}: is a comma not in quotes, or missing?`
      yield { kind: 'bad', line, detail }
      continue
    }
    const cells: Record<string, string> = {}
    for (const [index, name] of names.entries()) if (name !== null) cells[name] = record[index] ?? ''
    yield { kind: 'row', line, cells }
  }
}

/** Reads a whole file for nothing but whether it can be read, before anything is done with it. */
export async function countLines(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let lines = 0
  for await (const text of textLines(bytes)) lines += text.split('\n').length - 1
  return lines
}

/** CSV out of rows, written as they are read; with a byte order mark, so that spreadsheets take it for UTF-8. */
export function writeCsv({
  columns,
  rows,
}: {
  columns: readonly string[]
  rows: AsyncIterable<readonly string[]>
}): Readable {
  const lines = Readable.from(rows)
  const written = stringify({ header: true, columns: [...columns], bom: true, record_delimiter: 'windows' })
  lines.once('error', (error) => written.destroy(error))
  written.once('close', () => lines.destroy())
  return lines.pipe(written)
}
