import type { OrderId, ResendId } from '../domain/ids.ts'
import type { LetterParcel, OrderLetter } from '../domain/notifications/letter.ts'
import { renderOrderMail } from '../domain/notifications/order-mails.ts'
import type { OrderMail } from '../domain/notifications/order-mails.ts'
import type { RefundNote } from '../domain/notifications/refund.ts'
import { keepLetter, readLetter } from '../store/notifications.ts'
import { readMail } from '../store/sent-mails.ts'
import { postOnce } from './notifications/post-once.ts'
import type { Post } from './notifications/post-once.ts'

export interface MailServices extends Post {
  readonly shopName: string
}

type Goods = readonly { readonly sku: string; readonly quantity: number }[]

/** A parcel by its SKUs; how they are called stands in the letter. */
export interface Parcel extends Omit<LetterParcel, 'lines'> {
  readonly shipmentId: string
  readonly lines: Goods
}

/** What a mail about an order is sent under: its reference (a refund, a parcel) and what caused it. */
interface Sending {
  readonly orderId: OrderId
  readonly reference: string
  readonly cause: string
}

/** One mail per (order, kind, shipment or refund), under a Message-ID that a repeat repeats (invariant I15). */
export function notificationActivities(services: MailServices) {
  const { db } = services
  return {
    /** Writes to the customer that the order stands, and keeps the letter for what is to be written later. */
    async sendConfirmation({ letter, cause }: { letter: OrderLetter; cause: string }): Promise<void> {
      await keepLetter(db, letter)
      const { orderId } = letter
      await send(services, { letter, mail: { kind: 'confirmation' }, orderId, reference: orderId, cause })
    },

    /** Writes to the customer what was cancelled, what goes back and why; once for each cancellation or refund. */
    async sendRefund({ refund, ...sending }: Sending & { refund: RefundNote }): Promise<void> {
      const letter = await knownLetter(services, sending.orderId)
      await send(services, { letter, mail: { kind: 'refund', refund }, ...sending })
    },

    /** Writes to the customer that it is too late to cancel. */
    async sendTooLate(sending: Sending): Promise<void> {
      const letter = await knownLetter(services, sending.orderId)
      await send(services, { letter, mail: { kind: 'too-late' }, ...sending })
    },

    /** Writes to the customer that another parcel goes in the place of one that did not arrive. */
    async sendSentAgain({ lines, ...sending }: Sending & { lines: Goods }): Promise<void> {
      const letter = await knownLetter(services, sending.orderId)
      await send(services, { letter, mail: { kind: 'sent-again', lines: named(letter, lines) }, ...sending })
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
      const { shipmentId, carrier, service, trackingCode, trackingUrl } = parcel
      const lines = named(letter, parcel.lines)
      const mail = {
        kind: 'shipped',
        parcel: { carrier, service, trackingCode, trackingUrl, lines },
      } as const
      await send(services, { letter, mail, orderId, reference: shipmentId, cause })
    },

    /** Sends a mail of an order again, with the words of the first time; once for each time that it was asked for. */
    async sendAgain({
      orderId,
      messageId,
      resendId,
      cause,
    }: {
      orderId: OrderId
      messageId: string
      resendId: ResendId
      cause: string
    }): Promise<void> {
      const letter = await knownLetter(services, orderId)
      const first = await readMail(db, messageId)
      if (!first?.content) throw new Error(`What ${messageId} said was not kept.`)
      const reference = `${first.reference}.${resendId}`
      await send(services, { letter, mail: first.content, orderId, reference, cause })
    },
  }
}

/** Goods by the names that the letter calls them. */
function named(letter: OrderLetter, goods: Goods): { name: string; quantity: number }[] {
  const nameOf = new Map<string, string>(letter.lines.map(({ sku, name }) => [sku, name]))
  return goods.map(({ sku, quantity }) => ({ name: nameOf.get(sku) ?? sku, quantity }))
}

/** The letter that was kept with the confirmation. An order that nobody was written to about has none: that is a fault. */
async function knownLetter({ db }: MailServices, orderId: OrderId): Promise<OrderLetter> {
  const letter = await readLetter(db, orderId)
  if (!letter) throw new Error(`The confirmation of ${orderId} has not been written yet.`)
  return letter
}

async function send(
  services: MailServices,
  { letter, mail, orderId, reference, cause }: Sending & { letter: OrderLetter; mail: OrderMail },
): Promise<void> {
  const rendered = renderOrderMail({ shopName: services.shopName, letter, mail })
  await postOnce(services, {
    ...{ about: orderId, to: letter.personal.email, kind: mail.kind, reference },
    ...{ mail: rendered, content: mail, cause },
  })
}
