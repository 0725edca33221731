/** `npm run reconcile`: compares all books of the running shop, and says what does not add up. Exits with 1 if anything does not. */
import { Client } from '@temporalio/client'
import { dataConverter } from '../gateways/payload-codec.ts'
import { connectTemporal } from '../workers/connections.ts'
import { queues } from '../workflows/contract.ts'
import type { Reconciled } from '../workflows/reconcile-contract.ts'
import { findRunningShop, runCommand } from './running-shop.ts'

await runCommand(async () => {
  const { config, pages } = await findRunningShop(process.env)
  const temporal = await connectTemporal(config)
  const { namespace } = config.temporal
  const client = new Client({
    connection: temporal.client,
    namespace,
    dataConverter: dataConverter(config.secrets.payloadKeys),
  })
  try {
    const workflowId = `reconcile:${new Date().toISOString()}`
    const found = (await client.workflow.execute('reconcile', {
      workflowId,
      taskQueue: queues.order,
      args: [{ days: config.reconcile.days }],
      staticSummary: 'compares all books, by hand',
    })) as Reconciled
    for (const { invariant, subject, detail } of found.violations) {
      console.log(`${invariant.padEnd(4)} ${subject}: ${detail}`)
    }
    const { violations, orders, payments, open } = found
    console.log(
      `Found: ${violations.length}, in ${orders} orders and ${payments} payments at the provider. Open now: ${open}.`,
    )
    if (pages.temporal !== undefined)
      console.log(`${pages.temporal}/namespaces/${namespace}/workflows/${workflowId}`)
    if (violations.length > 0) process.exitCode = 1
  } finally {
    await temporal.close()
  }
})
