import { cancellationActivities } from '../../activities/cancellations.ts'
import { refundActivities } from '../../activities/refunds.ts'
import { reshipActivities } from '../../activities/reships.ts'
import { orderActivities } from '../../activities/orders.ts'
import type { OrderId } from '../../domain/ids.ts'
import { Refusal, refusalData } from '../../domain/refusals.ts'
import type { Answer, Flows } from '../../gateways/flows.ts'
import type { Databases } from '../../store/db.ts'
import { availabilityOf } from '../../store/inventory.ts'
import { readOrder } from '../../store/orders.ts'
import type { Card, Checkout, Standing } from '../../workflows/contract.ts'
import { aRate } from './factories.ts'
import { reshipHere } from './reshipping.ts'
import { fakeStockFlows } from './fake-stock-flows.ts'

export interface FakeFlows extends Flows {
  /** Temporal cannot be reached while this is true. */
  down: boolean
  /** Answers `undecided` while this is true; the work is done all the same. */
  slow: boolean
  /** Runs before an order is opened, such as to hold a request in the middle of its work. */
  before: () => Promise<void>
  /** What was asked, by the name of the method. */
  readonly asked: { readonly method: string; readonly orderId: OrderId; readonly updateId?: string }[]
  /** How many orders were really opened. */
  opened: number
}

/**
 * Stands in for the workflow `place-order`, in this process and without Temporal: it does the order service's own steps on the real
 * database, keeps one answer per update id like Temporal does, and decides about cards by Stripe's names for test cards.
 */
