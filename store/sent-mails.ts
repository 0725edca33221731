import type { OrderId, ResendId } from '../domain/ids.ts'
import type { OrderMail } from '../domain/notifications/order-mails.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import type { MailStatus } from './notifications.ts'
import { announce } from './outbox.ts'

/** A mail about an order. Times are ISO 8601 in UTC. */
export interface SentMail {
  readonly messageId: string
  readonly kind: string
  /** What it is about, besides the order: a refund, a parcel. */
  readonly reference: string
  readonly status: MailStatus
  /** With what code its recipient's server refused it. */
  readonly code: string | null
  /** What it says besides the letter of the order; null where that was not kept. */
  readonly content: OrderMail | null
  readonly createdAt: string
  readonly sentAt: string | null
}

const columns = `
  message_id as "messageId", kind, reference, status, code, content, created_at as "createdAt", sent_at as "sentAt"`

/** All mails about an order, oldest first, those that were sent again among them. */
export async function mailsOf(db: Db, orderId: OrderId): Promise<SentMail[]> {
  return rows<SentMail>(
    db,
    `select ${columns} from notifications.mails where order_id = :orderId order by created_at, message_id`,
    { orderId },
  )
}

export async function readMail(db: Db, messageId: string): Promise<SentMail | null> {
  const [mail] = await rows<SentMail>(
    db,
    `select ${columns} from notifications.mails where message_id = :messageId`,
    { messageId },
  )
  return mail ?? null
}

export interface Resend {
  readonly resendId: ResendId
  readonly orderId: OrderId
  readonly messageId: string
  readonly kind: string
  readonly reason: string
  readonly actor: string
  readonly cause: string
  readonly at: string
}

/** Asks for a mail to be sent again, once for each id: who sends it and who keeps the timeline hear of it. */
export async function askAgain(db: Db, resend: Resend): Promise<void> {
  const { resendId, orderId, messageId, kind, reason, cause, at } = resend
  await db.transaction(async (trx) => {
    const asked = await changed(
      trx,
      `insert into notifications.resends (id, order_id, message_id, reason, actor, at)
       values (:resendId, :orderId, :messageId, :reason, :actor, :at) on conflict do nothing`,
      { ...resend },
    )
    if (asked === 0) return
    const data = { orderId, resendId, messageId, kind, reason }
    const event = { type: 'Mail Asked Again', subject: orderId, at, cause, data } as const
    await announce(trx, { schema: 'notifications', events: [event] })
  })
}
