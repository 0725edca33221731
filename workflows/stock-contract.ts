import { defineSignal, defineUpdate } from '@temporalio/workflow'
import type {
  PurchaseOrderId,
  ReceiptId,
  ReplenishmentId,
  Sku,
  SupplierId,
  WarehouseId,
} from '../domain/ids.ts'
import type { Patience } from '../domain/patience.ts'
import type { EndedLine, PurchaseOrderStatus, ReceiptLine } from '../domain/purchase-orders.ts'
import type { RefusalData } from '../domain/refusals.ts'
import type { ReplenishmentPolicy } from '../domain/replenishment.ts'

/** The part of `workflows/` about stock that outsiders may import by value: names, ids, messages. */
export const stockCheckSchedule = 'daily-inventory-check'
/** The schedule adds the time of the run to it. */
export const stockCheckId = 'check-inventory'

export const replenishStockId = ({ sku, warehouseId }: { sku: Sku; warehouseId: WarehouseId }): string =>
  `replenish-stock:${warehouseId}:${sku}`
export const purchaseOrderWorkflowId = (id: PurchaseOrderId): string => `purchase-order:${id}`

/** The argument of the workflow `checkInventory`. */
export interface CheckInventory {
  readonly policy: ReplenishmentPolicy
  readonly patience: Patience
  readonly overdueEveryMs: number
}

/** The argument of the workflow `replenishStock`. */
export interface ReplenishStock extends CheckInventory {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  /** The run of the check that found it. */
  readonly checkId: string
}

/** The argument of the workflow `purchaseOrder`. */
export interface PurchaseOrderStory {
  readonly purchaseOrderId: PurchaseOrderId
  readonly overdueEveryMs: number
}

/** Who decides. From the Web UI and the command line nobody needs to say. */
interface Signed {
  readonly actor?: string
  readonly cause?: string
}

/** All of it may be left out: then what was suggested is ordered from whom it was suggested. */
export interface Approve extends Signed {
  /** The shortage that is meant; refused when another one waits here by now. */
  readonly replenishmentId?: ReplenishmentId
  readonly quantity?: number
  readonly supplierId?: SupplierId
  /** A day. */
  readonly expectedOn?: string
  /** Other shortages for the same purchase order. */
  readonly together?: readonly { readonly replenishmentId: ReplenishmentId; readonly quantity?: number }[]
}

export interface Reject extends Signed {
  readonly replenishmentId?: ReplenishmentId
  readonly reason: string
}

/** The answer to a decision, and how a shortage ended. */
export type Decided =
  | { readonly outcome: 'ordered'; readonly purchaseOrderId: PurchaseOrderId; readonly number: string | null }
  | { readonly outcome: 'rejected' }
  | { readonly outcome: 'expired' }
  | { readonly outcome: 'not_low' }
  | { readonly outcome: 'refused'; readonly refusal: RefusalData }

/** What a warehouse says that came. */
export interface Receive extends Signed {
  readonly receiptId: ReceiptId
  readonly reference?: string
  readonly orderNumber?: string
  readonly receivedAt?: string
  readonly lines: readonly (Omit<ReceiptLine, 'warehouseId'> & { readonly warehouseId?: WarehouseId })[]
  /** Nothing more will come. */
  readonly final?: boolean
  readonly note?: string
}

export interface EndPurchaseOrder extends Signed {
  readonly as: 'cancelled' | 'closed_short'
  readonly reason: string
}

/** The answer to a letter about a purchase order. `closed`: its story has ended meanwhile; ask again. */
export type PurchaseAnswer =
  | { readonly outcome: 'booked'; readonly receiptId: ReceiptId; readonly status: PurchaseOrderStatus }
  | { readonly outcome: 'ended'; readonly status: 'cancelled' | 'closed_short' }
  | { readonly outcome: 'closed' }
  | { readonly outcome: 'refused'; readonly refusal: RefusalData }

/** Approves a shortage: what is ordered, and from whom, may be changed. */
export const approve = defineUpdate<Decided, [Approve]>('approve')
export const reject = defineUpdate<Decided, [Reject]>('reject')
/** The same from the Web UI or the command line, where nobody waits for an answer. */
export const approveSignal = defineSignal<[Approve]>('approve')
export const rejectSignal = defineSignal<[Reject]>('reject')

/** A shortage was ordered together with another one. */
export interface OrderedTogether {
  readonly replenishmentId: ReplenishmentId
  readonly purchaseOrderId: PurchaseOrderId
}
export const orderedTogether = defineSignal<[OrderedTogether]>('orderedTogether')
/** Nothing more comes for this shortage. */
export const shortageEnded = defineSignal<[EndedLine]>('shortageEnded')

export const receive = defineUpdate<PurchaseAnswer, [Receive]>('receive')
export const endPurchaseOrder = defineUpdate<PurchaseAnswer, [EndPurchaseOrder]>('endPurchaseOrder')
export const receiveSignal = defineSignal<[Receive]>('receive')
export const endPurchaseOrderSignal = defineSignal<[EndPurchaseOrder]>('endPurchaseOrder')
