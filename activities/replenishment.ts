import type { ReplenishmentId, Sku, WarehouseId } from '../domain/ids.ts'
import { Refusal } from '../domain/refusals.ts'
import { reckon, suggest } from '../domain/replenishment.ts'
import type { ReplenishmentPolicy, Suggestion } from '../domain/replenishment.ts'
import type { Db } from '../store/db.ts'
import { newId } from '../store/ids.ts'
import { announce } from '../store/outbox.ts'
import {
  countWaiting,
  insertReplenishment,
  lockReplenishments,
  markExpired,
  markRejected,
  markReminded,
  openReplenishmentOf,
} from '../store/replenishments.ts'
import type { Replenishment } from '../store/replenishments.ts'
import { analyseLevels } from '../store/stock-analysis.ts'
import type { AnalysedLevel } from '../store/stock-analysis.ts'
import { insertStockCheck } from '../store/stock-checks.ts'
import type { StockCheck } from '../store/stock-checks.ts'
import { lockForChange } from '../store/stock-journal.ts'

export interface LevelName {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
}

/** A shortage, as the story of it knows it. */
export type Shortage = Replenishment

export interface CheckLevels {
  /** The last level of the page before; null: from the beginning. */
  readonly after: LevelName | null
  readonly limit: number
  /** The workflow's clock. */
  readonly now: string
  readonly policy: ReplenishmentPolicy
}

/** A level that runs low, for a person: `urgency` is 0 when it is all gone, and rises to 1 at the reorder point. */
export interface LowLevel extends LevelName {
  readonly quantity: number
  readonly urgency: number
  readonly because: readonly string[]
}

export interface CheckedLevels {
  readonly levels: number
  readonly low: number
  /** Where the next page begins; null: there is none. */
  readonly next: LevelName | null
  /** The low ones that nobody has in hand yet. */
  readonly start: readonly LevelName[]
  /** The most urgent of them. */
  readonly urgent: readonly LowLevel[]
}

/** How many of a page's low levels are told with all their reasons: a page's answer stays small, however low the stock. */
const mostTold = 25
/** A page ends early where it has so many to be started: a check that finds everything low tells how far it is, and has short histories. */
const mostStarted = 400
/** A shortage that should have ended so long ago has lost its workflow: it gets another one. */
const lostAfterMs = 24 * 60 * 60 * 1000

/** What the check, and the story of a shortage, do to the books. Nothing here waits for anybody. */
export function replenishmentActivities({ db }: { db: Db }) {
  return {
    /** Looks at one page of levels, in the order of their keys. It changes nothing: asked again, it answers the same. */
    async checkLevels({ after, limit, now, policy }: CheckLevels): Promise<CheckedLevels> {
      const page = await analyseLevels(db, { after, limit, now, windowDays: policy.windowDays })
      const fresh: { level: AnalysedLevel; suggestion: Suggestion }[] = []
      let [levels, low] = [0, 0]
      for (const level of page) {
        if (fresh.length === mostStarted) break
        levels += 1
        if (!reckon(level, policy).low) continue
        low += 1
        if (needsHand(level, now)) fresh.push({ level, suggestion: suggest(level, policy) })
      }
      const last = levels < limit && levels === page.length ? undefined : page[levels - 1]
      return {
        ...{ levels, low },
        next: last ? nameOf(last) : null,
        start: fresh.map(({ level }) => nameOf(level)),
        urgent: fresh.map(told).sort(byUrgency).slice(0, mostTold),
      }
    },

    /**
     * Opens the shortage of a level, with its alert, if the level is low at this very moment; finds the one that is open. Null: it is
     * not low, because stock came meanwhile, or somebody counted.
     */
    async openReplenishment(opening: OpenReplenishment): Promise<Replenishment | null> {
      const { sku, warehouseId } = opening
      const minted = newId('rpl')
      return db.transaction(async (trx) => {
        // With the level locked no receipt is booked between the look and the alert.
        await lockForChange(trx, [{ sku, warehouseId }])
        const known = await openReplenishmentOf(trx, { sku, warehouseId })
        if (known) return known
        const { now, policy } = opening
        const [level] = await analyseLevels(trx, {
          ...{ after: null, limit: 1, now, sku, warehouseId },
          windowDays: policy.windowDays,
        })
        if (!level) return null
        const suggestion = suggest(level, policy)
        if (!suggestion.low) return null
        await alert(trx, { ...opening, id: minted, level, suggestion })
        return openReplenishmentOf(trx, { sku, warehouseId })
      })
    },

    /** Turns a shortage down. Refuses with `replenishment.decided` when somebody else decided before. */
    async rejectReplenishment(rejection: {
      replenishmentId: ReplenishmentId
      reason: string
      actor: string
      now: string
      cause: string
    }): Promise<void> {
      const { replenishmentId: id, reason, actor: by, now: at, cause } = rejection
      await db.transaction(async (trx) => {
        if (await markRejected(trx, { id, at, by, cause, reason })) return
        const known = (await lockReplenishments(trx, [id])).get(id)
        if (known?.status === 'rejected' && known.decidedCause === cause) return
        throw decidedAlready(id, known)
      })
    },

    /** Ends a shortage that nobody decided about. Answers how it stands: somebody may have been faster. */
    async expireReplenishment({
      replenishmentId: id,
      now,
    }: {
      replenishmentId: ReplenishmentId
      now: string
    }): Promise<Pick<Replenishment, 'status' | 'purchaseOrderId'>> {
      return db.transaction(async (trx) => {
        if (await markExpired(trx, { id, at: now })) return { status: 'expired', purchaseOrderId: null }
        const known = (await lockReplenishments(trx, [id])).get(id)
        if (!known) throw decidedAlready(id, known)
        return { status: known.status, purchaseOrderId: known.purchaseOrderId }
      })
    },

    /** Notes that somebody is reminded. False: there is nothing left to decide. */
    async noteReminder(reminder: {
      replenishmentId: ReplenishmentId
      escalated: boolean
      now: string
    }): Promise<boolean> {
      const { replenishmentId: id, escalated, now: at } = reminder
      return markReminded(db, { id, at, escalated })
    },

    /**
     * Keeps what a run of the check found. Answers how many shortages wait for a decision: its own are counted as they were started,
     * because their stories may be opening them at this very moment.
     */
    async finishCheck(check: Omit<StockCheck, 'waiting'>): Promise<{ waiting: number }> {
      const waiting = check.started + (await countWaiting(db, { notOf: check.id }))
      await insertStockCheck(db, { ...check, waiting })
      return { waiting }
    },
  }
}

