/** The daily check over a hundred thousand levels: the workflow itself, with its activities, in this process. */
import { randomUUID } from 'node:crypto'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { activitiesOf } from '../../activities/index.ts'
import { rows } from '../../store/db.ts'
import { workflowBundle } from '../../workers/bundle.ts'
import { queues } from '../../workflows/contract.ts'
import type { CheckInventory } from '../../workflows/stock-contract.ts'
import type { Bench, Line } from '../bench.ts'
import { megabytes } from '../table.ts'
import { fillWarehouse, openWarehouse, sellOut } from '../warehouse.ts'
import type { OwnWarehouse } from '../warehouse.ts'

// Before anything connects to Temporal: its libraries would tell every step of their lives.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] })

const levels = 100_000
const runs = 3
const low = 200

/** With none low it is the analysis alone; with some, their workflows are started too. */
export async function stockCheck(bench: Bench): Promise<Line[]> {
  const warehouse = await openWarehouse(bench.shop)
  try {
    await fillWarehouse(warehouse.db, levels)
    let digests = 0
    const workers = await startWorkers(bench, warehouse, () => (digests += 1))
    try {
      const taken: number[] = []
      const memory: number[] = []
      const watch = setInterval(() => memory.push(process.memoryUsage().rss), 100)
      for (let run = 0; run < runs; run += 1) taken.push(await oneCheck(bench, warehouse, 0))
      clearInterval(watch)
      await sellOut(warehouse.db, low)
      const starting = await oneCheck(bench, warehouse, low)
      const [least, most] = [Math.min(...memory), Math.max(...memory)]
      const note =
        `stock check: ${taken.map((ms) => (ms / 1000).toFixed(1)).join(', ')} s a run; this process, which was its worker, had ` +
        `${megabytes(least)} to ${megabytes(most)} MiB; ${digests} digest mail for ${runs + 1} runs`
      const middle = taken.toSorted((a, b) => a - b)[Math.floor(runs / 2)]!
      return [
        { ...lineOf(`stock check, ${levels} levels, none low (levels; a whole run)`, middle), notes: [note] },
        lineOf(`stock check, ${levels} levels, ${low} low and started (the same)`, starting),
      ]
    } finally {
      await workers.stop()
    }
  } finally {
    await warehouse.close()
  }
}

const lineOf = (name: string, ms: number): Line => ({
  ...{ name, callers: 1, count: levels, seconds: ms / 1000, timingsMs: [ms], notes: [] },
})

async function oneCheck({ shop }: Bench, { client, db }: OwnWarehouse, expected: number): Promise<number> {
  const { policy, patience, overdueEveryMs } = shop.config.stock
  const asked: CheckInventory = { policy, patience, overdueEveryMs }
  const begin = performance.now()
  const found = (await client.workflow.execute('checkInventory', {
    ...{ workflowId: `check-inventory:${randomUUID()}`, taskQueue: queues.inventory, args: [asked] },
  })) as { levels: number; low: number; started: number }
  const ms = performance.now() - begin
  const wrong = found.levels !== levels || found.low !== expected || found.started !== expected
  if (wrong) throw new Error(`The check found ${JSON.stringify(found)}.`)
  for (;;) {
    const [row] = await rows<{ open: number }>(db, 'select count(*) as open from inventory.replenishments')
    if (row?.open === expected) return ms
  }
}

/** The inventory's worker as the shop runs it, and one that counts its mails. */
async function startWorkers({ shop }: Bench, { db, namespace, temporal }: OwnWarehouse, mailed: () => void) {
  const bundle = await workflowBundle({ cacheDir: shop.config.workers.bundleDir })
  const common = { connection: temporal.native, namespace }
  const workers = await Promise.all([
    Worker.create({
      ...{ ...common, taskQueue: queues.inventory, workflowBundle: bundle, maxCachedWorkflows: 500 },
      activities: activitiesOf.inventory({ db }),
      maxConcurrentActivityTaskExecutions: shop.config.databases.inventory.poolSize,
    }),
    Worker.create({
      ...{ ...common, taskQueue: queues.notification },
      activities: { sendStockDigest: async () => mailed() },
    }),
  ])
  const running = Promise.all(workers.map((worker) => worker.run()))
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown()
      await running
    },
  }
}
