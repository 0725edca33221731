import type { PurchaseOrderId } from '../../domain/ids.ts'
import { timesMinor } from '../../domain/money.ts'
import type { SupplierLetter } from '../../domain/notifications/supplier-letter.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { Db } from '../../store/db.ts'
import { readPurchaseOrder } from '../../store/purchase-orders.ts'
import { readSupplier } from '../../store/suppliers.ts'
import { listWarehouses } from '../../store/warehouses.ts'

/** The order as the supplier reads it. All that could name a person stands in `personal`. Throws when there is no such order. */
export async function supplierLetter(db: Db, purchaseOrderId: PurchaseOrderId): Promise<SupplierLetter> {
  const order = await readPurchaseOrder(db, purchaseOrderId)
  const supplier = order && (await readSupplier(db, order.supplierId))
  if (!order || !supplier) throw notFound(purchaseOrderId)
  const places = new Set(order.lines.map((line) => line.warehouseId))
  const warehouses = (await listWarehouses(db)).filter(({ id }) => places.has(id))
  const { id, number, currency, orderedAt, expectedOn, totalMinor, lines } = order
  return {
    ...{ purchaseOrderId: id, number, currency, orderedAt, expectedOn, totalMinor },
    lines: lines.map(({ sku, warehouseId, supplierSku, ordered, unitCostMinor }) => ({
      ...{ sku, warehouseId, supplierSku, quantity: ordered, unitCostMinor },
      totalMinor: timesMinor(unitCostMinor, ordered),
    })),
    personal: {
      supplierName: supplier.name,
      email: supplier.email,
      deliverTo: warehouses.map(({ id: warehouseId, name, address }) => ({ warehouseId, name, address })),
    },
  }
}

export const notFound = (purchaseOrderId: PurchaseOrderId): Refusal =>
  new Refusal('purchase_order.not_found', 'There is no such purchase order.', { purchaseOrderId })
