import type { OrderId, ReshipId, ShipmentId } from '../domain/ids.ts'
import { refuseOtherVersion } from '../domain/orders.ts'
import type { LineQuantity } from '../domain/proration.ts'
import { Refusal } from '../domain/refusals.ts'
import type { RefusalData } from '../domain/refusals.ts'
import { planReship } from '../domain/reships.ts'
import type { ParcelLine, ReshipLine } from '../domain/reships.ts'
import type { Db } from '../store/db.ts'
import { lockOrder, noteOnTimeline } from '../store/order-steps.ts'
import { readOrder } from '../store/orders.ts'
import { announce } from '../store/outbox.ts'
import { markSentAgain, setParcels } from '../store/parcels.ts'
import { endReship, insertReship, readReship, reshipsOf, unitsOf } from '../store/reships.ts'

export interface OpenReship {
  readonly reshipId: ReshipId
  readonly orderId: OrderId
  /** The parcel that was lost or came back, and what is in it. */
  readonly shipmentId: ShipmentId
  readonly inParcel: readonly ParcelLine[]
  /** Null: all that is left of it. */
  readonly wanted: readonly LineQuantity[] | null
  /** The version of the order that was looked at; null: whichever it is. */
  readonly version: number | null
  readonly reason: string
  readonly askedBy: string | null
  readonly cause: string
}

/** The order service's own steps of sending a parcel again: each is one transaction, and running it twice does it once. */
export function reshipActivities({ db }: { db: Db }) {
  return {
    /**
     * Claims units of a parcel that did not arrive, while the order is locked. Refuses with `order.not_found`, `order.changed`,
     * `order.line_unknown`, `order.quantity_too_large` or `shipment.sent_again`.
     */
    async openReship(asked: OpenReship): Promise<{ lines: readonly ReshipLine[] }> {
      const { reshipId, orderId, shipmentId, inParcel, wanted, version } = asked
      return db.transaction(async (trx) => {
        await lockOrder(trx, orderId)
        const order = await readOrder(trx, orderId)
        if (!order) throw new Refusal('order.not_found', 'There is no such order.', { orderId })
        const known = await readReship(trx, reshipId)
        if (known) return { lines: known.lines }
        refuseOtherVersion(order, version)
        const before = (await reshipsOf(trx, orderId)).filter((each) => each.shipmentId === shipmentId)
        const lines = planReship(order, { inParcel, before: unitsOf(before), wanted })
        await insertReship(trx, { ...asked, lines, askedAt: new Date().toISOString() })
        return { lines }
      })
    },

    /** The undo of opening: gives the units back, and remembers why for whoever asks late. Also where nothing was opened. */
    async dropReship({ reshipId, refusal }: { reshipId: ReshipId; refusal: RefusalData }): Promise<void> {
      await endReship(db, { reshipId, to: 'refused', refusal })
    },

    /** The stock is there and the parcels are registered: from here on it is promised. */
    async confirmReship({
      reshipId,
      shipments,
      cause,
    }: {
      reshipId: ReshipId
      shipments: readonly ShipmentId[]
      cause: string
    }): Promise<void> {
      await db.transaction(async (trx) => {
        const known = await readReship(trx, reshipId)
        if (!known) throw new Error(`${reshipId} was opened, but it is not in the database.`)
        const { orderId, shipmentId, lines, reason } = known
        await lockOrder(trx, orderId)
        if (!(await endReship(trx, { reshipId, to: 'sent', shipments }))) return
        const first = await markSentAgain(trx, { shipmentId })
        await setParcels(trx, { orderId, change: shipments.length - (first ? 1 : 0) })
        const at = new Date().toISOString()
        const type = 'Parcel Sent Again'
        const version = await noteOnTimeline(trx, { orderId, type, at, actor: 'admin', reason, cause })
        const data = { orderId, reshipId, shipmentId, shipments, lines, version }
        await announce(trx, { schema: 'orders', events: [{ type, subject: orderId, at, cause, data }] })
      })
    },
  }
}
