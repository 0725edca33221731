/** How long something waits for a decision, in milliseconds: until the next reminder, until somebody higher up is told, until it ends. */
export interface Patience {
  readonly remindMs: number
  readonly escalateMs: number
  readonly expireMs: number
}

interface Waiting {
  readonly since: number
  readonly patience: Patience
  readonly now: number
  readonly escalated: boolean
}

/** When something is to be done next about what waits; what was missed meanwhile is not made up for, one by one. */
export function nextMoment({ since, patience, now, escalated }: Waiting): number {
  const { remindMs, escalateMs, expireMs } = patience
  const reminder = since + (Math.floor((now - since) / remindMs) + 1) * remindMs
  const escalation = escalated ? Infinity : since + escalateMs
  return Math.min(reminder, escalation, since + expireMs)
}

/** What is due now; the strongest of what was missed. `number` counts reminders from 1. */
export function dueNow({ since, patience, now, escalated }: Waiting): {
  readonly kind: 'remind' | 'escalate' | 'expire'
  readonly number: number
} {
  const waited = now - since
  const number = Math.floor(waited / patience.remindMs)
  if (waited >= patience.expireMs) return { kind: 'expire', number }
  if (!escalated && waited >= patience.escalateMs) return { kind: 'escalate', number: 1 }
  return { kind: 'remind', number }
}
