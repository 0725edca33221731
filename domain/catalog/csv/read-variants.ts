import type { Dimensions } from '../../catalog.ts'
import { sku as asSku } from '../../ids.ts'
import type { Sku } from '../../ids.ts'
import { currencies } from '../../money.ts'
import type { Currency } from '../../money.ts'
import { isTaxClass } from '../../tax.ts'
import type { TaxClass } from '../../tax.ts'
import { amountIn, CellError, cellReader, lineOf, needed, shown, webAddress, wholeNumber } from './cells.ts'
import type { ProductRow, RowFlaw } from './cells.ts'
import { compareAtColumn, priceColumn } from './columns.ts'

/** What a row says of one variant; undefined is not said. */
export interface VariantPatch {
  readonly sku: Sku
  readonly line: number
  readonly choices?: readonly string[]
  readonly grams?: number
  readonly barcode?: string | null
  readonly taxClass?: TaxClass
  readonly size?: Dimensions | null
  readonly imageUrl?: string | null
  /** Null: it has no price in this currency any more. */
  readonly prices: readonly {
    readonly currency: Currency
    readonly amountMinor: number | null
    readonly compareAtMinor: number | null
  }[]
  /** Units that a new one comes with. */
  readonly units?: number
}

const inVariantRow = ['Variant SKU', 'Variant Price', 'Option1 Value', 'Variant Barcode']

/**
 * The variant of a row; undefined when there is none in it (a row with just another picture), or when something in it is wrong, which
 * is noted: such a row is left out, and what is known of the variant stays.
 */
export function variantOf(
  row: ProductRow,
  {
    own,
    options,
    note,
  }: { own: Currency; options: readonly string[] | undefined; note: (flaw: RowFlaw) => void },
): VariantPatch | undefined {
  if (inVariantRow.every((column) => (row.cells[column] ?? '').trim() === '')) return undefined
  let sound = true
  const flaw = (its: RowFlaw): void => {
    sound = false
    note(its)
  }
  const cell = cellReader(row, flaw)
  const { line } = row
  const sku = cell('Variant SKU', needed(lineOf(100)))
  if (row.cells['Variant SKU'] === undefined)
    flaw({ line, column: 'Variant SKU', detail: 'is not in the file: a variant is known by its SKU.' })
  const variant = {
    choices: options && choicesOf(row, { options, note: flaw }),
    grams: cell('Variant Grams', wholeNumber({ min: 0, max: 10_000_000 })) ?? undefined,
    barcode: cell('Variant Barcode', (text) => lineOf(50)(text) || null),
    taxClass: cell('Variant Tax Class', taxClassOf) ?? undefined,
    size: sizeOf(row, flaw),
    imageUrl: cell('Variant Image', (text) => (text === '' ? null : webAddress(text))),
    units: cell('Variant Inventory Qty', wholeNumber({ min: 0, max: 1_000_000_000 })) ?? undefined,
  }
  const prices = pricesOf(row, { own, note: flaw })
  if (!sound || sku === undefined) return undefined
  const given = Object.fromEntries(Object.entries(variant).filter(([, value]) => value !== undefined))
  return { ...(given as Partial<VariantPatch>), sku: asSku(sku), line, prices }
}

function choicesOf(
  row: ProductRow,
  { options, note }: { options: readonly string[]; note: (flaw: RowFlaw) => void },
): string[] {
  const cell = cellReader(row, note)
  return options.map((name, index) => {
    const column = `Option${index + 1} Value`
    const value = cell(column, (text) => {
      if (text === '') throw new CellError(`is blank: the product differs by ${name}.`)
      return lineOf(100)(text)
    })
    return value ?? ''
  })
}

function taxClassOf(text: string): TaxClass | null {
  if (text === '') return null
  if (isTaxClass(text.toLowerCase())) return text.toLowerCase() as TaxClass
  throw new CellError(`"${shown(text)}" is none of standard, reduced and zero.`)
}

function pricesOf(
  row: ProductRow,
  { own, note }: { own: Currency; note: (flaw: RowFlaw) => void },
): VariantPatch['prices'] {
  const cell = cellReader(row, note)
  return currencies.flatMap((currency) => {
    const column = priceColumn(currency, own)
    const amountMinor = cell(column, amountIn(currency))
    const before = cell(compareAtColumn(currency, own), amountIn(currency)) ?? null
    if (amountMinor === undefined) return []
    if (currency === own && amountMinor === null) {
      note({ line: row.line, column, detail: 'is blank: write 0 if it costs nothing.' })
    }
    // Shopify writes 0 for "nothing to compare with".
    const compareAtMinor = before === 0 ? null : before
    if (compareAtMinor !== null && amountMinor !== null && compareAtMinor <= amountMinor) {
      const detail = 'must be more than the price, or blank.'
      note({ line: row.line, column: compareAtColumn(currency, own), detail })
    }
    return [{ currency, amountMinor, compareAtMinor: amountMinor === null ? null : compareAtMinor }]
  })
}

function sizeOf(row: ProductRow, note: (flaw: RowFlaw) => void): Dimensions | null | undefined {
  const cell = cellReader(row, note)
  const side = (name: string) => cell(`Variant ${name} (mm)`, wholeNumber({ min: 1, max: 100_000 }))
  const [lengthMm, widthMm, heightMm] = [side('Length'), side('Width'), side('Height')]
  if (lengthMm === undefined || widthMm === undefined || heightMm === undefined) return undefined
  if (lengthMm === null && widthMm === null && heightMm === null) return null
  if (lengthMm === null || widthMm === null || heightMm === null) {
    const detail = 'Length, width and height belong together: fill in all three, or none.'
    note({ line: row.line, column: 'Variant Length (mm)', detail })
    return undefined
  }
  return { lengthMm, widthMm, heightMm }
}
