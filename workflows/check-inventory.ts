import { ParentClosePolicy, continueAsNew, startChild, workflowInfo } from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { LevelName, LowLevel } from '../activities/replenishment.ts'
import { replenishment, stockMails } from './proxies.ts'
import { replenishStock } from './replenish-stock.ts'
import { replenishStockId } from './stock-contract.ts'
import type { CheckInventory } from './stock-contract.ts'
import { clock } from './stock-letters.ts'
import { tellStock } from './stock-operators.ts'

/** Levels in one look, which is a page of SQL; replenishments started at the same time; how many of them one history holds. */
const pageSize = 5_000
const startedAtOnce = 20
const startedPerRun = 400
/** How many of the most urgent shortages the digest tells in full. */
const mostTold = 50

/** How far a check has come: all that it needs to go on in a new history. */
interface Progress {
  readonly startedAt: string
  readonly after: LevelName | null
  readonly levels: number
  readonly low: number
  readonly started: number
  readonly urgent: readonly LowLevel[]
}

export interface StockChecked {
  readonly levels: number
  readonly low: number
  readonly started: number
  readonly waiting: number
}

/**
 * Looks at every stock level, page by page, and starts a replenishment for each that runs low and that nobody has in hand. A restart
 * goes on at the page where it stopped; a shortage that is being taken care of is left alone, whoever starts this and however often.
 *
 * Specification: use case "Stock Replenishment", "when CRON runs daily inventory check".
 */
export async function checkInventory(asked: CheckInventory, progress?: Progress): Promise<StockChecked> {
  const checkId = workflowInfo().firstExecutionRunId
  let done: Progress = progress ?? {
    startedAt: clock(),
    after: null,
    levels: 0,
    low: 0,
    started: 0,
    urgent: [],
  }
  let startedHere = 0
  for (;;) {
    const { startedAt: now, after } = done
    const page = await replenishment.checkLevels({ after, limit: pageSize, now, policy: asked.policy })
    const started = await startAll(page.start, { asked, checkId })
    startedHere += started
    done = {
      ...done,
      after: page.next,
      levels: done.levels + page.levels,
      low: done.low + page.low,
      started: done.started + started,
      urgent: [...done.urgent, ...page.urgent].sort((a, b) => a.urgency - b.urgency).slice(0, mostTold),
    }
    const { levels, low } = done
    tellStock.checking({ levels, low, started: done.started, after: page.next && nameOf(page.next) })
    if (page.next === null) return finished(done, { checkId })
    if (startedHere >= startedPerRun || workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof checkInventory>(asked, done)
    }
  }
}

/** Keeps what was found, and writes the one mail of this run, if there is anything to write about. */
async function finished(done: Progress, { checkId }: { checkId: string }): Promise<StockChecked> {
  const { levels, low, started, urgent, startedAt } = done
  const { workflowId } = workflowInfo()
  const found = { levels, low, started }
  const { waiting } = await replenishment.finishCheck({
    ...found,
    ...{ id: checkId, workflowId, startedAt, finishedAt: clock() },
  })
  if (started > 0 || waiting > 0) {
    const digest = { ...found, checkedAt: startedAt, waiting, items: urgent }
    await stockMails.sendStockDigest({ checkId, digest, cause: workflowId })
  }
  tellStock.checked({ ...found, waiting })
  return { ...found, waiting }
}

type Starting = { readonly asked: CheckInventory; readonly checkId: string }

/** Starts a bounded number at a time; answers how many were really started. */
async function startAll(levels: readonly LevelName[], starting: Starting): Promise<number> {
  let started = 0
  for (let index = 0; index < levels.length; index += startedAtOnce) {
    const some = levels.slice(index, index + startedAtOnce)
    const news = await Promise.all(some.map((level) => startOne(level, starting)))
    started += news.filter(Boolean).length
  }
  return started
}

/** False: this shortage is being taken care of. A new run under the same name is right: the next shortage is another one. */
async function startOne({ sku, warehouseId }: LevelName, { asked, checkId }: Starting): Promise<boolean> {
  try {
    await startChild(replenishStock, {
      workflowId: replenishStockId({ sku, warehouseId }),
      args: [{ ...asked, sku, warehouseId, checkId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `${sku} in ${warehouseId} runs low`,
    })
    return true
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
}

const nameOf = ({ sku, warehouseId }: LevelName): string => `${sku} in ${warehouseId}`
