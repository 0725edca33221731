import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { simpleParser } from 'mailparser'
import { openJournal } from '../sim-kit/journal.ts'

const deflated = promisify(deflateRaw)
const inflated = promisify(inflateRaw)

/** A mail as lists show it. `to` is the envelope's: who really got it. */
export interface MailSummary {
  readonly id: string
  /** When it was taken, RFC 3339 UTC. */
  readonly at: string
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  /** With its angle brackets; null when the sender wrote none. */
  readonly messageId: string | null
  readonly bytes: number
}

interface Mail extends MailSummary {
  readonly text: string
  /** Null when it has none. */
  readonly html: string | null
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}

/** What the journal holds: the summary, and the mail itself, compressed. */
interface Entry {
  readonly summary: MailSummary
  readonly deflated: string
}

export interface Mailbag {
  /** Resolves when the mail would survive a crash. */
  keep(mail: { from: string; to: readonly string[]; raw: Buffer }): Promise<MailSummary>
  /** Newest first; `to` narrows it to recipients that contain this text. */
  list(filter: { to?: string | undefined; limit: number }): MailSummary[]
  find(id: string): Promise<Mail | undefined>
  raw(id: string): Promise<Buffer | undefined>
  count(): number
  close(): Promise<void>
}

/** A list shows nothing else: what stands below is read when somebody opens the mail. */
function headOf(mail: Buffer): Buffer {
  const end = mail.indexOf('\r\n\r\n')
  return end < 0 ? mail : mail.subarray(0, end + 4)
}

/** Opens the mails of this folder; `kept` hears of every mail, those of an earlier life included. */
export async function openMailbag({
  path,
  kept,
}: {
  path: string
  kept: (mail: MailSummary) => void
}): Promise<Mailbag> {
  const mails: MailSummary[] = []
  const byId = new Map<string, { summary: MailSummary; body: Buffer }>()
  const journal = await openJournal<Entry>({
    path,
    apply({ summary, deflated: body }) {
      mails.push(summary)
      byId.set(summary.id, { summary, body: Buffer.from(body, 'base64') })
      kept(summary)
    },
  })
  const raw = async (id: string): Promise<Buffer | undefined> => {
    const known = byId.get(id)
    return known && inflated(known.body)
  }
  return {
    async keep({ from, to, raw: bytes }) {
      const { subject = '', messageId } = await simpleParser(headOf(bytes))
      const summary: MailSummary = {
        id: `mail_${randomUUID().replaceAll('-', '')}`,
        at: new Date().toISOString(),
        from,
        to,
        subject,
        messageId: messageId ?? null,
        bytes: bytes.length,
      }
      await journal.append({ summary, deflated: (await deflated(bytes)).toString('base64') })
      return summary
    },
    list({ to = '', limit }) {
      const wanted = to.trim().toLowerCase()
      const found: MailSummary[] = []
      for (let index = mails.length - 1; index >= 0 && found.length < limit; index -= 1) {
        const mail = mails[index]
        if (mail?.to.some((recipient) => recipient.toLowerCase().includes(wanted))) found.push(mail)
      }
      return found
    },
    async find(id) {
      const summary = byId.get(id)?.summary
      const bytes = await raw(id)
      if (!summary || !bytes) return undefined
      const { text, html, headerLines } = await simpleParser(bytes, { skipTextToHtml: true })
      const headers = headerLines.map(({ line }) => {
        const [name = '', ...value] = line.split(':')
        return {
          name,
          value: value
            .join(':')
            .replace(/\r?\n\s*/g, ' ')
            .trim(),
        }
      })
      return { ...summary, text: text ?? '', html: typeof html === 'string' ? html : null, headers }
    },
    raw,
    count: () => mails.length,
    close: () => journal.close(),
  }
}
