import type { OrderId } from '../domain/ids.ts'
import { renderConfirmation } from '../domain/notifications/confirmation.ts'
import type { LetterParcel, OrderLetter, RenderedMail } from '../domain/notifications/letter.ts'
import { renderRefund } from '../domain/notifications/refund.ts'
import type { RefundNote } from '../domain/notifications/refund.ts'
import { renderShipped } from '../domain/notifications/shipped.ts'
import { renderTooLate } from '../domain/notifications/too-late.ts'
import { keepLetter, readLetter } from '../store/notifications.ts'
import { postOnce } from './notifications/post-once.ts'
import type { Post } from './notifications/post-once.ts'

export interface MailServices extends Post {
  readonly shopName: string
}

/** A parcel by its SKUs; how they are called stands in the letter. */
export interface Parcel extends Omit<LetterParcel, 'lines'> {
  readonly shipmentId: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
}

/** One mail per (order, kind, shipment or refund), under a Message-ID that a repeat repeats (invariant I15). */
export function notificationActivities(services: MailServices) {
  const { db, shopName } = services
  return {
    /** Writes to the customer that the order stands, and keeps the letter for what is to be written later. */
    async sendConfirmation({ letter, cause }: { letter: OrderLetter; cause: string }): Promise<void> {
      await keepLetter(db, letter)
      const mail = renderConfirmation({ shopName, letter })
      await sendOnce(services, { letter, kind: 'confirmation', reference: letter.orderId, mail, cause })
    },

    /** Writes to the customer what was cancelled, what goes back and why; once for each cancellation or refund. */
    async sendRefund({
      orderId,
      reference,
      refund,
      cause,
    }: {
      orderId: OrderId
      reference: string
      refund: RefundNote
      cause: string
    }): Promise<void> {
      const letter = await knownLetter(services, orderId)
      const mail = renderRefund({ shopName, letter, refund })
      await sendOnce(services, { letter, kind: 'refund', reference, mail, cause })
    },

    /** Writes to the customer that it is too late to cancel. */
    async sendTooLate({
      orderId,
      reference,
      cause,
    }: {
      orderId: OrderId
      reference: string
      cause: string
    }): Promise<void> {
      const letter = await knownLetter(services, orderId)
      const mail = renderTooLate({ shopName, letter })
      await sendOnce(services, { letter, kind: 'too-late', reference, mail, cause })
    },

    /** Writes to the customer that a parcel has left. */
    async sendShipped({
      orderId,
      parcel,
      cause,
    }: {
      orderId: OrderId
      parcel: Parcel
      cause: string
    }): Promise<void> {
      const letter = await knownLetter(services, orderId)
      const nameOf = new Map(letter.lines.map(({ sku, name }) => [sku, name]))
      const lines = parcel.lines.map(({ sku, quantity }) => ({ name: nameOf.get(sku) ?? sku, quantity }))
      const mail = renderShipped({ shopName, letter, parcels: [{ ...parcel, lines }] })
      await sendOnce(services, { letter, kind: 'shipped', reference: parcel.shipmentId, mail, cause })
    },
  }
}

/** The letter that was kept with the confirmation. An order that nobody was written to about has none: that is a fault. */
async function knownLetter({ db }: MailServices, orderId: OrderId): Promise<OrderLetter> {
  const letter = await readLetter(db, orderId)
  if (!letter) throw new Error(`The confirmation of ${orderId} has not been written yet.`)
  return letter
}

async function sendOnce(
  services: MailServices,
  send: { letter: OrderLetter; kind: string; reference: string; mail: RenderedMail; cause: string },
): Promise<void> {
  const { letter, kind, reference, mail, cause } = send
  await postOnce(services, { about: letter.orderId, to: letter.personal.email, kind, reference, mail, cause })
}
