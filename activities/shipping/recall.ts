import type { CancellationId, OrderId } from '../../domain/ids.ts'
import { shipmentIdOf } from '../../domain/ids.ts'
import type { OrderShipment } from '../../domain/orders.ts'
import type { LineQuantity } from '../../domain/proration.ts'
import { planRecall, replacementIds } from '../../domain/recalls.ts'
import type { RecalledUnits, RecallPlan } from '../../domain/recalls.ts'
import type { Db } from '../../store/db.ts'
import {
  closeParcels,
  lockParcels,
  noteVoided,
  readRecall,
  registerReplacement,
  reopenParcel,
  shutBeforehand,
  writeRecall,
} from '../../store/recalls.ts'
import type { OwnParcel } from '../../store/recalls.ts'
import type { ShipmentPlan } from '../../store/shipments.ts'
import type { Label } from '../../gateways/easypost.ts'
import { bookLabel } from './buy-label.ts'
import type { ShippingServices } from './buy-label.ts'
import { takeBackLabels } from './take-back.ts'

export interface RecallParcels {
  readonly cancellationId: CancellationId
  readonly orderId: OrderId
  /** What is cancelled, with what a unit weighs; null: everything. */
  readonly wanted: readonly (LineQuantity & { readonly grams: number })[] | null
  /** In how many parcels the order was to go. */
  readonly parcels: number | null
  readonly cause: string
}

interface Consequences {
  /** How many parcels fewer go out; and those that go in the place of some of them. */
  readonly closed: number
  readonly replacements: readonly ShipmentPlan['shipmentId'][]
  /** Of the closed ones those whose labels had been bought. */
  readonly voided: readonly OrderShipment[]
}

/** `left`: a carrier has what was to be taken back, or some of it. Then nothing is taken back. */
export type Recall = Consequences &
  (
    | { readonly outcome: 'recalled'; readonly units: readonly RecalledUnits[] }
    | { readonly outcome: 'left'; readonly left: readonly OrderShipment[] }
  )

/**
 * Takes parcels back: first their rows are closed, then their labels voided, then what still goes is put into parcels of its own. A
 * carrier that has one of them already wins: it is reopened, and the others go out under new labels. However often it runs, it comes
 * to one end.
 */
export async function recallParcels(services: ShippingServices, asked: RecallParcels): Promise<Recall> {
  const { db } = services
  const ended = await readRecall<Recall>(db, asked.cancellationId)
  if (ended) return ended
  const plan = await db.transaction((trx) => close(trx, asked))
  const refused = plan && (await voidAll(services, plan))
  return db.transaction((trx) => conclude({ ...services, db: trx }, { asked, plan, refused }))
}

/** The plan, with its parcels closed; null: something of it has left. */
async function close(trx: Db, asked: RecallParcels): Promise<RecallPlan<OwnParcel> | null> {
  const { cancellationId, orderId, wanted, parcels, cause } = asked
  const all = await lockParcels(trx, orderId)
  const begun = all.filter(({ recalledBy }) => recalledBy === cancellationId)
  if (begun.length > 0) return planRecall(begun, wanted)

  const missing = unregistered(all, parcels)
  // Where there are some already, a carrier may have one of them, and then all the others go: they have to be known first.
  if (missing.length > 0 && (wanted !== null || all.length > 0)) {
    throw new Error(`The parcels of ${orderId} are not registered yet.`)
  }
  if (wanted === null && all.some(hasLeft)) return null
  const plan = planRecall(all.filter(isWithUs), wanted)
  if (!plan) return null
  const shipmentIds = plan.parcels.map(({ parcel }) => parcel.shipmentId)
  await closeParcels(trx, { shipmentIds, cancellationId })
  for (const number of missing) {
    await shutBeforehand(trx, { plan: emptyPlan(orderId, number), cancellationId, cause })
  }
  return plan
}

// What is sent again of a lost parcel is not taken back: its line left long ago, and its stock is held under another name.
const isWithUs = ({ status, reshipId }: OwnParcel): boolean =>
  reshipId === null && (status === 'pending' || status === 'ready')
const hasLeft = ({ status }: OwnParcel): boolean =>
  status !== 'closed' && status !== 'pending' && status !== 'ready'

/** The numbers of parcels that the order was to go in, and that nobody has registered yet. */
function unregistered(all: readonly OwnParcel[], parcels: number | null): number[] {
  const known = new Set(all.map(({ number }) => number))
  if (parcels === null || all.length >= parcels) return []
  return Array.from({ length: parcels }, (_, index) => index + 1).filter((number) => !known.has(number))
}

