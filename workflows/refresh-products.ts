import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow'
import { catalog } from './proxies.ts'
import { productsWait } from './contract.ts'

/** How long an engine that does not answer is left alone; a change asks it again at once. */
const patienceMs = 5_500

/**
 * Makes what has changed searchable, in batches, until nothing waits. There is one of it: events that come while it runs ring at it.
 * An engine that is away holds up nobody else; what waits for it is kept in the catalog, and it is asked again and again.
 */
export async function refreshProducts(): Promise<{ refreshed: number }> {
  let rung = true
  setHandler(productsWait, () => {
    rung = true
  })
  let total = 0
  while (rung) {
    rung = false
    const { refreshed, more, away } = await catalog.refreshSearch()
    total += refreshed
    setCurrentDetails(
      [`${total} products refreshed.`, ...away.map((name) => `${name} does not answer.`)].join('\n'),
    )
    if (more) rung = true
    else if (away.length > 0) {
      await condition(() => rung, patienceMs)
      rung = true
    }
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof refreshProducts>()
  }
  return { refreshed: total }
}
