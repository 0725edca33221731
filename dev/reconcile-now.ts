import { Client } from '@temporalio/client'
import type { Config } from '../config.ts'
import { dataConverter } from '../gateways/payload-codec.ts'
import { connectTemporal } from '../workers/connections.ts'
import { queues } from '../workflows/contract.ts'
import type { Reconciled } from '../workflows/reconcile-contract.ts'

/** Compares all books of a running shop, as its schedule does; resolves with what was found once it was looked at twice. */
export async function reconcileNow(config: Config): Promise<Reconciled & { workflowId: string }> {
  const temporal = await connectTemporal(config)
  const client = new Client({
    connection: temporal.client,
    namespace: config.temporal.namespace,
    dataConverter: dataConverter(config.secrets.payloadKeys),
  })
  const workflowId = `reconcile:${new Date().toISOString()}`
  try {
    const found = (await client.workflow.execute('reconcile', {
      workflowId,
      taskQueue: queues.order,
      args: [{ days: config.reconcile.days }],
      staticSummary: 'compares all books, by hand',
    })) as Reconciled
    return { ...found, workflowId }
  } finally {
    await temporal.close()
  }
}