export function fakeFlows(databases: Databases): FakeFlows {
  const orders = orderActivities({
    db: databases.order,
    orderUrl: (orderId) => `http://localhost/orders/${orderId}`,
  })
  const cancellations = cancellationActivities({ db: databases.order })
  const refunds = refundActivities({ db: databases.order })
  const answers = new Map<string, Promise<Standing>>()
  const openings = new Map<OrderId, Promise<Standing>>()
  const running = new Set<OrderId>()
  const closed = new Set<OrderId>()

  const flows: FakeFlows = {
    down: false,
    slow: false,
    before: async () => {},
    asked: [],
    opened: 0,
    placeOrder: async ({ orderId, checkout, updateId }) => {
      ask('placeOrder', orderId, updateId)
      if (closed.has(orderId) && !answers.has(`${orderId} ${updateId}`)) return { outcome: 'closed' }
      return inTime(
        remembered(orderId, updateId, async () => {
          const opening = openings.get(orderId)
          if (!opening) {
            running.add(orderId)
            const begun = open(orderId, checkout)
            openings.set(orderId, begun)
            return begun
          }
          // Letters are read one after the other, and what ends the order answers all of them.
          const first = await opening
          if (first.outcome === 'refused' && !first.open) return first
          return checkout.payment ? pay(orderId, checkout.payment) : { outcome: 'pending_payment' }
        }),
      )
    },
    submitPayment: async ({ orderId, card, updateId }) => {
      ask('submitPayment', orderId, updateId)
      if (!running.has(orderId)) return { outcome: 'closed' }
      return inTime(remembered(orderId, updateId, () => pay(orderId, card)))
    },
    readVerdict: async (orderId) => {
      ask('readVerdict', orderId)
      const [, answer] = [...answers].findLast(([name]) => name.startsWith(`${orderId} `)) ?? []
      return closed.has(orderId) && answer ? answer : null
    },
    letGo: async ({ orderId, actor, reason }) => {
      ask('letGo', orderId)
      if (!running.has(orderId)) return
      end(orderId)
      await orders.abandonOrder({ orderId, ending: 'cancelled', actor, reason, cause: 'test' })
    },
    stock: fakeStockFlows(databases),
    cancelOrder: async ({ cancellationId, request }) => {
      ask('cancelOrder', request.orderId, cancellationId)
      const begin = { ...request, cancellationId }
      try {
        const { outcome } = await cancellations.beginCancellation(begin)
        if (outcome === 'begun') return flows.slow ? { outcome: 'undecided' } : { outcome: 'accepted' }
        if (outcome === 'already') return { outcome: 'already' }
        const { orderId, actor, reason } = request
        await flows.letGo({ orderId, actor, reason })
        return { outcome: 'cancelled' }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { outcome: 'refused', refusal: refusalData(error) }
      }
    },
    refundOrder: async ({ refundId, request }) => {
      ask('refundOrder', request.orderId, refundId)
      try {
        const { amountMinor } = await refunds.openRefund({ ...request, refundId })
        return flows.slow ? { outcome: 'undecided' } : { outcome: 'accepted', amountMinor }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { outcome: 'refused', refusal: refusalData(error) }
      }
    },
    reshipOrder: async ({ reshipId, request }) => {
      ask('reshipOrder', request.orderId, reshipId)
      try {
        return await reshipHere(databases, { ...request, reshipId })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        await reshipActivities({ db: databases.order }).dropReship({ reshipId, refusal: refusalData(error) })
        return { outcome: 'refused', refusal: refusalData(error) }
      }
    },
    readStory: async (workflowId) => ({
      ...{ workflowId, status: 'completed', startedAt: '2026-01-01T00:00:00.000Z', endedAt: null },
    }),
    close: async () => {},
  }
  return flows

  function ask(method: string, orderId: OrderId, updateId?: string): void {
    if (flows.down) throw Object.assign(new Error('no connection'), { name: 'FlowsUnavailable' })
    flows.asked.push({ method, orderId, ...(updateId !== undefined && { updateId }) })
  }

  async function inTime(standing: Promise<Standing>): Promise<Answer> {
    return flows.slow ? { outcome: 'undecided' } : standing
  }

  function remembered(orderId: OrderId, updateId: string, work: () => Promise<Standing>): Promise<Standing> {
    const name = `${orderId} ${updateId}`
    const answer = answers.get(name) ?? work()
    answers.set(name, answer)
    return answer
  }

  function end(orderId: OrderId): void {
    running.delete(orderId)
    closed.add(orderId)
  }

  async function open(orderId: OrderId, checkout: Checkout): Promise<Standing> {
    await flows.before()
    const { cause, expectedTotalMinor, payment } = checkout
    const now = Date.now()
    const [placedAt, expiresAt] = [new Date(now).toISOString(), new Date(now + 900_000).toISOString()]
    try {
      const { lines } = await orders.openOrder({ orderId, ...checkout, placedAt, expiresAt })
      const available = await availabilityOf(
        databases.inventory,
        lines.map((line) => line.sku),
      )
      const shortages = lines
        .map(({ sku, quantity }) => ({ sku, wanted: quantity, available: available.get(sku) ?? 0 }))
        .filter((line) => line.available < line.wanted)
      if (shortages.length > 0)
        throw new Refusal('stock.insufficient', 'There is not enough in stock.', { shortages })
      await orders.priceOrder({ orderId, rate: checkout.rate ?? aRate(), expectedTotalMinor })
      flows.opened += 1
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      end(orderId)
      await orders.abandonOrder({ orderId, ending: 'rejected', actor: 'system', reason: error.detail, cause })
      return { outcome: 'refused', refusal: refusalData(error), open: false }
    }
    return payment ? pay(orderId, payment) : { outcome: 'pending_payment' }
  }

  async function pay(orderId: OrderId, { paymentMethod, cause }: Card): Promise<Standing> {
    if (paymentMethod === 'pm_card_visa_chargeDeclined') {
      const facts = { orderId, reason: 'card_declined', triesLeft: 4 }
      const refusal = {
        code: 'payment.declined',
        detail: 'The card was declined; try another one.',
        facts,
      } as const
      return { outcome: 'refused', refusal, open: true }
    }
    if (paymentMethod === 'pm_card_authenticationRequired') {
      return {
        outcome: 'action_required',
        action: { kind: 'redirect', url: 'https://bank.example/challenge' },
      }
    }
    if (paymentMethod === 'pm_unlucky') {
      end(orderId)
      await orders.abandonOrder({ orderId, ending: 'rejected', actor: 'system', reason: 'no answer', cause })
      const refusal = {
        code: 'service.unavailable',
        detail: 'A part of the shop did not answer.',
        facts: {},
      } as const
      return { outcome: 'refused', refusal, open: false }
    }
    const order = await readOrder(databases.order, orderId)
    await orders.confirmOrder({ orderId, parcels: 1, paidMinor: order?.totals?.totalMinor ?? 0, cause })
    end(orderId)
    return { outcome: 'confirmed' }
  }
}
