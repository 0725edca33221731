import type { Static } from 'typebox'
import type { Attempt, PaymentAction } from '../../domain/payments.ts'
import type { NextAction, OrderPayment } from './orders.ts'

type NextActionView = Static<typeof NextAction.schema>

export function nextActionView(action: PaymentAction): NextActionView {
  return action.kind === 'redirect'
    ? { kind: action.kind, url: action.url }
    : { kind: action.kind, client_secret: action.clientSecret }
}

/** What the customer has to know of the card that he tried last; undefined while there is nothing to say. */
export function paymentView(attempt: Attempt | null): Static<typeof OrderPayment.schema> | undefined {
  if (attempt?.action) return { next_action: nextActionView(attempt.action) }
  return attempt?.outcome === 'declined' ? { declined: attempt.code ?? 'declined' } : undefined
}
