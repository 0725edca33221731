import { moneyViolations, reservationViolations, timelineViolations } from '../domain/invariants.ts'
import type { OrderFacts, Violation } from '../domain/invariants.ts'
import type { OrderId } from '../domain/ids.ts'
import { journalViolations, missingAtProvider, providerViolations } from '../domain/provider-books.ts'
import type { TheirPayment } from '../domain/provider-books.ts'
import type { Stories } from '../gateways/flows/stories.ts'
import type { PaymentGateway } from '../gateways/stripe.ts'
import type { Db } from '../store/db.ts'
import {
  orderFacts,
  outboxViolations,
  purchaseViolations,
  paymentFacts,
  stockFacts,
  stockViolations,
  totalViolations,
} from '../store/invariants.ts'
import { flagOrder } from '../store/order-steps.ts'
import { fileFindings, paymentsWithJournals, unended } from '../store/reconciliation.ts'
import type { Run } from '../store/reconciliation.ts'

/** Of an order, what its stock is compared with. */
export type ToReserve = Pick<OrderFacts, 'orderId' | 'status' | 'lines'>

/** The clock by which holds are judged, and the time before which every event must have been relayed; ISO 8601. */
interface Clock {
  readonly now: string
  readonly relayedBefore: string
}

/** What each service says of its own books. They report; none of them ever repairs anything. */
export function orderReconcileActivities({
  db,
  stripe,
  stories,
}: {
  db: Db
  stripe: PaymentGateway
  stories: Stories
}) {
  return {
    /** I6, I9, I10, I12 and our own journal, of a page of orders; with what the inventory is to compare. */
    async judgeOrders({
      after,
      limit,
    }: {
      after: string
      limit: number
    }): Promise<{ violations: Violation[]; orders: ToReserve[]; last: string | null }> {
      const orders = await orderFacts(db, { after, limit })
      const orderIds = orders.map(({ orderId }) => orderId)
      const payments = new Map((await paymentFacts(db, orderIds)).map((each) => [each.orderId, each]))
      const books = orderIds.length === 0 ? [] : await paymentsWithJournals(db, { orderIds, limit })
      return {
        violations: [
          ...orders.flatMap((order) => timelineViolations(order)),
          ...orders.flatMap((order) => moneyViolations(order, payments.get(order.orderId))),
          ...books.flatMap((book) => journalViolations(book)),
        ],
        orders: orders.map(({ orderId, status, lines }) => ({ orderId, status, lines })),
        last: orders.length < limit ? null : (orderIds.at(-1) ?? null),
      }
    },

    /** I7 and I14 of this service. */
    async judgeOrderBooks({ relayedBefore: before }: Clock): Promise<Violation[]> {
      return [
        ...(await totalViolations(db)),
        ...(await outboxViolations(db, { schema: 'orders', before })),
        ...(await outboxViolations(db, { schema: 'payments', before })),
      ]
    },

    /** I11: every payment that the provider has from that time on, against our books, and the other way round. */
    async judgeProvider({
      createdAfter,
    }: {
      createdAfter: string
    }): Promise<{ violations: Violation[]; payments: number }> {
      const their = await allPayments(stripe, createdAfter)
      const known = new Set(their.map(({ intentId }) => intentId))
      const violations: Violation[] = []
      for (const page of pages(their, 200)) {
        const orderIds = page.flatMap(({ orderId }) => orderId ?? [])
        const ours = await paymentsWithJournals(db, { orderIds, limit: 200 })
        const byOrder = new Map(ours.map((our) => [our.orderId, our]))
        for (const each of page) {
          violations.push(
            ...providerViolations(each, each.orderId === null ? undefined : byOrder.get(each.orderId)),
          )
        }
      }
      for (let after: OrderId | '' | undefined = ''; after !== undefined;) {
        const ours = await paymentsWithJournals(db, { createdAfter, after, limit: 500 })
        violations.push(
          ...ours
            .filter(({ intentId }) => intentId !== null && !known.has(intentId))
            .map((our) => missingAtProvider(our)),
        )
        after = ours.length < 500 ? undefined : ours.at(-1)?.orderId
      }
      return { violations, payments: their.length }
    },

    /** I13: what has not ended has a workflow that will end it, and in time. */
    async judgeStories({ now }: Clock): Promise<Violation[]> {
      const found: Violation[] = []
      for (const { orderId, what, workflowId, overdue } of await unended(db, { now, limit: 1_000 })) {
        const off = (detail: string): Violation => ({ invariant: 'I13', subject: orderId, detail })
        if (overdue) found.push(off(`${what}, and should have ended`))
        else if ((await stories.readStory(workflowId))?.status !== 'running') {
          found.push(off(`${what}, and ${workflowId} does not run`))
        }
      }
      return found
    },

    /** Keeps what was found, and asks an admin to look at the orders that it is about. */
    async fileFindings(found: Run & { violations: readonly Violation[] }): Promise<{ open: number }> {
      const filed = await fileFindings(db, found)
      for (const { subject, invariant, detail } of found.violations) {
        if (!subject.startsWith('ord_')) continue
        await flagOrder(db, {
          orderId: subject as OrderId,
          reason: `reconciliation, ${invariant}: ${detail}`,
        })
      }
      return filed
    },
  }
}

export function inventoryReconcileActivities({ db }: { db: Db }) {
  return {
    /** I1 to I4, and I14 of the inventory. */
    async judgeStock({ now, relayedBefore: before }: Clock): Promise<Violation[]> {
      return [
        ...(await stockViolations(db, { now })),
        ...(await outboxViolations(db, { schema: 'inventory', before })),
      ]
    },

    /** I5: what is reserved for these orders against what is left of them. */
    async judgeReservations({ orders }: { orders: readonly ToReserve[] }): Promise<Violation[]> {
      const facts = await stockFacts(
        db,
        orders.map(({ orderId }) => orderId),
      )
      const stock = new Map(facts.map((each) => [each.orderId, each]))
      return orders.flatMap((order) => reservationViolations(order, stock.get(order.orderId)))
    },
  }
}

export function shippingReconcileActivities({ db }: { db: Db }) {
  return {
    /** I14 and I16 of shipping. */
    async judgeParcels({ now, relayedBefore: before }: Clock): Promise<Violation[]> {
      return [
        ...(await purchaseViolations(db, { now })),
        ...(await outboxViolations(db, { schema: 'shipping', before })),
      ]
    },
  }
}

async function allPayments(stripe: PaymentGateway, createdAfter: string): Promise<TheirPayment[]> {
  const found: TheirPayment[] = []
  for (;;) {
    const last = found.at(-1)?.intentId
    const page = await stripe.listIntents({
      createdAfter,
      ...(last !== undefined && { startingAfter: last }),
    })
    found.push(...page.intents)
    if (!page.hasMore || page.intents.length === 0) return found
  }
}

function pages<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
}
