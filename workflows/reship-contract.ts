import { defineUpdate } from '@temporalio/workflow'
import type { OrderId, ReshipId, ShipmentId } from '../domain/ids.ts'
import type { LineQuantity } from '../domain/proration.ts'
import type { RefusalData } from '../domain/refusals.ts'

/** The part of `workflows/` about sending parcels again that outsiders may import by value: names, ids, messages. */

export const reshipOrderId = (reshipId: ReshipId): string => `reship-order:${reshipId}`

/** The argument of the workflow `reshipOrder`. */
export interface ReshipOrder {
  readonly reshipId: ReshipId
}

export interface ReshipRequest {
  readonly orderId: OrderId
  /** The parcel that was lost or came back. */
  readonly shipmentId: ShipmentId
  /** Lines and quantities of it; null: all that is left. */
  readonly wanted: readonly LineQuantity[] | null
  /** The version of the order that whoever asks looked at; null: whichever it is. */
  readonly version: number | null
  readonly reason: string
  readonly askedBy: string | null
  readonly cause: string
}

export type ReshipStanding =
  /** `shipments`: the parcels that go in its place. */
  | { readonly outcome: 'accepted'; readonly shipments: readonly ShipmentId[] }
  | { readonly outcome: 'refused'; readonly refusal: RefusalData }

/** Sends a parcel again. The first one starts the workflow. */
export const reship = defineUpdate<ReshipStanding, [ReshipRequest]>('reship')
