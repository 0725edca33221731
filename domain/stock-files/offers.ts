import { amountIn, amountOf, CellError, yesOrNo } from '../catalog/csv/cells.ts'
import { sku } from '../ids.ts'
import type { Sku } from '../ids.ts'
import { isCurrency } from '../money.ts'
import type { Currency } from '../money.ts'
import { mostUnits } from '../replenishment.ts'
import { name, needed, readRow, upTo } from './cells.ts'
import type { FileLine, ReadRow } from './cells.ts'

/** The columns of a file of suppliers: a row for each SKU that one sells, and one without a SKU for one that sells nothing yet. */
export const offerColumns = [
  'supplier',
  'email',
  'currency',
  'supplier_lead_time_days',
  'active',
  'sku',
  'supplier_sku',
  'unit_cost',
  'pack_size',
  'minimum_quantity',
  'lead_time_days',
  'rank',
] as const
export const neededOfferColumns = [
  'supplier',
  'email',
  'currency',
  'supplier_lead_time_days',
  'sku',
  'unit_cost',
] as const

export interface OfferedItem {
  readonly sku: Sku
  readonly supplierSku: string | null
  readonly unitCostMinor: number
  readonly packSize: number
  readonly minimumQuantity: number
  readonly leadTimeDays: number | null
  readonly rank: number
}

export interface OfferRow {
  readonly line: number
  readonly supplier: {
    readonly name: string
    readonly email: string
    readonly currency: Currency
    readonly leadTimeDays: number
    readonly active: boolean
  }
  readonly item: OfferedItem | null
}

const longestDays = 730
const largestPack = 100_000
const lowestRank = 10_000

export function readOffer(source: FileLine): ReadRow<OfferRow> {
  return readRow(source, (cell) => {
    const currency = cell('currency', aCurrency) ?? 'EUR'
    const supplier = {
      name: cell('supplier', needed(name)) ?? '',
      email: cell('email', anAddress) ?? '',
      currency,
      leadTimeDays: cell('supplier_lead_time_days', needed(upTo(longestDays))) ?? 0,
      active: cell('active', yesOrNo) ?? true,
    }
    const code = cell('sku', name) ?? null
    if (code === null) return { line: source.line, supplier, item: null }
    const item = {
      sku: sku(code),
      supplierSku: cell('supplier_sku', name) ?? null,
      unitCostMinor: cell('unit_cost', needed(amountIn(currency))) ?? 0,
      packSize: cell('pack_size', upTo(largestPack, 1)) ?? 1,
      minimumQuantity: cell('minimum_quantity', upTo(mostUnits, 1)) ?? 1,
      leadTimeDays: cell('lead_time_days', upTo(longestDays)) ?? null,
      rank: cell('rank', upTo(lowestRank)) ?? 100,
    }
    return { line: source.line, supplier, item }
  })
}

function aCurrency(text: string): Currency {
  if (isCurrency(text)) return text
  throw new CellError(`"${text.slice(0, 40)}" is no currency of this shop.`)
}

function anAddress(text: string): string {
  if (text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return text
  throw new CellError(`"${text.slice(0, 60)}" is no e-mail address.`)
}

/** A supplier, and something that he sells, in the order of `offerColumns`. */
export function offerCells({ supplier, item }: Omit<OfferRow, 'line'>): string[] {
  const { name: who, email, currency, leadTimeDays, active } = supplier
  const own = [who, email, currency, String(leadTimeDays), String(active)]
  if (!item) return [...own, '', '', '', '', '', '', '']
  return [
    ...[
      ...own,
      item.sku,
      item.supplierSku ?? '',
      amountOf(item.unitCostMinor, currency),
      String(item.packSize),
    ],
    ...[
      String(item.minimumQuantity),
      item.leadTimeDays === null ? '' : String(item.leadTimeDays),
      String(item.rank),
    ],
  ]
}
