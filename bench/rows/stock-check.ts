/** The daily check over a hundred thousand levels: the workflow itself, with its activities, in this process. */
import { randomUUID } from 'node:crypto'
import { Worker } from '@temporalio/worker'
import { activitiesOf } from '../../activities/index.ts'
import { rows } from '../../store/db.ts'
import { workflowBundle } from '../../workers/bundle.ts'
import { queues } from '../../workflows/contract.ts'
import type { CheckInventory } from '../../workflows/stock-contract.ts'
import type { Bench, Line } from '../bench.ts'
import { megabytes } from '../table.ts'
import { fillWarehouse, openWarehouse } from '../warehouse.ts'
import type { OwnWarehouse } from '../warehouse.ts'

const levels = 100_000
const runs = 3

/** With none low it is the analysis alone; with some, their workflows are started too. */
export async function stockCheck(bench: Bench, { low }: { low: number }): Promise<Line> {
  const warehouse = await openWarehouse(bench.shop)
  try {
    await fillWarehouse(warehouse.db, { levels, low })
    let digests = 0
    const workers = await startWorkers(bench, warehouse, () => (digests += 1))
    try {
      const taken: number[] = []
      const memory: number[] = []
      const watch = setInterval(() => memory.push(process.memoryUsage().rss), 100)
      // What runs low is in hand after the first run, so the others would find nothing to start.
      for (let run = 0; run < (low === 0 ? runs : 1); run += 1)
        taken.push(await oneCheck(bench, warehouse, low))
      clearInterval(watch)
      const seconds = taken.map((ms) => (ms / 1000).toFixed(1)).join(', ')
      const [least, most] = [Math.min(...memory), Math.max(...memory)]
      const middle = taken.toSorted((a, b) => a - b)[Math.floor(taken.length / 2)]!
      return {
        name: `stock check, ${levels} levels, ${low} low (levels; ms: the whole run)`,
        callers: 1,
        perSecond: levels / (middle / 1000),
        p50Ms: middle,
        p99Ms: Math.max(...taken),
        notes: [
          `stock check with ${low} low: ${seconds} s a run; this process, which is its worker, had ${megabytes(least)} to ` +
            `${megabytes(most)} MiB; ${digests} digest mails`,
        ],
      }
    } finally {
      await workers.stop()
    }
  } finally {
    await warehouse.close()
  }
}

async function oneCheck({ shop }: Bench, { client, db }: OwnWarehouse, low: number): Promise<number> {
  const { policy, patience, overdueEveryMs } = shop.config.stock
  const asked: CheckInventory = { policy, patience, overdueEveryMs }
  const begin = performance.now()
  const found = (await client.workflow.execute('checkInventory', {
    ...{ workflowId: `check-inventory:${randomUUID()}`, taskQueue: queues.inventory, args: [asked] },
  })) as { levels: number; low: number; started: number }
  const ms = performance.now() - begin
  const wrong = found.levels !== levels || found.low !== low || found.started !== low
  if (wrong) throw new Error(`The check found ${JSON.stringify(found)}.`)
  for (;;) {
    const [row] = await rows<{ open: number }>(db, 'select count(*) as open from inventory.replenishments')
    if (row?.open === low) return ms
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
