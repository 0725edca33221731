import type { PurchaseOrderId, ReplenishmentId, Sku, SupplierId, WarehouseId } from './ids.ts'
import type { Currency } from './money.ts'

/** `open`: ordered, nothing has come. What is received, closed short or cancelled has ended. */
export const purchaseOrderStatuses = [
  'open',
  'partly_received',
  'received',
  'closed_short',
  'cancelled',
] as const
export type PurchaseOrderStatus = (typeof purchaseOrderStatuses)[number]

export const replenishmentStatuses = [
  'waiting',
  'ordered',
  'fulfilled',
  'closed_short',
  'cancelled',
  'rejected',
  'expired',
] as const
export type ReplenishmentStatus = (typeof replenishmentStatuses)[number]

export const hasEnded = (status: PurchaseOrderStatus): boolean =>
  status !== 'open' && status !== 'partly_received'

export interface PurchaseOrderLine {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  /** What the supplier calls it. */
  readonly supplierSku: string | null
  readonly ordered: number
  readonly received: number
  readonly damaged: number
  readonly quarantined: number
  readonly unitCostMinor: number
  /** Whether more of it is coming. */
  readonly open: boolean
  readonly replenishmentId: ReplenishmentId
}

export interface PurchaseOrder {
  readonly id: PurchaseOrderId
  /** The short number that suppliers and people on the phone use. */
  readonly number: string
  readonly supplierId: SupplierId
  readonly status: PurchaseOrderStatus
  readonly currency: Currency
  readonly totalMinor: number
  /** A day: `2026-11-30`. */
  readonly expectedOn: string
  readonly orderedAt: string
  readonly orderedBy: string
  readonly sentAt: string | null
  readonly endedAt: string | null
  readonly endedBy: string | null
  readonly endReason: string | null
  readonly needsAttention: boolean
  readonly attentionReason: string | null
  readonly version: number
  readonly lines: readonly PurchaseOrderLine[]
}

/** Units of a line that came, in whatever condition: the supplier has sent them. */
export const arrived = (line: Pick<PurchaseOrderLine, 'received' | 'damaged' | 'quarantined'>): number =>
  line.received + line.damaged + line.quarantined

/** Units of a line that are still to come. */
export const outstanding = (line: PurchaseOrderLine): number =>
  line.open ? Math.max(0, line.ordered - arrived(line)) : 0

/** What of one line came in one delivery. */
export interface ReceiptLine {
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly received: number
  readonly damaged: number
  readonly quarantined: number
}

/**
 * Why a delivery of a line cannot be true; null when it can. More than was ordered does come, and is booked; more than twice as much
 * is a slip of the finger.
 */
export function absurdReceipt(line: PurchaseOrderLine, came: ReceiptLine): string | null {
  const together = arrived(line) + arrived(came)
  if (together <= 2 * line.ordered) return null
  return `${line.ordered} of ${line.sku} were ordered and ${together} would have come, more than twice as many: check the number.`
}

/** How an order stands once its lines stand so. */
export function statusAfter(lines: readonly PurchaseOrderLine[]): 'open' | 'partly_received' | 'received' {
  if (lines.every((line) => arrived(line) >= line.ordered)) return 'received'
  return lines.some((line) => arrived(line) > 0) ? 'partly_received' : 'open'
}

/** The end of the day on which a delivery was expected, in UTC: from then on it is overdue. */
export const overdueFrom = (expectedOn: string): number => Date.parse(`${expectedOn}T23:59:59.999Z`)

/** So many days after a moment, as a day. */
export function dayAfter(isoTime: string, days: number): string {
  return new Date(Date.parse(isoTime) + days * 86_400_000).toISOString().slice(0, 10)
}

/** A line of which nothing more comes, and how its shortage ended: whoever waits for it is told. */
export interface EndedLine {
  readonly replenishmentId: ReplenishmentId
  readonly sku: Sku
  readonly warehouseId: WarehouseId
  readonly status: Extract<ReplenishmentStatus, 'fulfilled' | 'closed_short' | 'cancelled'>
}

/** The lines that are over, each as it ended. Said of the order as it stands, not of what changed: who asks twice hears the same. */
export function endedLines({ status, lines }: Pick<PurchaseOrder, 'status' | 'lines'>): EndedLine[] {
  return lines
    .filter((line) => !line.open)
    .map((line) => {
      const { replenishmentId, sku, warehouseId } = line
      const complete = arrived(line) >= line.ordered
      const short = status === 'cancelled' ? 'cancelled' : 'closed_short'
      return { replenishmentId, sku, warehouseId, status: complete ? 'fulfilled' : short }
    })
}
