import type { PurchaseOrderId } from '../domain/ids.ts'
import type { OverdueOrder } from '../domain/notifications/stock-mails.ts'
import type { SupplierLetter } from '../domain/notifications/supplier-letter.ts'
import { endedLines, hasEnded, outstanding } from '../domain/purchase-orders.ts'
import type { EndedLine, PurchaseOrderLine, PurchaseOrderStatus } from '../domain/purchase-orders.ts'
import type { Db } from '../store/db.ts'
import { flagPurchaseOrder, markOverdue, markSent, readPurchaseOrder } from '../store/purchase-orders.ts'
import { readSupplier } from '../store/suppliers.ts'
import type { Delivery } from './purchasing/check-delivery.ts'
import { endOrder } from './purchasing/end-order.ts'
import type { EndOrder } from './purchasing/end-order.ts'
import { orderStock } from './purchasing/place-order.ts'
import type { OrderedLine, OrderStock } from './purchasing/place-order.ts'
import { receiveDelivery } from './purchasing/receive.ts'
import type { BookedDelivery } from './purchasing/receive.ts'
import { notFound, supplierLetter } from './purchasing/supplier-letter.ts'

export interface Outstanding {
  readonly sku: string
  readonly warehouseId: string
  readonly units: number
}

/** How a purchase order stands, as its workflow needs to know. */
export interface OrderStanding {
  readonly number: string
  readonly status: PurchaseOrderStatus
  readonly sent: boolean
  readonly expectedOn: string
  /** What is still to come. */
  readonly outstanding: readonly Outstanding[]
  /** The lines of which nothing more comes. */
  readonly ended: readonly EndedLine[]
}

/** What we owe suppliers and warehouses. */
export function purchasingActivities({ db }: { db: Db }) {
  return {
    /**
     * Orders shortages from one supplier: all of them or none. Each is ordered once, whoever approves it and however often; the same
     * order asked for again is the one that is there. Refuses with `replenishment.decided`, `replenishment.quantity`,
     * `supplier.unknown`, `supplier.does_not_sell`.
     */
    async createPurchaseOrder(order: OrderStock): Promise<{ number: string; lines: readonly OrderedLine[] }> {
      return orderStock(db, order)
    },

    /** How an order stands. Throws when there is none: a workflow is started for an order that was made. */
    async readOrderStanding({
      purchaseOrderId,
    }: {
      purchaseOrderId: PurchaseOrderId
    }): Promise<OrderStanding> {
      const order = await readPurchaseOrder(db, purchaseOrderId)
      if (!order) throw notFound(purchaseOrderId)
      const { number, status, sentAt, expectedOn, lines } = order
      return {
        number,
        status,
        sent: sentAt !== null,
        expectedOn,
        outstanding: outstandingOf(lines),
        ended: endedLines(order),
      }
    },

    /** What the supplier is written; null when the order ended before anybody wrote to him. */
    async writeSupplierLetter({
      purchaseOrderId,
    }: {
      purchaseOrderId: PurchaseOrderId
    }): Promise<SupplierLetter | null> {
      const order = await readPurchaseOrder(db, purchaseOrderId)
      if (!order) throw notFound(purchaseOrderId)
      if (hasEnded(order.status) && order.sentAt === null) return null
      return supplierLetter(db, purchaseOrderId)
    },

    /** Notes that the supplier was told, or that his mail server wants nothing from us: then an admin has to tell him. */
    async noteSupplierTold(told: {
      purchaseOrderId: PurchaseOrderId
      refusedWith: string | null
      now: string
    }): Promise<void> {
      const { purchaseOrderId: id, refusedWith, now: at } = told
      if (refusedWith === null) return markSent(db, { id, at })
      const reason = `the supplier's mail server refused the order (${refusedWith}): tell him in another way`
      await flagPurchaseOrder(db, { id, reason })
    },

    /** Notes that somebody is told that an order is overdue, and answers what to tell him; null: it is over meanwhile. */
    async noteOverdue({
      purchaseOrderId,
      now,
    }: {
      purchaseOrderId: PurchaseOrderId
      now: string
    }): Promise<OverdueOrder | null> {
      await markOverdue(db, { id: purchaseOrderId, at: now })
      const order = await readPurchaseOrder(db, purchaseOrderId)
      const supplier = order && (await readSupplier(db, order.supplierId))
      if (!order || !supplier || hasEnded(order.status)) return null
      const { number, expectedOn, lines } = order
      const missing = outstandingOf(lines).map(({ units: outstanding, ...line }) => ({
        ...line,
        outstanding,
      }))
      return { purchaseOrderId, number, supplierName: supplier.name, expectedOn, lines: missing }
    },

    /** Books a delivery, once by its id and once by its delivery note (`activities/purchasing/receive.ts`). */
    async receiveStock(delivery: Delivery): Promise<BookedDelivery> {
      return receiveDelivery(db, delivery)
    },

    /** Ends an order before all of it came: cancelled, or closed short (`activities/purchasing/end-order.ts`). */
    async endPurchaseOrder(end: EndOrder): Promise<{ ended: readonly EndedLine[] }> {
      return endOrder(db, end)
    },
  }
}

function outstandingOf(lines: readonly PurchaseOrderLine[]): Outstanding[] {
  return lines
    .map((line) => ({ sku: line.sku, warehouseId: line.warehouseId, units: outstanding(line) }))
    .filter(({ units }) => units > 0)
}
