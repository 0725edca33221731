import type { DomainEvent } from '../../domain/events.ts'
import type { OrderId, ResendId } from '../../domain/ids.ts'
import type { ShipmentMoved } from '../../domain/shipment-events.ts'
import type { Db } from '../../store/db.ts'
import { noteOnTimeline } from '../../store/order-steps.ts'
import type { Deeds } from './effect.ts'

/** Writes to the customer that a parcel has left; the mail's own key keeps a repeat from being a second one. */
export async function writeShippedMail({ mails }: Deeds, { cause, data }: DomainEvent): Promise<void> {
  const { orderId, ...parcel } = data as unknown as ShipmentMoved
  await mails.sendShipped({ orderId, parcel, cause })
}

/** As `store/sent-mails.ts` announces it. */
interface Asked {
  readonly orderId: OrderId
  readonly resendId: ResendId
  readonly messageId: string
  readonly kind: string
  readonly reason: string
}

/** An admin wants a mail sent again: once, under a Message-ID of its own. */
export async function sendMailAgain({ mails }: Deeds, { cause, data }: DomainEvent): Promise<void> {
  const { orderId, messageId, resendId } = data as unknown as Asked
  await mails.sendAgain({ orderId, messageId, resendId, cause })
}

export async function noteMailAgain(trx: Db, { at, cause, data }: DomainEvent): Promise<void> {
  const { orderId, kind, reason } = data as unknown as Asked
  const note = { type: 'Mail Sent Again', at, actor: 'admin', reason: `${kind}: ${reason}` } as const
  await noteOnTimeline(trx, { orderId, ...note, cause })
}
