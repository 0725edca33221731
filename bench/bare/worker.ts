/** The process that runs bare workflows: one worker, set as the shop's own of all services is. Started by `bench/rows/bare.ts`. */
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import type { InjectedSinks } from '@temporalio/worker'
import { loadConfig, serviceNames } from '../../config.ts'
import { connectTemporal } from '../../workers/connections.ts'
import { bareQueue } from './contract.ts'
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
const { poolSize } = config.databases.order
const worker = await Worker.create({
  connection: temporal.native,
  namespace: config.temporal.namespace,
  taskQueue: bareQueue,
  activities,
  workflowBundle,
  sinks,
  maxConcurrentActivityTaskExecutions: poolSize * serviceNames.length,
  maxConcurrentLocalActivityExecutions: poolSize,
  maxConcurrentWorkflowTaskExecutions: poolSize,
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: Math.ceil(poolSize / 2) },
  maxCachedWorkflows: 500,
  stickyQueueScheduleToStartTimeout: '5s',
})
process.once('disconnect', () => worker.shutdown())
tell({ ready: true })
await worker.run()
await temporal.close()
