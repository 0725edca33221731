import type { OrderId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import { Refusal } from '../domain/refusals.ts'
import type { Authorization, IntentState, PaymentGateway } from '../gateways/stripe.ts'
import { noteAttempt, openPayment, readPayment, shutPayment, writeJournal } from '../store/payments.ts'
import type { Payment } from '../store/payments.ts'
import { bookAuthorization, bookCapture, bookLostCapture, refundWhole } from './payments/books.ts'
import type { PaymentServices } from './payments/books.ts'
import { refundPayment } from './payments/refund.ts'
import type { RefundAsked, Refunded } from './payments/refund.ts'
import { bookNews } from './payments/news.ts'
import type { PaymentNews } from './payments/news.ts'

export interface AuthorizePayment {
  readonly orderId: OrderId
  readonly total: Money
  /** Numbers the customer's tries, from 1; never an activity's retries. */
  readonly attempt: number
  readonly paymentMethod: string
  readonly returnUrl: string
  readonly cause: string
  /** Whether what the bank says yes to is taken in the same step (docs/decisions/fewer-steps.md). */
  readonly captureAtOnce?: boolean
}

/** What became of a try; `captured`: the money is taken already, and `capturePayment` has nothing left to do. */
export type Tried = Authorization & { readonly captured?: boolean }

export interface LookUpPayment {
  readonly orderId: OrderId
  readonly total: Money
  /** The newest try. */
  readonly attempt: number
  readonly cause: string
}

/**
 * Money, at the provider and in our books. Every call carries a key made of our own id, the provider's id is stored before it is
 * used, and no database lock is held while the provider is asked (rivals.md: Saleor PR#11069).
 */
export function paymentActivities({ db, stripe }: PaymentServices) {
  const letGo = async (asked: { orderId: OrderId; cause: string }): Promise<void> =>
    returnPayment({ db, stripe }, asked)
  return {
    /**
     * Holds the total on the customer's card, and takes it if it is told to. A decline is an answer: the customer may try another
     * card.
     */
    async authorizePayment(input: AuthorizePayment): Promise<Tried> {
      const { orderId, attempt, paymentMethod, returnUrl, cause } = input
      const payment = await openPayment(db, input)
      if (payment.status === 'voided') throw letGoAlready(orderId)
      const intentId = payment.intentId ?? (await createIntent(stripe, input))
      await noteAttempt(db, { orderId, attempt, paymentMethod, intentId })

      const idempotencyKey = `authorize:${orderId}:${attempt}`
      const asked = await stripe.confirm({ intentId, paymentMethod, returnUrl, idempotencyKey })
      const answer = await booked({ db, stripe }, { ...input, intentId, answer: asked })
      if (answer.outcome !== 'authorized' || !input.captureAtOnce) return answer

      const { captureBefore } = answer
      const held = { ...payment, intentId, captureBefore }
      // Whatever stands in the way: `capturePayment` meets it again, tries it without end, and says why.
      const captured = await capture({ db, stripe }, { payment: held, cause }).then(
        () => true,
        () => false,
      )
      return { ...answer, captured }
    },

    /**
     * What became of the newest try, asked of the provider: after a challenge nobody else's word counts, be it a webhook's or the
     * customer's. Running it twice books it once.
     */
    async lookUpPayment(input: LookUpPayment): Promise<Authorization> {
      const payment = await readPayment(db, input.orderId)
      if (payment?.status === 'voided') throw letGoAlready(input.orderId)
      if (!payment?.intentId) throw new Error(`Order ${input.orderId} has no payment to look up.`)
      const { intentId } = payment
      const answer = authorizationIn(await stripe.retrieveIntent(intentId))
      return booked({ db, stripe }, { ...input, intentId, answer })
    },

    /**
     * The pivot: takes the money that is held. Refuses with `payment.capture_refused` only when the provider says for good that
     * it cannot be had (the authorization expired or was cancelled there); anything unclear is a fault, and is tried again. What the
     * provider still lets us take after its own deadline is taken, and an admin is told.
     */
    async capturePayment({ orderId, cause }: { orderId: OrderId; cause: string }): Promise<void> {
      const payment = await readPayment(db, orderId)
      if (payment?.status === 'captured') return
      if (!payment) throw new Error(`Order ${orderId} has no payment that could be captured.`)
      await capture({ db, stripe }, { payment, cause })
    },

    /** The undo of paying: whatever became of the payment, nothing of it is left. */
    returnPayment: letGo,

    /** Gives money of a captured payment back, once by the refund's id (`activities/payments/refund.ts`). */
    async refundPayment(asked: RefundAsked): Promise<Refunded> {
      return refundPayment({ db, stripe }, asked)
    },

    /** Brings our books to what the provider says now, after it told us that something happened. */
    async bookProviderNews(news: PaymentNews): Promise<{ done: string }> {
      return bookNews({ db, stripe, letGo }, news)
    },
  }
}

/** Takes what is held, once however often it is asked. Refuses with `payment.capture_refused` when it is gone for good. */
async function capture(
  { db, stripe }: PaymentServices,
  { payment, cause }: { payment: Payment; cause: string },
): Promise<void> {
  const { orderId, intentId } = payment
  if (intentId === null) throw new Error(`The payment of ${orderId} was never begun at the provider.`)
  const answer = await stripe.capture({ intentId, idempotencyKey: `capture:${orderId}` })
  if (answer.outcome === 'refused') {
    throw new Refusal('payment.capture_refused', 'The card’s authorization is gone.', { code: answer.code })
  }
  await bookCapture(db, { payment, cause, ...answer })
}

/** Looks first, then voids or refunds. */
async function returnPayment(
  services: PaymentServices,
  { orderId, cause }: { orderId: OrderId; cause: string },
): Promise<void> {
  const { db, stripe } = services
  const payment = await shutPayment(db, orderId)
  if (payment.intentId === null || payment.status === 'refunded') return
  if (payment.status === 'captured') return refundWhole(services, { payment, cause })

  const intentId = payment.intentId
  const answer = await stripe.cancel({ intentId, idempotencyKey: `void:${orderId}` })
  if (answer.outcome === 'captured') {
    // The capture went through but its answer was lost: our books learn of it first, then it is given back.
    await bookLostCapture(services, { payment, cause })
    return refundWhole(services, { payment, cause })
  }
  if (payment.authorizedMinor === 0) return
  const at = new Date().toISOString()
  const amountMinor = payment.authorizedMinor
  await writeJournal(db, { orderId, kind: 'voided', amountMinor, reference: intentId, at, cause })
}

const letGoAlready = (orderId: OrderId): Refusal =>
  new Refusal('hold.expired', 'This order was let go before it was paid.', { orderId })

async function createIntent(stripe: PaymentGateway, { orderId, total }: AuthorizePayment): Promise<string> {
  const { intentId } = await stripe.createIntent({ orderId, total, idempotencyKey: `intent:${orderId}` })
  return intentId
}

/** Books what the bank said and hands it on. An order that was let go while the bank was asked gets its money back at once. */
async function booked(
  { db, stripe }: PaymentServices,
  tried: LookUpPayment & { intentId: string; answer: Authorization },
): Promise<Authorization> {
  const { orderId, total, intentId, answer } = tried
  if (await bookAuthorization(db, { ...tried, amountMinor: total.amount })) return answer
  await stripe.cancel({ intentId, idempotencyKey: `void:${orderId}` })
  throw letGoAlready(orderId)
}

/** What an intent says of its newest try. Throws while the provider itself does not know: that is asked again. */
function authorizationIn(intent: IntentState): Authorization {
  const { intentId, status, chargeId, captureBefore, action, declined } = intent
  switch (status) {
    case 'authorized':
    case 'captured':
      return { outcome: 'authorized', chargeId: chargeId ?? intentId, captureBefore }
    case 'cancelled':
      return { outcome: 'declined', code: 'payment_intent_canceled', declineCode: null }
    case 'open':
      return { outcome: 'declined', ...(declined ?? { code: 'challenge_gone', declineCode: null }) }
    case 'action_required':
      if (action) return { outcome: 'action_required', action }
      throw new Error(`The provider wants something of the customer for ${intentId}, and does not say what.`)
    case 'processing':
      throw new Error(`The provider has not decided yet about ${intentId}.`)
  }
}
