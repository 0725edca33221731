import type { OrderStanding } from '../../activities/purchasing.ts'
import type { Shortage } from '../../activities/replenishment.ts'
import type { PurchaseOrderId, ReplenishmentId, Sku, WarehouseId } from '../../domain/ids.ts'
import { sku, warehouseId } from '../../domain/ids.ts'
import { endedLines, outstanding, statusAfter } from '../../domain/purchase-orders.ts'
import type { PurchaseOrderLine, PurchaseOrderStatus } from '../../domain/purchase-orders.ts'
import type { CheckInventory } from '../../workflows/stock-contract.ts'
import type { Fakes } from './flow-world.ts'

/** A shortage and a purchase order that live in memory: what is recorded needs no database. */

export const place = warehouseId('hamburg')
export const mug: { sku: Sku; warehouseId: WarehouseId } = { sku: sku('MUG'), warehouseId: place }
export const replenishmentId = 'rpl_01h455vb4pex5vsknk084sn02q' as ReplenishmentId
export const orderId = 'po_01h455vb4pex5vsknk084sn02q' as PurchaseOrderId

export const asked: CheckInventory = {
  policy: { windowDays: 28, coverDays: 28, leadTimeDays: 14 },
  patience: { remindMs: 60_000, escalateMs: 120_000, expireMs: 180_000 },
  overdueEveryMs: 86_400_000,
}

export const mails: Fakes = {
  sendStockDigest: async () => {},
  sendReplenishmentReminder: async () => {},
  sendPurchaseOrder: async () => ({ refusedWith: null }),
  sendOrderCancelled: async () => {},
  sendOverdueOrder: async () => {},
}

/** The shortage as the check opens it. */
export const aShortage = (at: { now: string; expiresAt: string }): Shortage => ({
  ...{ id: replenishmentId, ...mug, status: 'waiting', suggestedQuantity: 42, supplierId: null },
  ...{ because: ['0 of MUG can be sold.'], facts: {}, checkId: 'check', alertedAt: at.now },
  ...{ expiresAt: at.expiresAt, remindedAt: null, escalatedAt: null, quantity: null, decidedAt: null },
  ...{ decidedBy: null, decidedCause: null, reason: null, purchaseOrderId: null, endedAt: null, version: 1 },
})

/** An order over 42 mugs, expected on a day. */
export function anOrder(expectedOn: string): Fakes {
  let line: PurchaseOrderLine = {
    ...{ ...mug, supplierSku: null, ordered: 42, received: 0, damaged: 0, quarantined: 0 },
    ...{ unitCostMinor: 450, open: true, replenishmentId },
  }
  let status: PurchaseOrderStatus = 'open'
  let sent = false
  const standing = (): OrderStanding => ({
    ...{ number: 'PO-100001', status, sent, expectedOn },
    outstanding: outstanding(line) > 0 ? [{ ...mug, units: outstanding(line) }] : [],
    ended: endedLines({ status, lines: [line] }),
  })
  const letter = {
    ...{ purchaseOrderId: orderId, number: 'PO-100001', currency: 'EUR', totalMinor: 18_900 },
    ...{ orderedAt: '2026-11-01T10:00:00.000Z', expectedOn, lines: [] },
    personal: { supplierName: 'Furrow', email: 'orders@furrow.example', deliverTo: [] },
  }
  return {
    ...mails,
    createPurchaseOrder: async () => ({ number: 'PO-100001', lines: [{ ...mug, replenishmentId }] }),
    readOrderStanding: async () => standing(),
    writeSupplierLetter: async () => letter,
    noteSupplierTold: async () => {
      sent = true
    },
    noteOverdue: async () => null,
    receiveStock: async ({ lines }: { lines: readonly { received: number; damaged: number }[] }) => {
      const [came] = lines
      line = {
        ...line,
        received: line.received + (came?.received ?? 0),
        damaged: line.damaged + (came?.damaged ?? 0),
      }
      status = statusAfter([line])
      if (status === 'received') line = { ...line, open: false }
      return { receiptId: 'rcp_1', status, ended: standing().ended }
    },
    endPurchaseOrder: async ({ as }: { as: 'cancelled' | 'closed_short' }) => {
      status = as
      line = { ...line, open: false }
      return { ended: standing().ended }
    },
  }
}
