import type { OrderId } from '../domain/ids.ts'
import { renderConfirmation } from '../domain/notifications/confirmation.ts'
import type { LetterParcel, OrderLetter, RenderedMail } from '../domain/notifications/letter.ts'
import { renderShipped } from '../domain/notifications/shipped.ts'
import type { Mailer } from '../gateways/mailer.ts'
import type { Db } from '../store/db.ts'
import { closeMail, keepLetter, openMail, readLetter } from '../store/notifications.ts'

export interface MailServices {
  readonly db: Db
  readonly mailer: Mailer
  readonly shopName: string
  /** The domain in our Message-IDs. */
  readonly mailDomain: string
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

    /** Writes to the customer that a parcel has left. An order that nobody was written to about has no letter: that is a fault. */
    async sendShipped({
      orderId,
      parcel,
      cause,
    }: {
      orderId: OrderId
      parcel: Parcel
      cause: string
    }): Promise<void> {
      const letter = await readLetter(db, orderId)
      if (!letter) throw new Error(`The confirmation of ${orderId} has not been written yet.`)
      const nameOf = new Map(letter.lines.map(({ sku, name }) => [sku, name]))
      const lines = parcel.lines.map(({ sku, quantity }) => ({ name: nameOf.get(sku) ?? sku, quantity }))
      const mail = renderShipped({ shopName, letter, parcels: [{ ...parcel, lines }] })
      await sendOnce(services, { letter, kind: 'shipped', reference: parcel.shipmentId, mail, cause })
    },
  }
}

async function sendOnce(
  { db, mailer, mailDomain }: MailServices,
  send: { letter: OrderLetter; kind: string; reference: string; mail: RenderedMail; cause: string },
): Promise<void> {
  const { letter, kind, reference, mail, cause } = send
  const { orderId } = letter
  const messageId = `<${kind}.${reference}@${mailDomain}>`
  if ((await openMail(db, { messageId, orderId, kind, reference, cause })) !== 'sending') return

  const answer = await mailer.send({ to: letter.personal.email, messageId, ...mail })
  const at = new Date().toISOString()
  const refused = answer.outcome === 'refused'
  await closeMail(db, {
    messageId,
    status: refused ? 'refused' : 'sent',
    code: refused ? answer.code : null,
    at,
  })
}
