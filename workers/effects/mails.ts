import type { DomainEvent } from '../../domain/events.ts'
import type { ShipmentMoved } from '../../domain/shipment-events.ts'
import type { Deeds } from './effect.ts'

/** Writes to the customer that a parcel has left; the mail's own key keeps a repeat from being a second one. */
export async function writeShippedMail({ mails }: Deeds, { cause, data }: DomainEvent): Promise<void> {
  const { orderId, ...parcel } = data as unknown as ShipmentMoved
  await mails.sendShipped({ orderId, parcel, cause })
}
