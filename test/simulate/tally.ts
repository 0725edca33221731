import type { Sku } from '../../domain/ids.ts'
import { table } from '../../bench/table.ts'
import type { Sold } from './buyers.ts'
import type { Good } from './goods.ts'

interface Row {
  readonly good: Good
  wanted: number
  sold: number
  /** Days on which something was wanted and not all of it was there. */
  shortDays: number
  /** On hand at the end of the day, summed over the days. */
  unitDays: number
  days: number
}

/** Adds the days up. */
export function openTally(goods: readonly Good[]) {
  const rows = new Map<Sku, Row>(
    goods.map((good) => [good.sku, { good, wanted: 0, sold: 0, shortDays: 0, unitDays: 0, days: 0 }]),
  )
  return {
    add(day: ReadonlyMap<Sku, Sold>, onHand: ReadonlyMap<Sku, number>): void {
      for (const [sku, row] of rows) {
        const { wanted = 0, sold = 0 } = day.get(sku) ?? {}
        row.wanted += wanted
        row.sold += sold
        row.shortDays += sold < wanted ? 1 : 0
        row.unitDays += onHand.get(sku) ?? 0
        row.days += 1
      }
    },

    /** Service level: the share of units that were wanted and could be sold at once. Turns: units sold in the year by the mean stock. */
    table(): string {
      const all = [...rows.values()]
      const fast = all.filter(({ good }) => good.perDay >= 2)
      const middling = all.filter(({ good }) => good.perDay >= 0.5 && good.perDay < 2)
      const slow = all.filter(({ good }) => good.perDay < 0.5)
      const near = all.filter(({ good }) => good.leadTimeDays <= 10)
      const far = all.filter(({ good }) => good.leadTimeDays > 10)
      return table(
        [
          'What',
          'SKUs',
          'Units wanted',
          'Units sold',
          'Service level %',
          'Days short %',
          'Mean stock',
          'Turns a year',
        ],
        [
          lineOf('all', all),
          lineOf('two a day and more', fast),
          lineOf('one in two days and more', middling),
          lineOf('fewer', slow),
          lineOf('delivered within ten days', near),
          lineOf('delivered later', far),
        ],
      )
    },
  }
}

function lineOf(name: string, rows: readonly Row[]): (string | number)[] {
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0)
  const [wanted, sold, days] = [sum((row) => row.wanted), sum((row) => row.sold), sum((row) => row.days)]
  const meanStock = sum((row) => row.unitDays / Math.max(1, row.days))
  const years = Math.max(...rows.map((row) => row.days), 1) / 365
  return [
    ...[name, rows.length, wanted, sold],
    ((100 * sold) / wanted).toFixed(1),
    ((100 * sum((row) => row.shortDays)) / days).toFixed(2),
    Math.round(meanStock),
    (sold / years / meanStock).toFixed(1),
  ]
}
