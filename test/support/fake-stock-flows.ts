import { activitiesOf } from '../../activities/index.ts'
import { purchaseOrderIdOf } from '../../domain/ids.ts'
import type { CheckSchedule, StockFlows } from '../../gateways/flows/stock.ts'
import type { Databases } from '../../store/db.ts'
import { refusalBehind } from '../../workflows/failures.ts'

/**
 * Stands in for the stories of stock, in this process and without Temporal: each letter is its one step on the real database, and the
 * same update id gets the same answer.
 */
export function fakeStockFlows({ inventory: db }: Databases): StockFlows {
  const { createPurchaseOrder, rejectReplenishment, receiveStock, endPurchaseOrder } = activitiesOf.inventory(
    { db },
  )
  const answers = new Map<string, Promise<unknown>>()
  const schedule = { paused: false, note: null as string | null, triggered: 0 }
  const signed = ({ actor, cause }: { actor?: string; cause?: string }) => ({
    actor: actor ?? 'operator',
    cause: cause ?? 'test',
    now: new Date().toISOString(),
  })
  const answered = <Answer>(updateId: string, work: () => Promise<Answer>): Promise<Answer> => {
    const answer =
      answers.get(updateId) ??
      work().catch((error: unknown) => {
        const refusal = refusalBehind(error)
        if (!refusal) throw error
        return { outcome: 'refused', refusal }
      })
    answers.set(updateId, answer)
    return answer as Promise<Answer>
  }

  return {
    approve: ({ shortage: { id }, content, updateId }) =>
      answered(updateId, async () => {
        const purchaseOrderId = purchaseOrderIdOf(id)
        const items = [{ replenishmentId: id, quantity: content.quantity }, ...(content.together ?? [])]
        const { number } = await createPurchaseOrder({
          ...{ purchaseOrderId, ...signed(content) },
          items: items.map((item) => ({ ...item, quantity: item.quantity ?? null })),
          supplierId: content.supplierId ?? null,
          expectedOn: content.expectedOn ?? null,
        })
        return { outcome: 'ordered', purchaseOrderId, number }
      }),
    reject: ({ shortage: { id: replenishmentId }, content, updateId }) =>
      answered(updateId, async () => {
        await rejectReplenishment({ replenishmentId, reason: content.reason, ...signed(content) })
        return { outcome: 'rejected' }
      }),
    receive: ({ purchaseOrderId, content, updateId }) =>
      answered(updateId, async () => {
        const { receiptId, reference, orderNumber, receivedAt, lines, final, note } = content
        const by = signed(content)
        const booked = await receiveStock({
          ...{ purchaseOrderId, receiptId, ...by, receivedAt: receivedAt ?? by.now, final: final ?? false },
          ...{ reference: reference ?? null, orderNumber: orderNumber ?? null, note: note ?? null },
          lines: lines.map((line) => ({ ...line, warehouseId: line.warehouseId ?? null })),
        })
        return { outcome: 'booked', receiptId: booked.receiptId, status: booked.status }
      }),
    endPurchaseOrder: ({ purchaseOrderId, content, updateId }) =>
      answered(updateId, async () => {
        const { as, reason } = content
        await endPurchaseOrder({ purchaseOrderId, as, reason, ...signed(content) })
        return { outcome: 'ended', status: as }
      }),
    readCheckSchedule: async (): Promise<CheckSchedule> => ({
      ...{ paused: schedule.paused, note: schedule.note, timeZone: 'UTC' },
      ...{ next: ['2036-01-01T03:00:00.000Z'], running: [], recent: [] },
    }),
    triggerCheck: async () => {
      schedule.triggered += 1
      return true
    },
    pauseCheck: async (note) => {
      Object.assign(schedule, { paused: true, note })
      return true
    },
    resumeCheck: async (note) => {
      Object.assign(schedule, { paused: false, note })
      return true
    },
  }
}
