import { checkStep } from './amounts.ts'
import { intentDetail, intentIn, latestCharge, secondsOf } from './change.ts'
import type { Call, Change } from './change.ts'
import { StripeError, invalidRequest, unexpectedState } from './errors.ts'
import { letGo } from './intents.ts'
import { announce, put } from './memory.ts'
import type { Memory } from './memory.ts'
import type { Charge, Intent } from './records.ts'

/** `POST /v1/payment_intents/:id/capture`: takes what is held, or a part of it and lets go of the rest. */
export function captureIntent(call: Call): Change {
  const { params, memory, nowMs } = call
  const asked = params.integer('amount_to_capture')
  params.flag('final_capture')
  params.end()
  const intent = intentIn(call)
  const charge = latestCharge(memory, intent)
  if (intent.status === 'succeeded') {
    throw unexpectedState(
      'This PaymentIntent could not be captured because it has already been captured.',
      intent.id,
    )
  }
  if (intent.status !== 'requires_capture' || !charge) {
    throw unexpectedState(
      `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the ` +
        'following statuses may be captured: requires_capture.',
      intent.id,
    )
  }
  if (hasExpired(charge, nowMs)) return refuseExpired({ memory, intent, charge, nowMs })
  const amount = asked ?? intent.capturable
  if (amount > intent.capturable) {
    throw invalidRequest(
      `The amount to capture (${amount}) is greater than the amount that can be captured (${intent.capturable}).`,
      { param: 'amount_to_capture', code: 'amount_too_large' },
    )
  }
  checkStep(amount, intent.currency)
  return capture({ intent, charge, amount })
}

function capture({ intent, charge, amount }: { intent: Intent; charge: Charge; amount: number }): Change {
  const taken: Charge = {
    ...charge,
    captured: true,
    amountCaptured: amount,
    amountRefunded: charge.amount - amount,
    captureBefore: null,
  }
  const paid: Intent = { ...intent, status: 'succeeded', capturable: 0, received: amount }
  return {
    facts: [
      put(taken),
      put(paid),
      announce('charge.captured', taken),
      announce('payment_intent.succeeded', paid),
    ],
    thing: paid,
    detail: { captured: amount, ...intentDetail(paid) },
  }
}

function hasExpired({ captureBefore }: Charge, nowMs: number): boolean {
  return captureBefore !== null && captureBefore <= secondsOf(nowMs)
}

function refuseExpired({
  memory,
  intent,
  charge,
  nowMs,
}: {
  memory: Memory
  intent: Intent
  charge: Charge
  nowMs: number
}): Change {
  return {
    ...letGo({ call: { memory }, intent, reason: 'automatic', event: 'charge.expired', nowMs }),
    refusal: new StripeError(
      400,
      {
        type: 'invalid_request_error',
        code: 'charge_expired_for_capture',
        message: `Charge ${charge.id} could not be captured because it has expired.`,
        charge: charge.id,
      },
      { intentId: intent.id, remembered: true },
    ),
  }
}

/** An authorization that ran out is let go by Stripe itself; undefined while it has time left. */
export function expireIntent({
  memory,
  intent,
  nowMs,
}: {
  memory: Memory
  intent: Intent
  nowMs: number
}): Change | undefined {
  const charge = intent.status === 'requires_capture' ? latestCharge(memory, intent) : undefined
  if (!charge || !hasExpired(charge, nowMs)) return undefined
  return letGo({ call: { memory }, intent, reason: 'automatic', event: 'charge.expired', nowMs })
}

/** For tests: the authorization of this intent ran out a second ago. */
export function ageAuthorization({
  memory,
  intent,
  nowMs,
}: {
  memory: Memory
  intent: Intent
  nowMs: number
}): Change | undefined {
  const charge = intent.status === 'requires_capture' ? latestCharge(memory, intent) : undefined
  if (!charge) return undefined
  const aged: Charge = { ...charge, captureBefore: secondsOf(nowMs) - 1 }
  return { facts: [put(aged)], thing: aged, detail: { captureBefore: aged.captureBefore } }
}
