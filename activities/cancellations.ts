import { eligibilityOf, planCancellation } from '../domain/cancellations.ts'
import type { Wanted } from '../domain/cancellations.ts'
import type { CancellationId, OrderId } from '../domain/ids.ts'
import type { Currency } from '../domain/money.ts'
import type { RefundNote } from '../domain/notifications/refund.ts'
import { refuseOtherVersion } from '../domain/orders.ts'
import type { Actor, Order, OrderShipment } from '../domain/orders.ts'
import type { LineQuantity } from '../domain/proration.ts'
import { Refusal } from '../domain/refusals.ts'
import {
  giveUnitsBack,
  insertCancellation,
  isRecalling,
  moveCancellation,
  readCancellation,
} from '../store/cancellations.ts'
import type { Cancellation } from '../store/cancellations.ts'
import type { Db } from '../store/db.ts'
import { lockOrder, moveOrder, noteOnTimeline } from '../store/order-steps.ts'
import { announce } from '../store/outbox.ts'
import { readOrder } from '../store/orders.ts'
import { allParcelsAre, countParcels, keepParcel, setParcels, voidParcel } from '../store/parcels.ts'

export interface BeginCancellation {
  readonly cancellationId: CancellationId
  readonly orderId: OrderId
  readonly wanted: Wanted
  /** The version of the order that was looked at; null: whichever it is. */
  readonly version: number | null
  readonly reason: string
  readonly actor: Actor
  /** The key of the admin who asks. */
  readonly askedBy: string | null
  readonly cause: string
}

/** What is taken out of a paid order, for the steps that follow. */
export interface Begun {
  readonly outcome: 'begun'
  readonly whole: boolean
  readonly lines: readonly (LineQuantity & { readonly grams: number })[]
  readonly amountMinor: number
  readonly currency: Currency
  /** In how many parcels the order was to go; null where that was not decided. */
  readonly parcels: number | null
}

export type Beginning = Begun | { readonly outcome: 'unpaid' | 'already' }

/** A cancellation, and what became of its parcels. */
export interface Recalled {
  readonly cancellationId: CancellationId
  /** How many parcels fewer go out, and how many in their place, with what is left. */
  readonly closed: number
  readonly replaced: number
  /** Those of them whose labels had been bought. */
  readonly voided: readonly OrderShipment[]
  readonly cause: string
}

/** The order service's own steps of a cancellation: each is one transaction, and running it twice does it once. */
export function cancellationActivities({ db }: { db: Db }) {
  return {
    /**
     * Decides whether this can be cancelled, and takes it out of the order, while the order is locked: of any number of cancellations,
     * payments and shipments exactly one comes first. Refuses with `order.not_cancellable`, `order.line_unknown`,
     * `order.quantity_too_large`, `order.changed`, or `order.change_running` while another one takes parcels back.
     */
    async beginCancellation(asked: BeginCancellation): Promise<Beginning> {
      return db.transaction(async (trx) => {
        await lockOrder(trx, asked.orderId)
        const order = await readOrder(trx, asked.orderId)
        if (!order)
          throw new Refusal('order.not_found', 'There is no such order.', { orderId: asked.orderId })
        const known = await readCancellation(trx, asked.cancellationId)
        if (known) return begunOf(trx, { order, ...known })

        refuseOtherVersion(order, asked.version)
        const eligibility = eligibilityOf(order, asked.wanted)
        if (eligibility !== 'begin') return { outcome: eligibility === 'already' ? 'already' : 'unpaid' }
        const plan = planCancellation(order, asked.wanted)
        if (await isRecalling(trx, order.id)) throw stillChanging(order.id)
        await begin(trx, { asked, ...plan })
        return begunOf(trx, { order, ...plan })
      })
    },

    /** Nobody can stop it any more: "Order Cancelled" (or a part of it) stands in the timeline and is announced. */
    async announceCancellation(recalled: Recalled): Promise<void> {
      await db.transaction(async (trx) => {
        const { cancellationId, cause } = recalled
        const at = new Date().toISOString()
        const { orderId, whole, lines, amountMinor, actor, reason } = await locked(trx, cancellationId)
        if (!(await moveCancellation(trx, { cancellationId, from: 'recalling', to: 'settling', at }))) return
        await noteRecalled(trx, { orderId, goesOn: !whole, ...recalled })
        const type = whole ? 'Order Cancelled' : 'Order Partly Cancelled'
        const version = await noteOnTimeline(trx, { orderId, type, at, actor, reason, cause })
        const data = { orderId, cancellationId, whole, lines, amountMinor, version }
        await announce(trx, { schema: 'orders', events: [{ type, subject: orderId, at, cause, data }] })
        if (whole) return
        await shippedIfAllAre(trx, { orderId, at, cause })
      })
    },

    /** The carrier was faster: what was taken out of the order is back in it, and the customer reads why. */
    async loseCancellation({ left, ...lost }: Recalled & { left: readonly OrderShipment[] }): Promise<void> {
      const { cancellationId, replaced, cause } = lost
      await db.transaction(async (trx) => {
        const known = await locked(trx, cancellationId)
        const at = new Date().toISOString()
        const { orderId, whole } = known
        if (!(await moveCancellation(trx, { cancellationId, from: 'recalling', to: 'lost', at }))) return
        await giveUnitsBack(trx, known)
        for (const parcel of left) await keepParcel(trx, { orderId, parcel })
        await noteRecalled(trx, { orderId, goesOn: true, ...lost })
        const reason = `the carrier has ${left.map(({ trackingCode }) => trackingCode).join(', ')} already`
        const move = { orderId, type: 'Cancellation Refused', at, actor: 'system', reason, cause } as const
        const version = await noteOnTimeline(trx, move)
        const data = { orderId, cancellationId, reason, version }
        await announce(trx, {
          schema: 'orders',
          events: [{ type: move.type, subject: orderId, at, cause, data }],
        })
        if (!whole) return
        const to = replaced > 0 ? 'confirmed' : 'shipped'
        const type = to === 'shipped' ? 'Order Shipped' : 'Order Confirmed'
        await moveOrder(trx, { ...move, to, type })
      })
    },

    /**
     * The money is settled and the stock is free: the cancellation has ended, and with a whole one the order. Answers what the customer
     * is to read.
     */
    async finishCancellation({
      cancellationId,
      cause,
    }: {
      cancellationId: CancellationId
      cause: string
    }): Promise<{ note: Omit<RefundNote, 'amountMinor'> }> {
      return db.transaction(async (trx) => {
        const known = await locked(trx, cancellationId)
        const note = noteOf(await readOrder(trx, known.orderId), known)
        const at = new Date().toISOString()
        const { orderId, whole, actor, reason } = known
        if (!(await moveCancellation(trx, { cancellationId, from: 'settling', to: 'done', at })))
          return { note }
        const type = 'Cancellation Completed'
        if (whole) await moveOrder(trx, { orderId, to: 'cancelled', type, at, actor, reason, cause })
        else await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason: null, cause })
        return { note }
      })
    },
  }
}

