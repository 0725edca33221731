import { latestCharge, secondsOf } from './change.ts'
import type { Call, Change } from './change.ts'
import { noSuch } from './errors.ts'
import { announce, put } from './memory.ts'
import type { Memory } from './memory.ts'
import { mintId } from './records.ts'
import type { Charge, Dispute, Intent } from './records.ts'

export function disputeIn({ memory, id }: Pick<Call, 'memory' | 'id'>): Dispute {
  const dispute = memory.disputes.get(id)
  if (!dispute) throw noSuch('dispute', id, { param: 'dispute', inAddress: true })
  return dispute
}

/** The customer asks his bank for the money back; undefined where none was taken. */
export function openDispute({
  memory,
  intent,
  nowMs,
}: {
  memory: Memory
  intent: Intent
  nowMs: number
}): Change | undefined {
  const charge = latestCharge(memory, intent)
  if (!charge?.captured) return undefined
  const disputed: Charge = { ...charge, disputed: true }
  const dispute: Dispute = {
    object: 'dispute',
    id: mintId('dp'),
    created: secondsOf(nowMs),
    chargeId: charge.id,
    intentId: intent.id,
    amount: charge.amountCaptured,
    currency: charge.currency,
    status: 'needs_response',
    reason: 'fraudulent',
  }
  return {
    facts: [put(disputed), put(dispute), announce('charge.dispute.created', dispute)],
    thing: dispute,
    detail: { status: dispute.status, amount: dispute.amount, paymentIntent: intent.id },
  }
}
