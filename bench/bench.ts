/** What every row of the table is given, and what it gives back. */
import type { RunningShop } from '../dev/running-shop.ts'
import type { Databases } from '../store/db.ts'
import { added } from './processes.ts'
import type { ByPart } from './processes.ts'
import type { Shoppers } from './shoppers.ts'

export interface Bench {
  readonly shop: RunningShop
  readonly databases: Databases
  readonly shoppers: Shoppers
  /** SKUs that have a price and enough units for everything that is going to be bought. */
  readonly skus: readonly string[]
  readonly warmUpMs: number
  readonly measureMs: number
  readonly say: (line: string) => void
}

/** A row of the table. */
export interface Line {
  readonly name: string
  readonly callers: number
  /** How much of what the name says was done in how many seconds. */
  readonly count: number
  readonly seconds: number
  /** How long each call that the name says took, in milliseconds. */
  readonly timingsMs: readonly number[]
  /** From its answer until all of it was done, in milliseconds. */
  readonly lagsMs?: readonly number[]
  /** What failed and why, and what is worth a note. */
  readonly notes: readonly string[]
  /** CPU of each part in that time, in milliseconds. */
  readonly cpuMs?: ByPart
}

export const perSecond = ({ count, seconds }: Line): number => count / seconds

/** One row of the several times that it was measured. */
export function together(lines: readonly Line[]): Line {
  const [first, ...others] = lines
  if (!first) throw new Error('A row was never measured.')
  return others.reduce<Line>(
    (sum, line) => ({
      ...sum,
      count: sum.count + line.count,
      seconds: sum.seconds + line.seconds,
      timingsMs: [...sum.timingsMs, ...line.timingsMs],
      notes: [...sum.notes, ...line.notes],
      ...(sum.lagsMs && line.lagsMs && { lagsMs: [...sum.lagsMs, ...line.lagsMs] }),
      ...(sum.cpuMs && line.cpuMs && { cpuMs: added(sum.cpuMs, line.cpuMs) }),
    }),
    first,
  )
}

/** Why turns failed, as notes. */
export function failureNotes(failures: ReadonlyMap<string, number>): string[] {
  return [...failures].map(([reason, count]) => `${count} failed: ${reason}`)
}