const stillChanging = (orderId: OrderId): Refusal =>
  new Refusal(
    'order.change_running',
    'Another cancellation of this order is being worked on; please try again in a moment.',
    { orderId },
  )

async function begin(
  trx: Db,
  {
    asked,
    whole,
    lines,
    amountMinor,
  }: { asked: BeginCancellation } & Pick<Cancellation, 'whole' | 'lines' | 'amountMinor'>,
): Promise<void> {
  const { orderId, actor, reason, cause } = asked
  const at = new Date().toISOString()
  await insertCancellation(trx, { ...asked, whole, lines, amountMinor, begunAt: at })
  const type = 'Cancellation Requested'
  const note = { orderId, type, at, actor, reason, cause } as const
  if (whole) await moveOrder(trx, { ...note, to: 'cancelling' })
  else await noteOnTimeline(trx, note)
}

async function begunOf(
  trx: Db,
  {
    order,
    whole,
    lines,
    amountMinor,
  }: { order: Order } & Pick<Cancellation, 'whole' | 'lines' | 'amountMinor'>,
): Promise<Begun> {
  const gramsOf = new Map<string, number>(order.lines.map(({ lineId, grams }) => [lineId, grams]))
  return {
    outcome: 'begun',
    whole,
    lines: lines.map((line) => ({ ...line, grams: gramsOf.get(line.lineId) ?? 0 })),
    amountMinor,
    currency: order.currency,
    parcels: await countParcels(trx, order.id),
  }
}

/** What the customer reads of it. */
function noteOf(
  order: Order | null,
  { whole, lines, reason }: Cancellation,
): Omit<RefundNote, 'amountMinor'> {
  const nameOf = new Map<string, string>(order?.lines.map(({ lineId, name }) => [lineId, name]))
  return {
    cancelled: whole ? 'all' : 'part',
    lines: lines.map(({ lineId, quantity }) => ({ name: nameOf.get(lineId) ?? '', quantity })),
    reason,
  }
}

/** The cancellation, its order locked: whoever else would change it waits. */
async function locked(trx: Db, cancellationId: CancellationId): Promise<Cancellation> {
  const known = await readCancellation(trx, cancellationId)
  if (!known) throw new Error(`${cancellationId} was begun, but it is not in the database.`)
  await lockOrder(trx, known.orderId)
  return known
}

/** An order that goes on does so in fewer parcels, or in others. */
async function noteRecalled(
  trx: Db,
  { orderId, goesOn, closed, replaced, voided }: Recalled & { orderId: OrderId; goesOn: boolean },
): Promise<void> {
  for (const parcel of voided) await voidParcel(trx, { orderId, parcel })
  if (goesOn) await setParcels(trx, { orderId, change: replaced - closed })
}

/** What was cancelled may have been all that had not left yet. */
async function shippedIfAllAre(
  trx: Db,
  { orderId, at, cause }: { orderId: OrderId; at: string; cause: string },
): Promise<void> {
  const onTheirWay = ['handed_over', 'delivered', 'lost', 'returned'] as const
  if (!(await allParcelsAre(trx, { orderId, statuses: onTheirWay }))) return
  const shipped = { type: 'Order Shipped', to: 'shipped', actor: 'system', reason: null } as const
  await moveOrder(trx, { orderId, ...shipped, at, cause })
}
