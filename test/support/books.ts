/** Whether the books of a shop are in order once it has come to rest: the invariants as SQL, and the doubles' own ledgers. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { findViolations } from './violations.ts'
import { createStripeGateway } from '../../gateways/stripe.ts'
import type { IntentState, PaymentGateway } from '../../gateways/stripe.ts'
import { rows } from '../../store/db.ts'
import type { Databases } from '../../store/db.ts'
import type { TestShop } from './shop.ts'

/** Whose database has which outbox. */
const announcing = [
  ['catalog', 'catalog'],
  ['orders', 'order'],
  ['payments', 'order'],
  ['inventory', 'inventory'],
  ['shipping', 'shipping'],
  ['notifications', 'notification'],
] as const

/** Longer than anything that is not stuck takes on a busy machine; a shop at rest is found within a moment. */
const patienceMs = 60_000

/** Waits until nothing is under way any more, and asserts that everything adds up: stock, money, events, labels, mails. */
export async function assertSettled(shop: TestShop): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (let busy = await underWay(shop); busy.length > 0; busy = await underWay(shop)) {
    assert.ok(Date.now() < deadline, `The shop has not come to rest: ${busy.join(', ')}`)
    await sleep(100)
  }
  const now = new Date().toISOString()
  assert.deepEqual(await findViolations(shop.databases, { now, relayedBefore: now }), [])
  await assertMoneyAgrees(shop)
  await assertOneLabelAndMailEach(shop)
}

/** What is still to be done, in words. Parcels that are on their way do not count: an order may wait for them for days. */
async function underWay({
  databases,
  temporal,
}: Pick<TestShop, 'databases' | 'temporal'>): Promise<string[]> {
  const { order, inventory, shipping, notification } = databases
  const running = await temporal.client.workflow.count(
    `WorkflowType in ('placeOrder', 'cancelOrder') and ExecutionStatus = 'Running'`,
  )
  const counts = [
    ['running workflows', running.count],
    ['open orders', await count(order, `orders.orders where status = 'pending_payment'`)],
    ['holds', await count(inventory, `inventory.holds where status = 'held'`)],
    ['cancellations', await count(order, `orders.cancellations where ended_at is null`)],
    ['parcels without a label', await parcelsToCome({ order, shipping })],
    ['mails', await count(notification, `notifications.mails where status = 'sending'`)],
    ...(await Promise.all(
      announcing.map(async ([schema, owner]): Promise<[string, number]> => {
        const from = `${schema}.outbox as o left join ${schema}.failed_deliveries as f using (event_id)`
        const left = await count(
          databases[owner],
          `${from} where o.relayed_at is null or f.next_at is not null`,
        )
        return [`events of ${schema}`, left]
      }),
    )),
  ] as const
  return counts.flatMap(([what, left]) => (left > 0 ? [`${left} ${what}`] : []))
}

/** A parcel whose label was refused for good does not count: an admin was asked to look. */
async function parcelsToCome({ order, shipping }: Pick<Databases, 'order' | 'shipping'>): Promise<number> {
  const pending = await rows<{ orderId: string }>(
    shipping,
    `select order_id as "orderId" from shipping.shipments where status = 'pending'`,
  )
  const flagged = await rows<{ id: string }>(order, 'select id from orders.orders where needs_attention')
  const known = new Set(flagged.map(({ id }) => id))
  return pending.filter(({ orderId }) => !known.has(orderId)).length
}

async function count(db: Databases['order'], from: string): Promise<number> {
  const [found] = await rows<{ count: number }>(db, `select count(*) as count from ${from}`)
  return found?.count ?? 0
}

/** Lets time pass for whoever works in the place of a killed process: what that one had taken for itself is free at once. */
export async function passLeases(databases: Databases): Promise<void> {
  for (const [schema, owner] of announcing) {
    const db = databases[owner]
    await db.raw(`update ${schema}.outbox set leased_until = now() where leased_until > now()`)
    await db.raw(`update ${schema}.failed_deliveries set next_at = now() where next_at > now()`)
  }
  for (const [schema, owner] of [
    ['payments', 'order'],
    ['shipping', 'shipping'],
  ] as const) {
    await databases[owner].raw(`update ${schema}.provider_events set next_at = now() where next_at > now()`)
  }
}