export interface OpenReplenishment extends LevelName {
  readonly checkId: string
  readonly now: string
  /** When it ends if nobody decides. */
  readonly expiresAt: string
  readonly policy: ReplenishmentPolicy
  readonly cause: string
}

async function alert(
  trx: Db,
  opened: OpenReplenishment & { id: ReplenishmentId; level: AnalysedLevel; suggestion: Suggestion },
): Promise<void> {
  const { id, sku, warehouseId, checkId, now, expiresAt, policy, cause, level, suggestion } = opened
  const facts = factsOf({ level, suggestion, policy })
  const supplierId = level.offer?.supplierId ?? null
  const { quantity: suggestedQuantity, because } = suggestion
  const row = { id, sku, warehouseId, suggestedQuantity, supplierId, because, facts, checkId }
  if (!(await insertReplenishment(trx, { ...row, alertedAt: now, expiresAt, cause }))) return
  const data = { replenishmentId: id, sku, warehouseId, suggestedQuantity, supplierId, ...facts }
  const at = new Date().toISOString()
  await announce(trx, {
    schema: 'inventory',
    events: [{ type: 'Low Stock Alert', subject: id, at, cause, data }],
  })
}

function factsOf({
  level,
  suggestion,
  policy,
}: {
  level: AnalysedLevel
  suggestion: Suggestion
  policy: ReplenishmentPolicy
}): Record<string, number> {
  const { onHand, reserved, incoming, safetyStock, sold } = level
  const { position, reorderPoint, orderUpTo, leadTimeDays } = suggestion
  const { windowDays } = policy
  return {
    onHand,
    reserved,
    incoming,
    safetyStock,
    sold,
    windowDays,
    position,
    reorderPoint,
    orderUpTo,
    leadTimeDays,
  }
}

/** Nobody has it in hand, or whoever had it is gone. */
function needsHand({ openReplenishment: open }: AnalysedLevel, now: string): boolean {
  if (open === null) return true
  return open.status === 'waiting' && Date.parse(open.expiresAt) + lostAfterMs < Date.parse(now)
}

const nameOf = ({ sku, warehouseId }: AnalysedLevel): LevelName => ({ sku, warehouseId })

function told({ level, suggestion }: { level: AnalysedLevel; suggestion: Suggestion }): LowLevel {
  const { position, reorderPoint, quantity, because } = suggestion
  return { ...nameOf(level), quantity, urgency: position / reorderPoint, because }
}

export const byUrgency = (one: LowLevel, other: LowLevel): number => one.urgency - other.urgency

export function decidedAlready(id: ReplenishmentId, known: Replenishment | undefined): Refusal {
  if (!known)
    return new Refusal('replenishment.not_found', 'There is no such replenishment.', { replenishmentId: id })
  const { status, sku, warehouseId, purchaseOrderId } = known
  return new Refusal('replenishment.decided', `This replenishment is ${status.replace('_', ' ')} already.`, {
    replenishmentId: id,
    status,
    sku,
    warehouseId,
    ...(purchaseOrderId !== null && { purchaseOrderId }),
  })
}
