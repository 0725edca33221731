import type { RenderedMail } from '../../domain/notifications/letter.ts'
import type { OrderMail } from '../../domain/notifications/order-mails.ts'
import type { Attachment, Mailer } from '../../gateways/mailer.ts'
import type { Db } from '../../store/db.ts'
import { closeMail, openMail } from '../../store/notifications.ts'

export interface Post {
  readonly db: Db
  readonly mailer: Mailer
  /** The domain in our Message-IDs. */
  readonly mailDomain: string
}

export interface Posting {
  /** The id of what it is about. */
  readonly about: string
  readonly to: string
  readonly kind: string
  readonly reference: string
  readonly mail: RenderedMail
  /** What it says, kept so that it can be sent again. */
  readonly content?: OrderMail
  readonly attachments?: readonly Attachment[]
  readonly cause: string
}

/**
 * Sends a mail once by what it is about, its kind and its reference, under a Message-ID that a repeat repeats (invariant I15).
 * Answers the code with which the recipient's server refused it for good; null when it was taken, now or before.
 */
export async function postOnce({ db, mailer, mailDomain }: Post, posting: Posting): Promise<string | null> {
  const { about, to, kind, reference, mail, content, attachments, cause } = posting
  const messageId = `<${kind}.${reference}@${mailDomain}>`
  const before = await openMail(db, { messageId, about, kind, reference, content, cause })
  if (before.status !== 'sending') return before.code

  const answer = await mailer.send({ to, messageId, ...mail, ...(attachments && { attachments }) })
  const code = answer.outcome === 'refused' ? answer.code : null
  await closeMail(db, {
    messageId,
    status: code === null ? 'sent' : 'refused',
    code,
    at: new Date().toISOString(),
  })
  return code
}
