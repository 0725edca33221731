import type { StripeError } from './errors.ts'
import { noSuch } from './errors.ts'
import type { Fact, Memory } from './memory.ts'
import type { Params } from './params.ts'
import type { Charge, Intent, Refund, Thing } from './records.ts'

/** What an operation is given: the id in its address, its parameters, the time, and the address under which the double was called. */
export interface Call {
  readonly id: string
  readonly params: Params
  readonly nowMs: number
  readonly origin: string
  readonly memory: Memory
}

/** What an operation decided; nothing has happened before it is committed. */
export interface Change {
  readonly facts: readonly Fact[]
  /** What the answer shows. */
  readonly thing: Thing
  /** For the ledger. */
  readonly detail: Readonly<Record<string, unknown>>
  /** Set where something was done (a failed charge) and the answer is an error all the same. */
  readonly refusal?: StripeError
}

export const secondsOf = (nowMs: number): number => Math.floor(nowMs / 1000)

export function intentIn({ memory, id }: Pick<Call, 'memory' | 'id'>): Intent {
  const intent = memory.intents.get(id)
  if (!intent) throw noSuch('payment_intent', id, { param: 'intent', inAddress: true })
  return intent
}

export function chargeIn({ memory, id }: Pick<Call, 'memory' | 'id'>): Charge {
  const charge = memory.charges.get(id)
  if (!charge) throw noSuch('charge', id, { param: 'id', inAddress: true })
  return charge
}

export function refundIn({ memory, id }: Pick<Call, 'memory' | 'id'>): Refund {
  const refund = memory.refunds.get(id)
  if (!refund) throw noSuch('refund', id, { param: 'id', inAddress: true })
  return refund
}

/** The charge of an intent's newest try. */
export function latestCharge(memory: Memory, intent: Intent): Charge | undefined {
  const id = intent.chargeIds.at(-1)
  return id === undefined ? undefined : memory.charges.get(id)
}

/** What the ledger says of an intent. */
export function intentDetail({
  status,
  amount,
  currency,
  capturable,
  received,
  metadata,
}: Intent): Record<string, unknown> {
  return { status, amount, currency, capturable, received, metadata }
}
