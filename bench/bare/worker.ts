/** The process that runs bare workflows: one worker for each queue, set as the shop's own are. Started by `bench/rows/bare.ts`. */
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import type { InjectedSinks } from '@temporalio/worker'
import { loadConfig } from '../../config.ts'
import { connectTemporal } from '../../workers/connections.ts'
import { bareQueues } from './contract.ts'
import type { BareNews, NothingDone } from './contract.ts'
import type { BareSinks } from './workflow.ts'

const tell = (news: BareNews): void => void process.send?.(news)

const sinks: InjectedSinks<BareSinks> = {
  bench: { ended: { fn: (_info, ended) => tell({ ended, at: Date.now() }), callDuringReplay: false } },
}
const activities: NothingDone = { step: async () => {} }

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] })
const config = loadConfig(process.env)
const temporal = await connectTemporal(config)
const workflowsPath = fileURLToPath(new URL('workflow.ts', import.meta.url))
const workflowBundle = await bundleWorkflowCode({
  workflowsPath,
  preloadModules: [workflowsPath],
  logger: new DefaultLogger('ERROR'),
})
const workers = await Promise.all(
  Object.values(bareQueues).map((taskQueue) =>
    Worker.create({
      connection: temporal.native,
      namespace: config.temporal.namespace,
      taskQueue,
      activities,
      ...(taskQueue === bareQueues.order && { workflowBundle, sinks }),
      maxConcurrentActivityTaskExecutions: config.databases.order.poolSize,
      maxConcurrentLocalActivityExecutions: config.databases.order.poolSize,
      maxConcurrentWorkflowTaskExecutions: config.databases.order.poolSize,
      activityTaskPollerBehavior: {
        type: 'simple-maximum',
        maximum: Math.ceil(config.databases.order.poolSize / 2),
      },
      maxCachedWorkflows: 500,
      stickyQueueScheduleToStartTimeout: '5s',
    }),
  ),
)
process.once('disconnect', () => {
  for (const worker of workers) worker.shutdown()
})
tell({ ready: true })
await Promise.all(workers.map((worker) => worker.run()))
await temporal.close()
