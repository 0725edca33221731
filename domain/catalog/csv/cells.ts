import { exponentOf } from '../../money.ts'
import type { Currency } from '../../money.ts'

/** A row of a file. A column that the file does not have is not in `cells`; a blank one is an empty text. */
export interface ProductRow {
  readonly line: number
  readonly cells: Readonly<Record<string, string>>
}

/** What is wrong with a row of a file; without a column it is the whole row. */
export interface RowFlaw {
  readonly line: number
  readonly column: string | null
  readonly detail: string
}

/** What cannot be read from a cell. */
export class CellError extends Error {
  override readonly name = 'CellError'
}

/** Reads cells of one row; what cannot be read is noted and undefined, like a column that the file does not have. */
export function cellReader({ line, cells }: ProductRow, note: (flaw: RowFlaw) => void) {
  return <T>(column: string, read: (text: string) => T): T | undefined => {
    const text = cells[column]
    if (text === undefined) return undefined
    try {
      return read(text.trim())
    } catch (error) {
      if (!(error instanceof CellError)) throw error
      note({ line, column, detail: error.message })
      return undefined
    }
  }
}

const largestMinor = 1_000_000_000_000

/** An amount as it is written in files: digits, and a point before the smaller unit. Null when blank. */
export const amountIn =
  (currency: Currency) =>
  (text: string): number | null => {
    if (text === '') return null
    const digits = exponentOf(currency)
    if (!/^\d{1,15}(\.\d+)?$/.test(text)) {
      const hint = /^\d[\d.]*,\d+$/.test(text) ? ' Write the decimals behind a point.' : ''
      throw new CellError(`"${shown(text)}" is no price.${hint}`)
    }
    const [whole = '', part = ''] = text.split('.')
    const kept = part.replace(/0+$/, '')
    if (kept.length > digits)
      throw new CellError(
        `"${shown(text)}" has more than ${digits} decimals, which ${currency} does not have.`,
      )
    const minor = Number(`${whole}${kept.padEnd(digits, '0')}`)
    if (minor > largestMinor) throw new CellError(`"${shown(text)}" is more than anything costs.`)
    return minor
  }

/** Minor units as `amountIn` reads them. */
export function amountOf(minor: number, currency: Currency): string {
  const digits = exponentOf(currency)
  if (digits === 0) return String(minor)
  const text = String(minor).padStart(digits + 1, '0')
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** A whole number within limits; null when blank. Shopify writes grams as `450` or `450.0`. */
export const wholeNumber =
  ({ min, max }: { min: number; max: number }) =>
  (text: string): number | null => {
    if (text === '') return null
    if (!/^-?\d{1,12}(\.0+)?$/.test(text)) throw new CellError(`"${shown(text)}" is no whole number.`)
    const value = Number(text)
    if (value < min || value > max) throw new CellError(`${value} is not between ${min} and ${max}.`)
    return value
  }

export function yesOrNo(text: string): boolean | null {
  if (text === '') return null
  if (/^(true|yes|1)$/i.test(text)) return true
  if (/^(false|no|0)$/i.test(text)) return false
  throw new CellError(`"${shown(text)}" is neither TRUE nor FALSE.`)
}

/** One line of text of at most so many characters. */
export const lineOf =
  (most: number) =>
  (text: string): string => {
    if ([...text].length > most)
      throw new CellError(`has ${[...text].length} characters; at most ${most} are taken.`)
    if (/[\p{Cc}\p{Cs}]/u.test(text)) throw new CellError('has a line break or another control character.')
    return text
  }

export const needed =
  (read: (text: string) => string) =>
  (text: string): string => {
    if (text === '') throw new CellError('is blank, and is needed.')
    return read(text)
  }

export function webAddress(text: string): string {
  if (!/^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/u.test(text) || text.length > 2_000)
    throw new CellError(
      `"${shown(text)}" is no address of the web: it begins with https:// and has no spaces.`,
    )
  return text
}

export const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
