import type { OrderId } from '../domain/ids.ts'
import type { OrderLetter } from '../domain/notifications/letter.ts'
import type { OrderMail } from '../domain/notifications/order-mails.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** Keeps what this service must know of an order to write to its customer later. */
export async function keepLetter(db: Db, letter: OrderLetter): Promise<void> {
  await changed(
    db,
    `insert into notifications.letters (order_id, letter) values (:orderId, :letter) on conflict do nothing`,
    { orderId: letter.orderId, letter: JSON.stringify(letter) },
  )
}

export async function readLetter(db: Db, orderId: OrderId): Promise<OrderLetter | null> {
  const [row] = await rows<{ letter: OrderLetter }>(
    db,
    `select letter from notifications.letters where order_id = :orderId`,
    { orderId },
  )
  return row?.letter ?? null
}

export interface MailKey {
  readonly messageId: string
  /** The id of what it is about: an order, a purchase order, a shortage, a run of the stock check. */
  readonly about: string
  readonly kind: string
  readonly reference: string
}

export type MailStatus = 'sending' | 'sent' | 'refused'

/** Opens the one mail of its kind with what it says (`content`, of an order's mail), or finds how far it came, and with what code its recipient refused it. */
export async function openMail(
  db: Db,
  {
    messageId,
    about,
    kind,
    reference,
    content = null,
    cause,
  }: MailKey & { content?: OrderMail | null | undefined; cause: string },
): Promise<{ status: MailStatus; code: string | null }> {
  const [opened] = await rows<{ status: MailStatus; code: string | null }>(
    db,
    `insert into notifications.mails (message_id, order_id, kind, reference, status, content, cause)
     values (:messageId, :about, :kind, :reference, 'sending', :content, :cause) on conflict do nothing
     returning status, code`,
    { messageId, about, kind, reference, cause, content: content && JSON.stringify(content) },
  )
  if (opened) return opened
  const [mail] = await rows<{ status: MailStatus; code: string | null }>(
    db,
    `select status, code from notifications.mails where message_id = :messageId`,
    { messageId },
  )
  return mail ?? { status: 'sending', code: null }
}

export async function closeMail(
  db: Db,
  { messageId, status, code, at }: { messageId: string; status: MailStatus; code: string | null; at: string },
): Promise<void> {
  await changed(
    db,
    `update notifications.mails set status = :status, code = :code, sent_at = :at
     where message_id = :messageId and status = 'sending'`,
    { messageId, status, code, at },
  )
}
