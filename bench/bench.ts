/** What every row of the table is given, and what it gives back. */
import type { RunningShop } from '../dev/running-shop.ts'
import type { Databases } from '../store/db.ts'
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
  readonly perSecond: number
  /** How long the call that the name says took, in milliseconds. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** What failed and why, and what is worth a note. */
  readonly notes: readonly string[]
  /** CPU of each part for one of what is counted, in milliseconds. */
  readonly cpuMsEach?: ByPart
}

/** Why turns failed, as notes. */
export function failureNotes(failures: ReadonlyMap<string, number>): string[] {
  return [...failures].map(([reason, count]) => `${count} failed: ${reason}`)
}