/** A parcel that will never be sent: its row is there to be found closed. */
const emptyPlan = (orderId: OrderId, number: number): ShipmentPlan => ({
  ...{ shipmentId: shipmentIdOf(orderId, number), orderId, number, lines: [], grams: 0 },
  warehouseId: '' as ShipmentPlan['warehouseId'],
  shipTo: { name: '', line1: '', city: '', postalCode: '', country: '' },
  rate: {
    ...{ source: 'table', carrier: '', service: '', amountMinor: 0 },
    ...{ deliveryDays: null, carrierShipmentId: null, carrierRateId: null },
  },
})

/** A parcel that its carrier would not give back, and the label that it has. */
interface Refused {
  readonly parcel: OwnParcel
  readonly label: Label
}

/** Voids the labels one after the other; the parcel whose label the carrier would not take back, if there is one. */
async function voidAll(
  services: ShippingServices,
  { parcels }: RecallPlan<OwnParcel>,
): Promise<Refused | null> {
  for (const { parcel } of parcels) {
    const { shipmentId, voidedAt } = parcel
    if (voidedAt !== null) continue
    const refused = await takeBackLabels(services, parcel)
    if (refused !== null) {
      const label = await services.carrier.retrieveLabel(refused)
      if (label.outcome !== 'bought')
        throw new Error(`The carrier keeps ${refused}, and has no label for it.`)
      return { parcel, label }
    }
    await noteVoided(services.db, { shipmentId })
  }
  return null
}

/** Writes down what came of it, once, with the parcels that go in the place of those that were closed. */
async function conclude(
  services: ShippingServices,
  {
    asked,
    plan,
    refused,
  }: { asked: RecallParcels; plan: RecallPlan<OwnParcel> | null; refused: Refused | null },
): Promise<Recall> {
  const { cancellationId, orderId } = asked
  const { db: trx } = services
  const all = await lockParcels(trx, orderId)
  const ended = await readRecall<Recall>(trx, cancellationId)
  if (ended) return ended

  const closed = (plan?.parcels ?? []).filter(
    ({ parcel }) => parcel.shipmentId !== refused?.parcel.shipmentId,
  )
  const lost = plan === null || refused !== null
  // Who lost sends all of it again; who won sends what was not cancelled.
  const staying = closed.flatMap(({ parcel, stays }) => (lost ? [parcel] : stays ? [stays] : []))
  if (refused) await goesOn(services, refused)
  const highest = Math.max(asked.parcels ?? 0, ...all.map(({ number }) => number))
  const replacements = await replaceAll(trx, { asked, staying, highest })
  const rest = {
    closed: closed.length,
    replacements,
    voided: closed.flatMap(({ parcel }) => shownParcel(parcel, 'voided')),
  }
  const left = refused ? [{ ...refused.parcel, ...refused.label }] : all.filter(hasLeft)
  const answer: Recall = lost
    ? { outcome: 'left', left: left.flatMap((parcel) => shownParcel(parcel, statusOf(parcel))), ...rest }
    : { outcome: 'recalled', units: plan.units, ...rest }
  await writeRecall(trx, { cancellationId, orderId, answer })
  return answer
}

/** Reopens it; a label of which nobody had heard is booked only now. */
async function goesOn(services: ShippingServices, { parcel, label }: Refused): Promise<void> {
  const { shipmentId, trackingCode } = parcel
  const to = trackingCode === label.trackingCode ? 'ready' : 'pending'
  await reopenParcel(services.db, { shipmentId, to, nextPollAt: new Date().toISOString() })
  if (to === 'pending') await bookLabel(services, { shipment: parcel, label })
}

async function replaceAll(
  trx: Db,
  { asked, staying, highest }: { asked: RecallParcels; staying: readonly OwnParcel[]; highest: number },
): Promise<ShipmentPlan['shipmentId'][]> {
  const ids = replacementIds(asked.orderId, { highest, count: staying.length })
  for (const [index, id] of ids.entries()) {
    const parcel = staying[index]
    if (!parcel) continue
    const rate = { ...parcel.rate, carrierShipmentId: null, carrierRateId: null }
    const plan = { ...parcel, ...id, rate }
    await registerReplacement(trx, { plan, replaces: parcel.shipmentId, cause: asked.cause })
  }
  return ids.map(({ shipmentId }) => shipmentId)
}

const statusOf = ({ status }: OwnParcel): OrderShipment['status'] =>
  status === 'pending' || status === 'closed' ? 'ready' : status

/** A parcel as its order knows it; none while it has no label. */
function shownParcel(parcel: OwnParcel, status: OrderShipment['status']): OrderShipment[] {
  const { shipmentId, carrier, service, trackingCode, trackingUrl, labelUrl } = parcel
  if (carrier === null || service === null || trackingCode === null) return []
  return [{ shipmentId, status, carrier, service, trackingCode, trackingUrl, labelUrl }]
}