interface PaidOrder {
  readonly id: string
  readonly totalMinor: number | null
  readonly kept: number
}

/** The payment provider's own ledger is the judge: one capture of the total for each paid order, and nothing else kept or held. */
async function assertMoneyAgrees({ databases, stripe, config }: TestShop): Promise<void> {
  const orders = await rows<PaidOrder>(
    databases.order,
    `select o.id, o.total_minor as "totalMinor", coalesce(p.captured_minor - p.refunded_minor, 0) as kept
     from orders.orders as o left join payments.payments as p on p.order_id = o.id
     where o.confirmed_at is not null`,
  )
  const captures = (await stripe.deeds('payment_intents.capture')).map(({ detail }) => [
    (detail['metadata'] as { order_id: string }).order_id,
    detail['captured'],
  ])
  const charged = orders.filter(({ totalMinor }) => totalMinor !== 0)
  assert.deepEqual(
    captures.sort(byFirst),
    charged.map(({ id, totalMinor }) => [id, totalMinor]).sort(byFirst),
    'one capture of the total for each order that was ever paid',
  )
  const intents = await intentsAt(createStripeGateway(config.stripe))
  assert.deepEqual(
    intents.filter(({ status }) => status === 'authorized'),
    [],
    'no card is held for an order that is paid or has ended',
  )
  assert.deepEqual(
    intents
      .filter(({ status }) => status === 'captured')
      .map(({ orderId, receivedMinor, refundedMinor }) => [orderId, receivedMinor - refundedMinor])
      .sort(byFirst),
    charged.map(({ id, kept }) => [id, kept]).sort(byFirst),
    'the provider keeps what our books say, and nothing else',
  )
  await assertOneIntentEach(databases.order, intents)
}

async function intentsAt(gateway: PaymentGateway): Promise<IntentState[]> {
  const all: IntentState[] = []
  for (let startingAfter: string | undefined; ;) {
    const createdAfter = new Date(0).toISOString()
    const { intents, hasMore } = await gateway.listIntents({
      createdAfter,
      ...(startingAfter !== undefined && { startingAfter }),
    })
    all.push(...intents)
    startingAfter = intents.at(-1)?.intentId
    if (!hasMore || startingAfter === undefined) return all
  }
}

/** I11: the payment provider knows of the payments in our books, and of no other that bears the name of an order of ours. */
export async function assertOneIntentEach(
  db: Databases['order'],
  intents: readonly Pick<IntentState, 'intentId' | 'orderId'>[],
): Promise<void> {
  const ours = await rows<{ intentId: string; orderId: string }>(
    db,
    `select intent_id as "intentId", order_id as "orderId" from payments.payments where intent_id is not null`,
  )
  assert.deepEqual(
    intents.map(({ orderId, intentId }) => [orderId, intentId]).sort(byFirst),
    ours.map(({ orderId, intentId }) => [orderId, intentId]).sort(byFirst),
    'one payment at the provider for each order that was to be paid, and it is the one in our books',
  )
}

/** At most one label that was bought and not given back for each parcel, and one mail of each kind under one Message-ID. */
async function assertOneLabelAndMailEach({ databases, carrier, mailbox }: TestShop): Promise<void> {
  const parcels = await count(
    databases.shipping,
    `shipping.shipments where status not in ('pending', 'closed')`,
  )
  const bought = (await carrier.deeds('shipments.buy')).length
  const returned = (await carrier.deeds('shipments.refund')).length
  assert.equal(bought - returned, parcels, 'one live label for each parcel')

  const sent = await rows<{ messageId: string }>(
    databases.notification,
    `select message_id as "messageId" from notifications.mails where status = 'sent' order by 1`,
  )
  const delivered = (await mailbox.deeds('smtp.data')).map(({ detail }) => detail['messageId'])
  // A crash between the mail server's yes and our note of it sends a mail again, under the same id (invariant I15).
  assert.deepEqual(
    [...new Set(delivered)].sort(),
    sent.map(({ messageId }) => messageId),
    'every mail that we booked as sent is in the mailbox, and no other',
  )
}

const byFirst = ([one]: readonly unknown[], [other]: readonly unknown[]): number =>
  String(one) < String(other) ? -1 : 1
