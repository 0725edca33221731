/** Whether the books of a shop are in order once it has come to rest: the invariants as SQL, and the doubles' own ledgers. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { findViolations } from '../../activities/reconcile.ts'
import type { OrderStatus } from '../../domain/orders.ts'
import { createStripeGateway } from '../../gateways/stripe.ts'
import { rows } from '../../store/db.ts'
import type { Databases } from '../../store/db.ts'
import type { TestShop } from './shop.ts'

const paid: readonly OrderStatus[] = ['confirmed', 'shipped', 'delivered']

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
async function underWay({ databases, temporal }: TestShop): Promise<string[]> {
  const { order, inventory, shipping, notification } = databases
  const running = await temporal.client.workflow.count(
    `WorkflowType = 'placeOrder' and ExecutionStatus = 'Running'`,
  )
  const counts = [
    ['running workflows', running.count],
    ['open orders', await count(order, `orders.orders where status = 'pending_payment'`)],
    ['holds', await count(inventory, `inventory.holds where status = 'held'`)],
    ['parcels without a label', await count(shipping, `shipping.shipments where status = 'pending'`)],
    ['mails', await count(notification, `notifications.mails where status = 'sending'`)],
    ...(await Promise.all(
      (['catalog', 'orders', 'payments', 'inventory', 'shipping', 'notifications'] as const).map(
        async (schema): Promise<[string, number]> => [
          `events of ${schema}`,
          await count(
            order,
            `${schema}.outbox as o left join ${schema}.failed_deliveries as f using (event_id)
             where o.relayed_at is null or f.next_at is not null`,
          ),
        ],
      ),
    )),
  ] as const
  return counts.flatMap(([what, left]) => (left > 0 ? [`${left} ${what}`] : []))
}

async function count(db: Databases['order'], from: string): Promise<number> {
  const [found] = await rows<{ count: number }>(db, `select count(*) as count from ${from}`)
  return found?.count ?? 0
}

interface PaidOrder {
  readonly id: string
  readonly status: OrderStatus
  readonly totalMinor: number | null
}

/** The payment provider's own ledger is the judge: one capture of the total for each paid order, and nothing else kept or held. */
async function assertMoneyAgrees({ databases, stripe, config }: TestShop): Promise<void> {
  const orders = await rows<PaidOrder>(
    databases.order,
    `select id, status, total_minor as "totalMinor" from orders.orders`,
  )
  const expected = orders.filter(({ status }) => paid.includes(status))
  const captures = (await stripe.deeds('payment_intents.capture')).map(({ detail }) => [
    (detail['metadata'] as { order_id: string }).order_id,
    detail['captured'],
  ])
  assert.deepEqual(
    captures.sort(byFirst),
    expected.map(({ id, totalMinor }) => [id, totalMinor]).sort(byFirst),
    'one capture of the total for each paid order',
  )
  const gateway = createStripeGateway(config.stripe)
  const { intents, hasMore } = await gateway.listIntents({ createdAfter: new Date(0).toISOString() })
  assert.ok(!hasMore || orders.length > intents.length)
  assert.deepEqual(
    intents.filter(({ status }) => status === 'authorized'),
    [],
    'no card is held for an order that is paid or has ended',
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
