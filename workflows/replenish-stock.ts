import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow'
import type { Shortage } from '../activities/replenishment.ts'
import type { ReplenishmentId } from '../domain/ids.ts'
import { dueNow, nextMoment } from '../domain/patience.ts'
import { approved, expired, orderedBefore, refused, rejected, reminded } from './decisions.ts'
import { letterbox } from './letterbox.ts'
import type { Letterbox } from './letterbox.ts'
import { replenishment } from './proxies.ts'
import {
  approve,
  approveSignal,
  orderedTogether,
  reject,
  rejectSignal,
  shortageEnded,
} from './stock-contract.ts'
import type { Approve, Decided, OrderedTogether, Reject, ReplenishStock } from './stock-contract.ts'
import { alsoAsSignal, anApproval, aRejection, cancelButton, clock, kept } from './stock-letters.ts'
import { tellStock } from './stock-operators.ts'

/**
 * Takes care of one shortage: raises the alert, waits for somebody to approve or reject it (and reminds, and goes one step higher, and
 * in the end gives up), orders it once, and stays until what was ordered has come. Postgres decides who was first: a decision is a
 * guarded move of the shortage's row, so two that come at once, here or in the purchase order of another shortage, have one winner.
 *
 * Specification: use case "Stock Replenishment".
 */
export async function replenishStock(asked: ReplenishStock): Promise<Decided> {
  const approvals = letterbox<Approve, Decided>([{ update: approve, validate: anApproval }])
  const rejections = letterbox<Reject, Decided>([{ update: reject, validate: aRejection }])
  alsoAsSignal(approveSignal, { box: approvals, validate: anApproval })
  alsoAsSignal(rejectSignal, { box: rejections, validate: aRejection })
  const elsewhere = kept(orderedTogether, ({ replenishmentId }) => replenishmentId)
  const endings = kept(shortageEnded, ({ replenishmentId }) => replenishmentId)
  const cancel = cancelButton()

  // Whatever an operator does, a decision that was begun is brought to its end.
  return CancellationScope.nonCancellable(async () => {
    const { sku, warehouseId, checkId, policy, patience } = asked
    const now = clock()
    const expiresAt = new Date(Date.parse(now) + patience.expireMs).toISOString()
    const opening = { sku, warehouseId, checkId, policy, now, expiresAt, cause: checkId }
    const shortage = await replenishment.openReplenishment(opening)

    const verdict = shortage
      ? await decided({ asked, shortage, approvals, rejections, elsewhere, cancel })
      : notLow
    approvals.close(tooLate(verdict, shortage))
    rejections.close(tooLate(verdict, shortage))

    if (shortage && verdict.outcome === 'ordered') {
      tellStock.ordered(verdict)
      await condition(() => endings.of(shortage.id) !== undefined || cancel.pressed())
      tellStock.over(endings.of(shortage.id)?.status ?? 'cancelled', verdict)
    } else tellStock.decided(verdict)
    await condition(allHandlersFinished)
    return verdict
  })
}

const notLow: Decided = { outcome: 'not_low' }

interface Deciding {
  readonly asked: ReplenishStock
  readonly shortage: Shortage
  readonly approvals: Letterbox<Approve, Decided>
  readonly rejections: Letterbox<Reject, Decided>
  readonly elsewhere: { of(id: ReplenishmentId): OrderedTogether | undefined }
  readonly cancel: { pressed(): boolean }
}

/** Waits for the decision: a letter, the purchase order of another shortage, an operator, or nobody in time. */
async function decided(deciding: Deciding): Promise<Decided> {
  const { asked, shortage, approvals, rejections, elsewhere, cancel } = deciding
  if (shortage.status === 'ordered') return orderedBefore(deciding)
  tellStock.alerted()
  const since = Date.parse(shortage.alertedAt)
  let escalated = shortage.escalatedAt !== null
  for (;;) {
    const waiting = { since, patience: asked.patience, now: Date.now(), escalated }
    const moment = nextMoment(waiting)
    const next = dueNow({ ...waiting, now: moment }).kind
    tellWaiting(shortage, { moment, next })
    const come = (): boolean =>
      approvals.filled() || rejections.filled() || elsewhere.of(shortage.id) !== undefined || cancel.pressed()
    await condition(come, Math.max(1, moment - Date.now()), { summary: next })

    const other = elsewhere.of(shortage.id)
    if (other) return { outcome: 'ordered', purchaseOrderId: other.purchaseOrderId, number: null }
    if (approvals.filled()) {
      const letter = await approvals.next()
      const answer = await approved(deciding, letter.content)
      letter.answer(answer)
      if (answer.outcome === 'ordered') return answer
    } else if (rejections.filled()) {
      const letter = await rejections.next()
      const answer = await rejected(shortage, letter.content)
      letter.answer(answer)
      if (answer.outcome === 'rejected') return answer
    } else if (cancel.pressed()) {
      return rejected(shortage, { reason: 'cancelled by an operator' })
    } else {
      const due = dueNow({ ...waiting, now: Date.now() })
      if (due.kind === 'expire') return expired(deciding)
      escalated ||= due.kind === 'escalate'
      await reminded(shortage, { escalated: due.kind === 'escalate', number: due.number })
    }
  }
}

function tellWaiting(shortage: Shortage, { moment, next }: { moment: number; next: string }): void {
  const { sku, warehouseId, suggestedQuantity: quantity, because, alertedAt: since, expiresAt, id } = shortage
  const kinds: Readonly<Record<string, string>> = {
    remind: 'a reminder',
    escalate: 'somebody higher up is told',
    expire: 'it ends',
  }
  tellStock.waiting({
    ...{ sku, warehouseId, quantity, because, since, expiresAt, replenishmentId: id },
    next: new Date(moment).toISOString(),
    nextKind: kinds[next] ?? next,
  })
}

/** What somebody is told whose letter came when all was decided. */
function tooLate(verdict: Decided, shortage: Shortage | null): Decided {
  if (!shortage || verdict.outcome === 'not_low') return notLow
  if (verdict.outcome === 'refused') return verdict
  const { id: replenishmentId, sku, warehouseId } = shortage
  const facts = { replenishmentId, sku, warehouseId, status: verdict.outcome }
  const purchaseOrderId = verdict.outcome === 'ordered' ? verdict.purchaseOrderId : undefined
  return refused({
    code: 'replenishment.decided',
    detail: `This replenishment is ${verdict.outcome} already.`,
    facts: { ...facts, ...(purchaseOrderId !== undefined && { purchaseOrderId }) },
  })
}
