/** `npm run reconcile`: compares all books of the running shop, and says what does not add up. Exits with 1 if anything does not. */
import { reconcileNow } from './reconcile-now.ts'
import { findRunningShop, runCommand } from './running-shop.ts'

await runCommand(async () => {
  const { config, pages } = await findRunningShop(process.env)
  const { violations, orders, payments, open, workflowId } = await reconcileNow(config)
  for (const { invariant, subject, detail } of violations) {
    console.log(`${invariant.padEnd(4)} ${subject}: ${detail}`)
  }
  console.log(
    `Found: ${violations.length}, in ${orders} orders and ${payments} payments at the provider. Open now: ${open}.`,
  )
  if (pages.temporal !== undefined)
    console.log(`${pages.temporal}/namespaces/${config.temporal.namespace}/workflows/${workflowId}`)
  if (violations.length > 0) process.exitCode = 1
})
