import type { Violation } from '../domain/invariants.ts'

/** The part of `workflows/` about reconciling that outsiders may import by value: names, arguments, answers. */

export const reconcileSchedule = 'reconcile'

/** The argument of the workflow `reconcile`. */
export interface Reconcile {
  /** How far back the provider's list is compared. */
  readonly days: number
}

export interface Reconciled {
  readonly violations: readonly Violation[]
  readonly orders: number
  readonly payments: number
  /** Findings that are open now, those of earlier runs included. */
  readonly open: number
}
