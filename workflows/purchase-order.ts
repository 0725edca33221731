import {
  allHandlersFinished,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
} from '@temporalio/workflow'
import type { OrderStanding } from '../activities/purchasing.ts'
import type { PurchaseOrderId, ReplenishmentId } from '../domain/ids.ts'
import { hasEnded, overdueFrom } from '../domain/purchase-orders.ts'
import type { EndedLine, PurchaseOrderStatus } from '../domain/purchase-orders.ts'
import { refusalBehind } from './failures.ts'
import { letterbox } from './letterbox.ts'
import { purchasing, stockMails } from './proxies.ts'
import { ignoringTheGone } from './signals.ts'
import {
  endPurchaseOrder,
  endPurchaseOrderSignal,
  receive,
  receiveSignal,
  replenishStockId,
  shortageEnded,
} from './stock-contract.ts'
import type { EndPurchaseOrder, PurchaseAnswer, PurchaseOrderStory, Receive } from './stock-contract.ts'
import { aReceipt, alsoAsSignal, anEnd, cancelButton, clock, signedBy } from './stock-letters.ts'
import { tellStock } from './stock-operators.ts'
import { takeBack, tellSupplier } from './tell-supplier.ts'
import type { SupplierTold } from './tell-supplier.ts'

/**
 * What follows a purchase order: the supplier is told once, deliveries are booked as they come, whoever waits for the goods hears of
 * it, and somebody is reminded when nothing comes. It ends when all has come, or when somebody says that no more will. A delivery
 * that comes later begins the story anew, for as long as it takes to book it.
 *
 * Specification: use case "Stock Replenishment", "when Warehouse receives stock".
 */
export async function purchaseOrder(story: PurchaseOrderStory): Promise<PurchaseOrderStatus> {
  const { purchaseOrderId, overdueEveryMs } = story
  const receipts = letterbox<Receive, PurchaseAnswer>([{ update: receive, validate: aReceipt }])
  const endings = letterbox<EndPurchaseOrder, PurchaseAnswer>([{ update: endPurchaseOrder, validate: anEnd }])
  alsoAsSignal(receiveSignal, { box: receipts, validate: aReceipt })
  alsoAsSignal(endPurchaseOrderSignal, { box: endings, validate: anEnd })
  const cancel = cancelButton()
  const written = (): boolean => receipts.filled() || endings.filled() || cancel.pressed()

  // Whatever an operator does, what was begun is brought to its end.
  return CancellationScope.nonCancellable(async () => {
    let order = await purchasing.readOrderStanding({ purchaseOrderId })
    const supplier = telling(story, order)
    const told = new Set<ReplenishmentId>()
    for (let reminders = 0; ;) {
      await tellEnded(order.ended, told)
      const over = hasEnded(order.status)
      if (over && !receipts.filled() && !endings.filled()) break

      const moment = overdueFrom(order.expectedOn) + reminders * overdueEveryMs
      supplier.show(order, over ? null : moment)
      if (!(await condition(written, Math.max(1, moment - Date.now()), { summary: 'overdue' }))) {
        reminders = 1 + Math.floor((Date.now() - overdueFrom(order.expectedOn)) / overdueEveryMs)
        await remind(story, reminders)
      } else if (receipts.filled()) {
        const letter = await receipts.next()
        letter.answer(await booked(purchaseOrderId, letter.content))
      } else {
        const letter = endings.filled() ? await endings.next() : cancel.take()
        letter.answer(await ended(purchaseOrderId, letter.content))
      }
      order = await purchasing.readOrderStanding({ purchaseOrderId })
    }
    receipts.close({ outcome: 'closed' })
    endings.close({ outcome: 'closed' })
    supplier.show(order, null)
    await supplier.told
    if (order.status === 'cancelled') await takeBack(purchaseOrderId)
    await condition(allHandlersFinished)
    return order.status
  })
}

/** Tells the supplier beside the story: deliveries do not wait for a mail server. */
function telling({ purchaseOrderId }: PurchaseOrderStory, first: OrderStanding) {
  let words: SupplierTold = first.sent ? 'The supplier knows.' : 'The supplier is being told.'
  let shown: [OrderStanding, number | null] = [first, null]
  const show = (order: OrderStanding, moment: number | null): void => {
    shown = [order, moment]
    const { number, status, expectedOn } = order
    const open = order.outstanding.map(
      ({ sku, units, warehouseId }) => `${units} × \`${sku}\` (${warehouseId})`,
    )
    const told = words
    tellStock.purchase({
      ...{ number, status, expectedOn, told, open },
      next:
        moment === null
          ? null
          : { at: new Date(moment).toISOString(), late: moment > overdueFrom(expectedOn) },
    })
  }
  const begun = async (): Promise<void> => {
    if (first.sent || hasEnded(first.status)) return
    words = await tellSupplier(purchaseOrderId)
    show(...shown)
  }
  const told = begun()
  // It is waited for at the end of the story, and thrown there if it went wrong; until then nobody listens.
  told.catch(() => {})
  return { show, told }
}

/** Whoever waits for a line of which nothing more comes is told, once. */
async function tellEnded(lines: readonly EndedLine[], told: Set<ReplenishmentId>): Promise<void> {
  for (const line of lines.filter(({ replenishmentId }) => !told.has(replenishmentId))) {
    told.add(line.replenishmentId)
    await ignoringTheGone(getExternalWorkflowHandle(replenishStockId(line)).signal(shortageEnded, line))
  }
}

async function booked(purchaseOrderId: PurchaseOrderId, content: Receive): Promise<PurchaseAnswer> {
  const { receiptId, reference, orderNumber, receivedAt, lines, final, note } = content
  const now = clock()
  return answered(async () => {
    const { status, receiptId: id } = await purchasing.receiveStock({
      ...{ purchaseOrderId, receiptId, now, ...signedBy(content) },
      reference: reference ?? null,
      orderNumber: orderNumber ?? null,
      receivedAt: receivedAt ?? now,
      lines: lines.map((line) => ({ ...line, warehouseId: line.warehouseId ?? null })),
      final: final ?? false,
      note: note ?? null,
    })
    return { outcome: 'booked', receiptId: id, status }
  })
}

async function ended(purchaseOrderId: PurchaseOrderId, content: EndPurchaseOrder): Promise<PurchaseAnswer> {
  const { as, reason } = content
  return answered(async () => {
    await purchasing.endPurchaseOrder({ purchaseOrderId, as, reason, now: clock(), ...signedBy(content) })
    return { outcome: 'ended', status: as }
  })
}

/** A refusal is an answer. */
async function answered(work: () => Promise<PurchaseAnswer>): Promise<PurchaseAnswer> {
  try {
    return await work()
  } catch (error) {
    const refusal = refusalBehind(error)
    if (!refusal) throw error
    return { outcome: 'refused', refusal }
  }
}

async function remind({ purchaseOrderId }: PurchaseOrderStory, number: number): Promise<void> {
  const order = await purchasing.noteOverdue({ purchaseOrderId, now: clock() })
  if (order) await stockMails.sendOverdueOrder({ order, number, cause: purchaseOrderId })
}
