import { cardNamed } from './cards.ts'
import type { Decline } from './cards.ts'
import { intentDetail, secondsOf } from './change.ts'
import type { Change } from './change.ts'
import { StripeError } from './errors.ts'
import { announce, put } from './memory.ts'
import type { Fact } from './memory.ts'
import { mintId } from './records.ts'
import type { Charge, Failure, Intent, Method } from './records.ts'

const day = 24 * 60 * 60
/** How long a card's money can be held without taking it (Stripe, "Place a hold on a payment method"). */
const authorizationSeconds = 7 * day

/** An intent after a try that came to nothing: it waits for another payment method. */
export const refused = (intent: Intent, failure: Failure): Intent => ({
  ...intent,
  status: 'requires_payment_method',
  methodId: null,
  action: null,
  failure,
})

interface Use {
  intent: Intent
  method: Method
  nowMs: number
  authenticated: boolean
}

/** Charges the card, as it behaves. */
export function chargeCard(use: Use): Change {
  const decline = cardNamed(use.method.card)?.decline
  return decline ? declineCharge(use, decline) : acceptCharge(use)
}

function newCharge({ intent, method, nowMs, authenticated }: Use): Charge {
  return {
    object: 'charge',
    id: mintId('ch'),
    created: secondsOf(nowMs),
    intentId: intent.id,
    methodId: method.id,
    card: method.card,
    amount: intent.amount,
    currency: intent.currency,
    status: 'succeeded',
    captured: false,
    amountCaptured: 0,
    amountRefunded: 0,
    captureBefore: null,
    authenticated,
    failure: null,
    refundIds: [],
    description: intent.description,
    metadata: intent.metadata,
  }
}

/** With manual capture the money is held; otherwise it is taken at once. */
function acceptCharge(use: Use): Change {
  const { intent, method, nowMs } = use
  const manual = intent.captureMethod === 'manual'
  const charge: Charge = manual
    ? { ...newCharge(use), captureBefore: secondsOf(nowMs) + authorizationSeconds }
    : { ...newCharge(use), captured: true, amountCaptured: intent.amount }
  const paid: Intent = {
    ...intent,
    status: manual ? 'requires_capture' : 'succeeded',
    capturable: manual ? intent.amount : 0,
    received: manual ? 0 : intent.amount,
    methodId: method.id,
    chargeIds: [...intent.chargeIds, charge.id],
    action: null,
    failure: null,
  }
  const facts: Fact[] = [
    put(method),
    put(charge),
    put(paid),
    announce('charge.succeeded', charge),
    announce(manual ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded', paid),
  ]
  return {
    facts,
    thing: paid,
    detail: { outcome: manual ? 'authorized' : 'captured', ...intentDetail(paid) },
  }
}

function declineCharge(use: Use, { code, declineCode, message }: Decline): Change {
  const { intent, method } = use
  const made = newCharge(use)
  const failure: Failure = {
    type: 'card_error',
    code,
    declineCode,
    message,
    chargeId: made.id,
    methodId: method.id,
  }
  const charge: Charge = { ...made, status: 'failed', failure }
  const unpaid = refused({ ...intent, chargeIds: [...intent.chargeIds, charge.id] }, failure)
  return {
    facts: [
      put(method),
      put(charge),
      put(unpaid),
      announce('charge.failed', charge),
      announce('payment_intent.payment_failed', unpaid),
    ],
    thing: unpaid,
    detail: { outcome: 'declined', code, declineCode, ...intentDetail(unpaid) },
    refusal: new StripeError(
      402,
      { type: 'card_error', code, decline_code: declineCode, message, charge: charge.id },
      { intentId: intent.id, remembered: true },
    ),
  }
}
