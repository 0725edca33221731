import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** What one run of the check found. */
export interface StockCheck {
  /** Temporal's id of the run. */
  readonly id: string
  readonly workflowId: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly levels: number
  /** How many ran low, how many of these were new, and how many shortages wait for a decision. */
  readonly low: number
  readonly started: number
  readonly waiting: number
}

/** Keeps a run; the first time counts. */
export async function insertStockCheck(db: Db, check: StockCheck): Promise<void> {
  await changed(
    db,
    `insert into inventory.stock_checks (id, workflow_id, started_at, finished_at, levels, low, started, waiting)
     values (:id, :workflowId, :startedAt, :finishedAt, :levels, :low, :started, :waiting)
     on conflict do nothing`,
    { ...check },
  )
}

/** The last runs, newest first. */
export async function listStockChecks(db: Db, limit: number): Promise<StockCheck[]> {
  return rows<StockCheck>(
    db,
    `select id, workflow_id as "workflowId", started_at as "startedAt", finished_at as "finishedAt", levels, low, started,
            waiting
     from inventory.stock_checks order by finished_at desc, id limit :limit`,
    { limit },
  )
}
