import type { EventType } from '../../domain/events.ts'
import { nextParcelStatus } from '../../domain/shipments.ts'
import type { ParcelStatus } from '../../domain/shipments.ts'
import type { TrackingState } from '../../gateways/easypost.ts'
import { bookTracking, dueShipments } from '../../store/shipments.ts'
import type { Shipment } from '../../store/shipments.ts'
import type { ShippingServices } from './buy-label.ts'
import { takeBackStrays } from './take-back.ts'

/** What is announced when a parcel reaches a status. */
const events = {
  handed_over: 'Shipment Handed Over',
  delivered: 'Shipment Delivered',
  lost: 'Shipment Failed',
  returned: 'Shipment Failed',
} as const satisfies Record<Exclude<ParcelStatus, 'ready'>, EventType>

export async function followParcels(
  services: ShippingServices,
  { limit, pollEveryMs }: { limit: number; pollEveryMs: number },
): Promise<{ asked: number }> {
  const { db, carrier } = services
  const now = new Date()
  const nextPollAt = new Date(now.getTime() + pollEveryMs).toISOString()
  // Taking a parcel puts its next turn off, in a transaction of its own: no lock is held while the carrier is asked.
  const due = await dueShipments(db, { now: now.toISOString(), limit, nextPollAt })
  const byTracker = new Map(
    due.flatMap((parcel) => (parcel.trackerId === null ? [] : [[parcel.trackerId, parcel]])),
  )
  const states = await carrier.track([...byTracker.keys()])
  for (const state of states) {
    const parcel = byTracker.get(state.trackerId)
    if (parcel) await applyTracking(services, { parcel, state, nextPollAt })
  }
  await takeBackStrays(services, { limit })
  return { asked: due.length }
}

/** Books what the carrier says of a parcel. Early, late, twice or out of order: a parcel only ever moves on. */
export async function applyTracking(
  { db }: Pick<ShippingServices, 'db'>,
  {
    parcel,
    state,
    nextPollAt,
  }: { parcel: Shipment; state: Pick<TrackingState, 'status' | 'scans'>; nextPollAt: string },
): Promise<void> {
  const { shipmentId, orderId, reshipId, cause, warehouseId, lines } = parcel
  if (parcel.status === 'pending' || parcel.status === 'closed') return
  const { carrier, service, trackingCode, trackingUrl } = parcel
  const path = nextParcelStatus(parcel.status, state.status)
  const at = new Date().toISOString()
  const to = path.at(-1) ?? parcel.status
  await bookTracking(db, {
    shipmentId,
    scans: state.scans.map(({ city, ...scan }) => ({ ...scan, place: city ?? null })),
    from: parcel.status,
    to,
    nextPollAt: to === 'handed_over' ? nextPollAt : null,
    events: path.map((status) => ({
      type: events[status],
      subject: orderId,
      at,
      cause,
      data: {
        ...{ orderId, shipmentId, reshipId, status, warehouseId, lines },
        ...{ carrier, service, trackingCode, trackingUrl },
      },
    })),
  })
}
