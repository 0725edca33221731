import { latestCharge, secondsOf } from './change.ts'
import type { Call, Change } from './change.ts'
import type { Json } from './card-shapes.ts'
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

const week = 7 * 24 * 60 * 60

/** A dispute as Stripe's API writes it, with none of the evidence that a shop could hand in. */
export function writeDispute(dispute: Dispute): Json {
  return {
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amount,
    balance_transactions: [],
    charge: dispute.chargeId,
    created: dispute.created,
    currency: dispute.currency,
    enhanced_eligibility_types: [],
    evidence: { ...noEvidence, enhanced_evidence: {} },
    evidence_details: {
      due_by: dispute.created + week,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: dispute.intentId,
    reason: dispute.reason,
    status: dispute.status,
  }
}

const noEvidence = Object.fromEntries(
  [
    ...['access_activity_log', 'billing_address', 'cancellation_policy', 'cancellation_policy_disclosure'],
    ...['cancellation_rebuttal', 'customer_communication', 'customer_email_address', 'customer_name'],
    ...['customer_purchase_ip', 'customer_signature', 'duplicate_charge_documentation'],
    ...['duplicate_charge_explanation', 'duplicate_charge_id', 'product_description', 'receipt'],
    ...['refund_policy', 'refund_policy_disclosure', 'refund_refusal_explanation', 'service_date'],
    ...['service_documentation', 'shipping_address', 'shipping_carrier', 'shipping_date'],
    ...['shipping_documentation', 'shipping_tracking_number', 'uncategorized_file', 'uncategorized_text'],
  ].map((name) => [name, null]),
)
