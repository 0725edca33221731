import { paymentStep } from '../domain/provider-events.ts'
import type { EventStep, PaymentBooks } from '../domain/provider-events.ts'
import type { NewsDesk } from '../gateways/news-desk.ts'
import type { Db } from '../store/db.ts'
import { booksOf } from '../store/payment-books.ts'
import type { StoredEvent } from '../store/provider-events.ts'
import type { Route, Verdict } from './router.ts'

/**
 * Routes what the payment provider tells (flows.md §3): most of it our own calls have booked already, and it is filed; what an order
 * waits for rings at its workflow; what our books lack is looked up and booked by a workflow of its own.
 */
export function routePayments({ db, news }: { db: Db; news: NewsDesk }): Route {
  return async (events, nowMs) => {
    const books = await booksOf(db, {
      intentIds: [...new Set(events.flatMap(({ subject }) => subject ?? []))],
      orderIds: [...new Set(events.flatMap(({ orderId }) => orderId ?? []))],
    })
    const verdicts: Verdict[] = []
    // One step a payment and round: what the first event leads to may be all that the others tell.
    const busy = new Set<string>()
    for (const event of events) {
      const payment = booksFor(event, books)
      const step = paymentStep(event, { books: payment, ageMs: nowMs - Date.parse(event.receivedAt) })
      const acts = step.step === 'tell' || step.step === 'settle'
      if (!payment || !acts) verdicts.push(resting(event, step))
      else if (busy.has(payment.orderId)) verdicts.push(waits(event, 'an earlier event is being looked into'))
      else {
        busy.add(payment.orderId)
        verdicts.push(await acted({ event, step, payment, news }))
      }
    }
    return verdicts
  }
}

/** By the provider's own id, else by ours in its metadata. */
function booksFor({ subject, orderId }: StoredEvent, books: readonly PaymentBooks[]): PaymentBooks | null {
  const byIntent = books.find(({ intentId }) => intentId !== null && intentId === subject)
  if (byIntent) return byIntent
  // Our order, but its intent is another one or not remembered yet: that is not the payment that this tells of.
  const byOrder = books.find((each) => each.orderId === orderId)
  return byOrder && subject === null ? byOrder : null
}

function resting(event: StoredEvent, step: EventStep): Verdict {
  if (step.step === 'file') return { eventId: event.eventId, verdict: 'filed' }
  return waits(event, step.step === 'wait' ? step.why : 'no payment of ours has this id (yet)')
}

const waits = ({ eventId }: StoredEvent, why: string): Verdict => ({ eventId, verdict: 'waits', why })

async function acted({
  event,
  step,
  payment,
  news,
}: {
  event: StoredEvent
  step: EventStep
  payment: PaymentBooks
  news: NewsDesk
}): Promise<Verdict> {
  const { eventId, topic, objectId, replays } = event
  const { orderId } = payment
  try {
    let orphaned = false
    if (step.step === 'tell') {
      const { attempt, outcome } = step
      const told = await news.tell({ orderId, news: { attempt, outcome, eventId } })
      if (told === 'told') return { eventId, verdict: 'routed', to: `place-order:${orderId}` }
      orphaned = true
    }
    if (topic === null) return { eventId, verdict: 'filed' }
    const to = await news.settle({ eventId, topic, objectId, orderId, orphaned, replays })
    return { eventId, verdict: 'routed', to }
  } catch (error) {
    return waits(event, error instanceof Error ? error.message : String(error))
  }
}
