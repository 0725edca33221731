import { setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow'
import type { Violation } from '../domain/invariants.ts'
import { reconciling } from './proxies.ts'
import type { Reconcile, Reconciled } from './reconcile-contract.ts'

const page = 200
/** Longer than anything that is only under way at the moment of the first look. */
const secondLookMs = 20_000

/**
 * Compares everything with everything: the invariants, service by service; our books with the payment provider's; what has not ended with
 * the workflows that are to end it. It reports and never repairs: money that does not add up is for a person to look at. The shop goes
 * on meanwhile, so only what two looks find, one after the other, is a finding.
 */
export async function reconcile({ days }: Reconcile): Promise<Reconciled> {
  const begunAt = iso(Date.now())
  const createdAfter = iso(Date.now() - days * 86_400_000)
  setCurrentDetails('**Comparing the books.** First look.')
  const first = await look(createdAfter)
  let violations = once(first.violations)
  if (violations.length > 0) {
    setCurrentDetails(`**Comparing the books.** ${violations.length} differences; a second look follows.`)
    await sleep(secondLookMs, { summary: 'what was only under way settles' })
    const seen = new Set(violations.map(keyOf))
    const second = await look(createdAfter)
    violations = once(second.violations).filter((each) => seen.has(keyOf(each)))
  }
  const { orders, payments } = first
  const { runId } = workflowInfo()
  const { open } = await reconciling.fileFindings({
    ...{ runId, begunAt, endedAt: iso(Date.now()), orders, payments },
    violations,
  })
  setCurrentDetails(
    `**Found: ${violations.length}**, in ${orders} orders and ${payments} payments. Open now: ${open}; an admin resolves each, with a reason.`,
  )
  return { violations, orders, payments, open }
}

async function look(createdAfter: string) {
  // An event has five minutes to be relayed.
  const clock = { now: iso(Date.now()), relayedBefore: iso(Date.now() - 300_000) }
  const [stock, parcels, books, stories, provider] = await Promise.all([
    reconciling.judgeStock(clock),
    reconciling.judgeParcels(clock),
    reconciling.judgeOrderBooks(clock),
    reconciling.judgeStories(clock),
    reconciling.judgeProvider({ createdAfter }),
  ])
  const violations = [...stock, ...parcels, ...books, ...stories, ...provider.violations]
  let orders = 0
  for (let after: string | null = ''; after !== null;) {
    const judged: Awaited<ReturnType<typeof reconciling.judgeOrders>> = await reconciling.judgeOrders({
      after,
      limit: page,
    })
    orders += judged.orders.length
    violations.push(...judged.violations)
    if (judged.orders.length > 0) {
      violations.push(...(await reconciling.judgeReservations({ orders: judged.orders })))
    }
    after = judged.last
  }
  return { violations, orders, payments: provider.payments }
}

const keyOf = ({ invariant, subject }: Violation): string => `${invariant} ${subject}`

/** One difference for each invariant and subject, with all that is off about it: as it is kept, so it is counted. */
function once(violations: readonly Violation[]): Violation[] {
  const byKey = new Map<string, Violation>()
  for (const each of violations) {
    const known = byKey.get(keyOf(each))
    byKey.set(keyOf(each), known ? { ...known, detail: `${known.detail}; ${each.detail}` } : each)
  }
  return [...byKey.values()]
}

const iso = (ms: number): string => new Date(ms).toISOString()
