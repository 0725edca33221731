import { getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { Shortage } from '../activities/replenishment.ts'
import { purchaseOrderIdOf } from '../domain/ids.ts'
import type { PurchaseOrderId } from '../domain/ids.ts'
import type { RefusalData } from '../domain/refusals.ts'
import { refusalBehind } from './failures.ts'
import { purchasing, replenishment, stockMails } from './proxies.ts'
import { purchaseOrder } from './purchase-order.ts'
import { ignoringTheGone } from './signals.ts'
import { orderedTogether, purchaseOrderWorkflowId, replenishStockId } from './stock-contract.ts'
import type { Approve, Decided, Reject, ReplenishStock } from './stock-contract.ts'
import { clock, signedBy } from './stock-letters.ts'

/** What may become of a shortage that waits: each of these is one guarded move of its row, and what follows from it. */
interface Waiting {
  readonly asked: ReplenishStock
  readonly shortage: Shortage
}

/** The story was lost, and begins anew for a shortage that is ordered: the purchase order has its story, or gets one. */
export async function orderedBefore({ asked, shortage }: Waiting): Promise<Decided> {
  const { purchaseOrderId } = shortage
  if (purchaseOrderId === null) throw new Error(`${shortage.id} is ordered and has no purchase order.`)
  await follow(purchaseOrderId, asked)
  return { outcome: 'ordered', purchaseOrderId, number: null }
}

/** Orders it, with the others that were approved together with it; tells those others, and lets the order's own story begin. */
export async function approved(
  { asked, shortage }: Waiting,
  content: Approve | null | undefined,
): Promise<Decided> {
  const { replenishmentId = shortage.id, quantity, supplierId, expectedOn, together = [] } = content ?? {}
  if (replenishmentId !== shortage.id) return refused(anotherOne(shortage))
  const purchaseOrderId = purchaseOrderIdOf(shortage.id)
  const items = [{ replenishmentId, quantity }, ...together].map((item) => ({
    replenishmentId: item.replenishmentId,
    quantity: item.quantity ?? null,
  }))
  try {
    const { number, lines } = await purchasing.createPurchaseOrder({
      ...{ purchaseOrderId, items, now: clock(), ...signedBy(content) },
      supplierId: supplierId ?? null,
      expectedOn: expectedOn ?? null,
    })
    await follow(purchaseOrderId, asked, number)
    for (const line of lines.filter((each) => each.replenishmentId !== shortage.id)) {
      const told = { replenishmentId: line.replenishmentId, purchaseOrderId }
      await ignoringTheGone(getExternalWorkflowHandle(replenishStockId(line)).signal(orderedTogether, told))
    }
    return { outcome: 'ordered', purchaseOrderId, number }
  } catch (error) {
    const refusal = refusalBehind(error)
    if (!refusal) throw error
    return refused(refusal)
  }
}

export async function rejected(shortage: Shortage, content: Reject): Promise<Decided> {
  const { replenishmentId = shortage.id, reason } = content
  if (replenishmentId !== shortage.id) return refused(anotherOne(shortage))
  try {
    await replenishment.rejectReplenishment({ replenishmentId, reason, now: clock(), ...signedBy(content) })
    return { outcome: 'rejected' }
  } catch (error) {
    const refusal = refusalBehind(error)
    if (!refusal) throw error
    return refused(refusal)
  }
}

/** Nobody decided in time; unless somebody did after all, at the last moment and elsewhere. */
export async function expired({ asked, shortage }: Waiting): Promise<Decided> {
  const { id: replenishmentId } = shortage
  const { status, purchaseOrderId } = await replenishment.expireReplenishment({
    replenishmentId,
    now: clock(),
  })
  if (purchaseOrderId !== null) {
    await follow(purchaseOrderId, asked)
    return { outcome: 'ordered', purchaseOrderId, number: null }
  }
  return status === 'rejected' ? { outcome: 'rejected' } : { outcome: 'expired' }
}

export async function reminded(
  shortage: Shortage,
  { escalated, number }: { escalated: boolean; number: number },
): Promise<void> {
  const { id: replenishmentId, sku, warehouseId, suggestedQuantity, because, alertedAt, expiresAt } = shortage
  if (!(await replenishment.noteReminder({ replenishmentId, escalated, now: clock() }))) return
  await stockMails.sendReplenishmentReminder({
    shortage: {
      replenishmentId,
      sku,
      warehouseId,
      quantity: suggestedQuantity,
      because,
      alertedAt,
      expiresAt,
    },
    ...{ escalated, number, cause: replenishmentId },
  })
}

/** Lets the order's own story begin, which outlives this one. */
async function follow(
  purchaseOrderId: PurchaseOrderId,
  { overdueEveryMs }: ReplenishStock,
  number?: string,
): Promise<void> {
  try {
    await startChild(purchaseOrder, {
      workflowId: purchaseOrderWorkflowId(purchaseOrderId),
      args: [{ purchaseOrderId, overdueEveryMs }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      ...(number !== undefined && { staticSummary: number }),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}

export const refused = (refusal: RefusalData): Decided => ({ outcome: 'refused', refusal })

const anotherOne = ({ id, sku, warehouseId }: Shortage): RefusalData => ({
  code: 'replenishment.decided',
  detail: `That shortage of ${sku} is over; another one waits here by now.`,
  facts: { replenishmentId: id, sku, warehouseId },
})
