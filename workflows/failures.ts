import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow'
import type { Actor, Ending } from '../domain/orders.ts'
import { isRefusalCode, Refusal, refusalData } from '../domain/refusals.ts'
import type { RefusalData } from '../domain/refusals.ts'
import type { LetGo } from './contract.ts'

/** How a story falls: what whoever waits is told, and how the order ends. */
export interface Fall {
  readonly refusal: RefusalData
  readonly ending: Ending
  readonly actor: Actor
  readonly reason: string
}

/** Somebody asked an unpaid order to end. */
export class Goodbye extends Error {
  override readonly name = 'Goodbye'
  readonly letGo: LetGo

  constructor(letGo: LetGo) {
    super(letGo.reason)
    this.letGo = letGo
  }
}

/**
 * What is behind a failure, if it is one that ends an order; null for what we do not recognise (a bug: its workflow task fails and
 * is tried again with the next release, and nothing is unwound).
 */
export function fallBehind(error: unknown): Fall | null {
  if (error instanceof Goodbye) {
    const { actor, reason } = error.letGo
    return { refusal: closed('This order was cancelled.'), ending: 'cancelled', actor, reason }
  }
  if (isCancellation(error)) {
    const reason = 'cancelled by an operator'
    return { refusal: closed('This order was cancelled.'), ending: 'cancelled', actor: 'operator', reason }
  }
  if (error instanceof Refusal) return fallFrom(refusalData(error))
  const refusal = refusalBehind(error)
  if (refusal) return fallFrom(refusal)
  if (!(error instanceof ActivityFailure)) return null
  const detail = 'A part of the shop did not answer in time. Nothing was charged; please try again.'
  const facts = { step: error.activityType }
  return fallFrom(
    { code: 'service.unavailable', detail, facts },
    `${error.activityType} did not succeed in time`,
  )
}

/**
 * The refusal that an activity threw, as `activities/refusals.ts` wrote it. An ordinary activity's failure comes wrapped in an
 * ActivityFailure, a local one's may come as it is.
 */
export function refusalBehind(error: unknown): RefusalData | null {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'Refusal') return null
  const [data] = cause.details ?? []
  return isRefusalData(data) ? data : null
}

function isRefusalData(data: unknown): data is RefusalData {
  return (
    typeof data === 'object' &&
    data !== null &&
    'code' in data &&
    typeof data.code === 'string' &&
    isRefusalCode(data.code)
  )
}

function fallFrom(refusal: RefusalData, reason: string = refusal.detail): Fall {
  const expired = refusal.code === 'hold.expired' || refusal.code === 'payment.action_abandoned'
  return { refusal, ending: expired ? 'expired' : 'rejected', actor: 'system', reason }
}

const closed = (detail: string): RefusalData => ({ code: 'order.closed', detail, facts: {} })
