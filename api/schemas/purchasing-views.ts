import type { Static } from 'typebox'
import type { Currency } from '../../domain/money.ts'
import { outstanding } from '../../domain/purchase-orders.ts'
import type { PurchaseOrder as Ordered } from '../../domain/purchase-orders.ts'
import type { Receipt as Booked } from '../../store/receipts.ts'
import type { Replenishment as Shortage } from '../../store/replenishments.ts'
import type { Supplier as StoredSupplier, SupplierItem } from '../../store/suppliers.ts'
import type { PurchaseOrder, Receipt, Replenishment } from './purchasing.ts'
import type { Item, Supplier } from './suppliers.ts'

/** What is not there is left out. */
function present<const Fields extends Readonly<Record<string, unknown>>>(
  fields: Fields,
): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as {
    [Name in keyof Fields]?: NonNullable<Fields[Name]>
  }
}

export function supplierView(supplier: StoredSupplier): Static<typeof Supplier.schema> {
  const { id, name, email, currency, leadTimeDays, active, version } = supplier
  return { id, name, email, currency, lead_time_days: leadTimeDays, active, version }
}

/** `currency` is the supplier's. */
export function itemView(item: SupplierItem, currency: Currency): Static<typeof Item.schema> {
  const { sku, supplierId, supplierSku, unitCostMinor, packSize, minimumQuantity, rank, version } = item
  return {
    ...{ sku, supplier_id: supplierId, unit_cost: { amount: unitCostMinor, currency } },
    ...{ pack_size: packSize, minimum_quantity: minimumQuantity, rank, version },
    ...present({ supplier_sku: supplierSku, lead_time_days: item.leadTimeDays }),
  }
}

export function replenishmentView(shortage: Shortage): Static<typeof Replenishment.schema> {
  const { id, sku, warehouseId, status, suggestedQuantity, because, facts, checkId, version } = shortage
  return {
    ...{ id, sku, warehouse_id: warehouseId, status, suggested_quantity: suggestedQuantity },
    ...{ because: [...because], facts: { ...facts }, check_id: checkId, version },
    ...{ alerted_at: shortage.alertedAt, expires_at: shortage.expiresAt },
    ...present({
      supplier_id: shortage.supplierId,
      reminded_at: shortage.remindedAt,
      escalated_at: shortage.escalatedAt,
      quantity: shortage.quantity,
      decided_at: shortage.decidedAt,
      decided_by: shortage.decidedBy,
      reason: shortage.reason,
      purchase_order_id: shortage.purchaseOrderId,
      ended_at: shortage.endedAt,
    }),
  }
}

export function purchaseOrderView(order: Ordered): Static<typeof PurchaseOrder.schema> {
  const { id, number, supplierId, status, currency, totalMinor, expectedOn, orderedAt, orderedBy } = order
  return {
    ...{ id, number, supplier_id: supplierId, status, total: { amount: totalMinor, currency } },
    ...{ expected_on: expectedOn, ordered_at: orderedAt, ordered_by: orderedBy },
    ...{ needs_attention: order.needsAttention, version: order.version },
    ...present({
      sent_at: order.sentAt,
      ended_at: order.endedAt,
      ended_by: order.endedBy,
      end_reason: order.endReason,
      attention_reason: order.attentionReason,
    }),
    lines: order.lines.map((line) => ({
      ...{ sku: line.sku, warehouse_id: line.warehouseId, ordered: line.ordered, received: line.received },
      ...{ damaged: line.damaged, quarantined: line.quarantined, outstanding: outstanding(line) },
      ...{ unit_cost: { amount: line.unitCostMinor, currency }, replenishment_id: line.replenishmentId },
      ...present({ supplier_sku: line.supplierSku }),
    })),
  }
}

export function receiptView(receipt: Booked): Static<typeof Receipt.schema> {
  const { id, receivedAt, bookedAt, actor, afterTheEnd, lines, reference, note } = receipt
  return {
    ...{ id, received_at: receivedAt, booked_at: bookedAt, actor, after_the_end: afterTheEnd },
    ...present({ reference, note }),
    lines: lines.map(({ sku, warehouseId, received, damaged, quarantined }) => ({
      ...{ sku, warehouse_id: warehouseId, received, damaged, quarantined },
    })),
  }
}
