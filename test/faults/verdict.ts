import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { searchViolations } from '../../activities/search/drift.ts'
import { findViolations } from '../support/violations.ts'
import type { Violation } from '../../domain/invariants.ts'
import { reconcileNow } from '../../dev/reconcile-now.ts'
import { openDatabases, rows } from '../../store/db.ts'
import type { Databases } from '../../store/db.ts'
import { createPostgresSearch } from '../../store/search.ts'
import type { Told } from './buyers.ts'
import type { OwnShop } from './shop.ts'

interface Deed {
  readonly operation: string
  readonly id: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface Verdict {
  readonly violations: readonly Violation[]
  readonly orders: Readonly<Record<string, number>>
  readonly settledMs: number
  /** How many payments the reconciliation compared with the provider's. */
  readonly payments: number
}

/** Waits until nothing is under way any more, then compares the books with each other, with the ledgers, and with what was told. */
export async function judge(
  shop: OwnShop,
  { told, settleMs }: { told: readonly Told[]; settleMs: number },
): Promise<Verdict> {
  const { databases, close } = openDatabases(shop.config.databases)
  try {
    const begun = Date.now()
    const unsettled = await settle(shop, { databases, untilMs: begun + settleMs })
    const settledMs = Date.now() - begun
    const now = new Date().toISOString()
    const orders = await statuses(databases)
    const violations = [
      ...unsettled,
      ...(await findViolations(databases, { now, relayedBefore: now })),
      ...(await searchViolations(databases.catalog, createPostgresSearch(databases.catalog))),
      ...(await moneyAtTheProvider(shop, orders)),
      ...(await labelsAtTheCarrier(shop, databases)),
      ...(await mailsSent(shop, orders)),
      ...promisesKept(told, orders),
    ]
    const { violations: found, payments } = await reconcileNow(shop.config)
    violations.push(...found.map((each) => ({ ...each, detail: `found by reconcile: ${each.detail}` })))
    return {
      violations,
      payments,
      orders: counted([...orders.values()].map(({ status }) => status)),
      settledMs,
    }
  } finally {
    await close()
  }
}

interface Row {
  readonly id: string
  readonly status: string
  readonly total: number | null
  /** It was paid once, whatever became of it. */
  readonly paid: boolean
  /** What our books keep of it. */
  readonly kept: number
}

async function statuses({ order }: Databases): Promise<Map<string, Row>> {
  const found = await rows<Row>(
    order,
    `select o.id, o.status, o.total_minor as total, o.confirmed_at is not null as paid,
            coalesce(p.captured_minor - p.refunded_minor, 0) as kept
     from orders.orders as o left join payments.payments as p on p.order_id = o.id`,
  )
  return new Map(found.map((row) => [row.id, row]))
}

/** I13, I14, I19: every order ends, every event is relayed, every change is searchable, no workflow is left behind. What does not is a violation. */
async function settle(
  { config }: OwnShop,
  { databases, untilMs }: { databases: Databases; untilMs: number },
): Promise<Violation[]> {
  const connection = await Connection.connect({ address: config.temporal.address })
  const { workflow } = new Client({ connection, namespace: config.temporal.namespace })
  try {
    for (;;) {
      const left = await whatIsLeft(databases).catch((): string[] => ['the database does not answer'])
      const { count } = await workflow.count(
        'WorkflowType in ("placeOrder", "cancelOrder") and ExecutionStatus = "Running"',
      )
      if (count > 0) left.push(`${count} orders or cancellations whose workflow still runs`)
      if (left.length === 0) return []
      if (Date.now() > untilMs) {
        return left.map((detail) => ({ invariant: 'I13', subject: 'after the storm', detail }))
      }
      await sleep(1_000)
    }
  } finally {
    await connection.close()
  }
}

async function whatIsLeft({ catalog, order, inventory, shipping }: Databases): Promise<string[]> {
  const left: string[] = []
  const ask = async (db: Databases['order'], what: string, sql: string): Promise<void> => {
    const [row] = await rows<{ count: number }>(db, `select count(*) as count from ${sql}`)
    if (row && row.count > 0) left.push(`${row.count} ${what}`)
  }
  await ask(order, 'orders still waiting for payment', `orders.orders where status = 'pending_payment'`)
  await ask(order, 'cancellations under way', `orders.cancellations where ended_at is null`)
  await ask(shipping, 'parcels without a label', `shipping.shipments where status = 'pending'`)
  await ask(shipping, 'labels whose purchase nobody heard of', 'shipping.purchases')
  await ask(catalog, 'products not searchable as they are now', 'catalog.search_pending')
  for (const [db, schema] of [
    [catalog, 'catalog'],
    [order, 'orders'],
    [order, 'payments'],
    [inventory, 'inventory'],
    [shipping, 'shipping'],
  ] as const) {
    await ask(db, `events of ${schema} not relayed`, `${schema}.outbox where relayed_at is null`)
    await ask(db, `deliveries of ${schema} that wait`, `${schema}.failed_deliveries where parked_at is null`)
  }
  return left
}

const ledgerOf = async (double: string | undefined): Promise<Deed[]> => {
  if (double === undefined) throw new Error('This run needs the local doubles: leave the real providers out.')
  return (await (await fetch(`${double}/_control/ledger`)).json()) as Deed[]
}

/** I6, I8, I9, I11: the provider's ledger is the judge of our money. */
async function moneyAtTheProvider(
  { doubles }: OwnShop,
  orders: ReadonlyMap<string, Row>,
): Promise<Violation[]> {
  const intents = new Map<
    string,
    { orderId: string; captures: number; received: number; status: string; refunded: number }
  >()
  for (const { operation, id, detail } of await ledgerOf(doubles.stripe)) {
    const intentId = typeof detail['paymentIntent'] === 'string' ? detail['paymentIntent'] : id
    if (!intentId.startsWith('pi_')) continue
    const metadata = (detail['metadata'] ?? {}) as { order_id?: string }
    const known = intents.get(intentId) ?? { orderId: '', captures: 0, received: 0, status: '', refunded: 0 }
    if (metadata.order_id !== undefined) known.orderId = metadata.order_id
    if (operation === 'payment_intents.capture') known.captures += 1
    if (operation === 'refunds.create') known.refunded += Number(detail['amount'] ?? 0)
    else {
      known.received = Number(detail['received'] ?? known.received)
      if (typeof detail['status'] === 'string') known.status = detail['status']
    }
    intents.set(intentId, known)
  }
  const found: Violation[] = []
  const byOrder = new Map<string, number>()
  for (const [intentId, { orderId, captures, received, status, refunded }] of intents) {
    const off = (invariant: Violation['invariant'], detail: string): void => {
      found.push({ invariant, subject: orderId || intentId, detail: `${intentId}: ${detail}` })
    }
    byOrder.set(orderId, (byOrder.get(orderId) ?? 0) + (received - refunded))
    if (captures > 1) off('I8', `captured ${captures} times`)
    const order = orders.get(orderId)
    if (!order) off('I11', 'no such order')
    else if (isUnpaid(order.status) && status === 'requires_capture')
      off('I9', `the order is ${order.status}, the money is still held`)
  }
  for (const { id, status, paid, total, kept } of orders.values()) {
    const theirs = byOrder.get(id) ?? 0
    const off = (invariant: Violation['invariant'], detail: string): void => {
      found.push({ invariant, subject: id, detail: `it is ${status}; ${detail}` })
    }
    if (theirs !== kept) off('I11', `the provider keeps ${theirs}, our books ${kept}`)
    if (isUnpaid(status) && theirs !== 0) off('I9', `the provider keeps ${theirs}`)
    if (!isUnpaid(status) && (!paid || theirs > (total ?? 0))) off('I6', `${theirs} are kept of ${total}`)
  }
  return found
}

const isUnpaid = (status: string): boolean =>
  ['pending_payment', 'expired', 'rejected', 'cancelled'].includes(status)

/** I16: at most one label for each parcel, and no label of ours that nobody knows. */
async function labelsAtTheCarrier({ doubles }: OwnShop, { shipping }: Databases): Promise<Violation[]> {
  const alive = new Set<string>()
  for (const { operation, id } of await ledgerOf(doubles.easypost)) {
    if (operation === 'shipments.buy') alive.add(id)
    if (operation === 'shipments.refund') alive.delete(id)
  }
  const ours = await rows<{ id: string; carrier: string }>(
    shipping,
    `select id, carrier_shipment_id as carrier from shipping.shipments where status not in ('pending', 'closed')`,
  )
  const known = new Set(ours.map(({ carrier }) => carrier))
  return [
    ...[...alive]
      .filter((id) => !known.has(id))
      .map((id): Violation => ({ invariant: 'I16', subject: id, detail: 'a label that no parcel has' })),
    ...ours
      .filter(({ carrier }) => !alive.has(carrier))
      .map(({ id }): Violation => ({ invariant: 'I16', subject: id, detail: 'its label was never bought' })),
  ]
}

/** I15: one confirmation for each paid order (the same Message-ID again after a crash counts once), none for another. */
async function mailsSent({ doubles }: OwnShop, orders: ReadonlyMap<string, Row>): Promise<Violation[]> {
  const confirmed = new Set<string>()
  for (const { operation, detail } of await ledgerOf(doubles.mail)) {
    const [, orderId] = /^<confirmation\.(ord_[^@]+)@/.exec(String(detail['messageId'])) ?? []
    if (operation === 'smtp.data' && orderId !== undefined) confirmed.add(orderId)
  }
  return [...orders.values()].flatMap(({ id, status, paid }): Violation[] => {
    if (paid === confirmed.has(id)) return []
    const detail = confirmed.has(id)
      ? `it is ${status}, and its customer was told that it is confirmed`
      : 'no confirmation was sent'
    return [{ invariant: 'I15', subject: id, detail }]
  })
}

/** Nothing that a customer was told is taken back: who read "confirmed" has a confirmed order. */
function promisesKept(told: readonly Told[], orders: ReadonlyMap<string, Row>): Violation[] {
  return told.flatMap(({ orderId, last, behaviour }): Violation[] => {
    if (orderId === null) return []
    const status = orders.get(orderId)?.status ?? 'gone'
    // Who asked for a cancellation reads it on its way; it is done, or the parcel was faster and he was told.
    const asked =
      behaviour.startsWith('cancels') && ['cancelled', 'shipped', 'delivered', 'confirmed'].includes(status)
    const paid = last === 'confirmed' || last === 'shipped' || last === 'delivered'
    if (asked || paid === !isUnpaid(status) || (!paid && last === 'pending_payment')) return []
    return [
      {
        invariant: 'I14',
        subject: orderId,
        detail: `a customer who ${behaviour} read ${last}; it is ${status}`,
      },
    ]
  })
}

export function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
