import { planLineRefund } from '../domain/cancellations.ts'
import type { OrderId, RefundId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { RefundNote } from '../domain/notifications/refund.ts'
import { refuseOtherVersion } from '../domain/orders.ts'
import type { Order } from '../domain/orders.ts'
import type { LineQuantity } from '../domain/proration.ts'
import { Refusal } from '../domain/refusals.ts'
import type { Db } from '../store/db.ts'
import { noteRefundedUnits } from '../store/cancellations.ts'
import { lockOrder, noteOnTimeline } from '../store/order-steps.ts'
import { readOrder } from '../store/orders.ts'
import { readRefund } from '../store/refunds.ts'
import { askRefund } from './payments/refund.ts'

export interface OpenRefund {
  readonly refundId: RefundId
  readonly orderId: OrderId
  /** An amount, or the share of so many units; nothing is cancelled by either. */
  readonly what: { readonly amount: Money } | { readonly lines: readonly LineQuantity[] }
  /** The version of the order that was looked at; null: whichever it is. */
  readonly version: number | null
  readonly reason: string
  readonly askedBy: string | null
  readonly cause: string
}

/** The order service's own step of a refund that an admin asks for. */
export function refundActivities({ db }: { db: Db }) {
  return {
    /**
     * Decides about a refund and writes it into our books, while the order is locked; the provider need not be there. Refuses with
     * `refund.not_paid`, `refund.nothing`, `refund.too_large`, `refund.other_currency`, `refund.not_chargeable`, `order.line_unknown`,
     * `order.quantity_too_large` or `order.changed`.
     */
    async openRefund(
      asked: OpenRefund,
    ): Promise<{ amountMinor: number; note: Omit<RefundNote, 'amountMinor'> }> {
      const { orderId, refundId, reason, cause } = asked
      return db.transaction(async (trx) => {
        await lockOrder(trx, orderId)
        const order = await readOrder(trx, orderId)
        if (!order) throw new Refusal('order.not_found', 'There is no such order.', { orderId })
        const known = await readRefund(trx, refundId)
        const lines = 'lines' in asked.what ? asked.what.lines : null
        const note = noteOf(order, { lines, reason })
        if (known) return { amountMinor: known.amountMinor, note }

        refuseOther(order, asked)
        const amountMinor =
          'amount' in asked.what
            ? asked.what.amount.amount
            : planLineRefund(order, asked.what.lines).amountMinor
        await askRefund(trx, { ...asked, amountMinor, cancellationId: null, lines })
        if (lines) await noteRefundedUnits(trx, { lines })
        const at = new Date().toISOString()
        const type = 'Refund Requested'
        await noteOnTimeline(trx, { orderId, type, at, actor: 'admin', reason, cause })
        return { amountMinor, note }
      })
    },
  }
}

function refuseOther(order: Order, { what, version }: OpenRefund): void {
  const { id: orderId, currency } = order
  refuseOtherVersion(order, version)
  if ('amount' in what && what.amount.currency !== currency) {
    throw new Refusal('refund.other_currency', `This order was paid in ${currency}.`, { orderId, currency })
  }
}

function noteOf(
  order: Order,
  { lines, reason }: { lines: readonly LineQuantity[] | null; reason: string },
): Omit<RefundNote, 'amountMinor'> {
  const nameOf = new Map<string, string>(order.lines.map(({ lineId, name }) => [lineId, name]))
  return {
    cancelled: 'nothing',
    lines: (lines ?? []).map(({ lineId, quantity }) => ({ name: nameOf.get(lineId) ?? '', quantity })),
    reason,
  }
}
