/**
 * `npm run search -- rebuild` makes the search indexes of the running shop anew, `npm run search -- check` compares them with its catalog and
 * has put right what differs. Both are workflows, to be watched in Temporal's Web UI.
 */
import { Client } from '@temporalio/client'
import { openSearchDesk } from '../gateways/search-desk.ts'
import { connectTemporal } from '../workers/connections.ts'
import { findRunningShop, runCommand } from './running-shop.ts'
import { Advice } from './supervisor/advice.ts'

await runCommand(async () => {
  const [command = ''] = process.argv.slice(2)
  if (command !== 'rebuild' && command !== 'check')
    throw new Advice('npm run search -- rebuild\nnpm run search -- check')
  const shop = await findRunningShop(process.env)
  const temporal = await connectTemporal(shop.config)
  try {
    const client = new Client({ connection: temporal.client, namespace: shop.config.temporal.namespace })
    const begin = performance.now()
    const workflowId = await openSearchDesk(client)[command]()
    const result: unknown = await client.workflow.getHandle(workflowId).result()
    const { documents, drift } = result as { documents?: number; drift?: number }
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    console.log(
      command === 'rebuild'
        ? `${documents} products are in the index, made anew in ${seconds} s.`
        : `${drift === 0 ? 'The indexes equal the catalog' : `${drift} products differed and are put right`} (${seconds} s).`,
    )
  } finally {
    await temporal.close()
  }
})
