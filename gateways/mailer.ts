import { createTransport } from 'nodemailer'
import { ProviderFault } from './provider-fault.ts'

export interface OutgoingMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** With its angle brackets: `<confirmation.ord_…@shop.example>`. The same mail must always carry the same one. */
  readonly messageId: string
  readonly headers?: Readonly<Record<string, string>>
  readonly attachments?: readonly Attachment[]
}

export interface Attachment {
  readonly filename: string
  readonly contentType: string
  readonly content: Buffer
}

/** The post office. Throws `ProviderFault` when it cannot be reached, is too slow, or says "later" (4xx). */
export interface Mailer {
  /**
   * Hands a mail over. `refused`: the server says no to this recipient or this mail for good (5xx); `code` is its enhanced status code
   * (`5.1.1`, RFC 3463) where it gave one, else the three digits.
   */
  send(mail: OutgoingMail): Promise<{ outcome: 'accepted' } | { outcome: 'refused'; code: string }>
  close(): void
}

/** A few connections, kept open: a mail is one round trip more than its text. */
export function createMailer({
  smtpUrl,
  from,
  timeoutMs = 10_000,
}: {
  /** `smtp://` or `smtps://`, with user and password where the server asks for them. */
  smtpUrl: string
  /** `Name <address>`. */
  from: string
  /** For the whole of a mail, waiting for a free connection included; 10 s unless told. */
  timeoutMs?: number
}): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 4,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    maxRequeues: 1,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, headers, attachments, ...mail }) {
      try {
        // An address object is taken as it is; a bare text would be parsed, and could name several people.
        await transport.sendMail({
          ...mail,
          from,
          to: { name: '', address: to },
          ...(headers && { headers }),
          ...(attachments && { attachments: [...attachments] }),
        })
        return { outcome: 'accepted' }
      } catch (error) {
        return refusalOrFault(error)
      }
    },
    close: () => transport.close(),
  }
}

/** The parts of an SMTP conversation in which a 5xx is about this mail. A wrong sender, password or greeting is about us. */
const aboutTheMail = ['RCPT TO', 'DATA']

function refusalOrFault(error: unknown): { outcome: 'refused'; code: string } {
  const { responseCode, response, command, code, originalCode } = partsOf(error)
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1]
  // 503 says that the conversation went wrong, not that the mail was refused.
  const permanent = responseCode !== undefined && responseCode >= 500 && responseCode !== 503
  if (permanent && aboutTheMail.includes(command ?? '')) {
    return { outcome: 'refused', code: enhanced ?? String(responseCode) }
  }
  // What nodemailer refuses to put on an envelope (line breaks, no address at all) no server would take either.
  if (code === 'EENVELOPE' && responseCode === undefined) return { outcome: 'refused', code: '5.1.3' }
  const neverSent = code === 'EDNS' || originalCode === 'ECONNREFUSED' || originalCode === 'ENOTFOUND'
  throw new ProviderFault({
    provider: 'smtp',
    operation: 'mail.send',
    status: responseCode,
    code: enhanced ?? originalCode ?? code,
    outcomeUnknown: responseCode === undefined && !neverSent,
  })
}

interface SmtpTrouble {
  responseCode: number | undefined
  response: string | undefined
  /** In which part of the conversation. */
  command: string | undefined
  /** nodemailer's own word, and the system's below it. */
  code: string | undefined
  originalCode: string | undefined
}

/** What nodemailer tells of an error. The server's prose is read for its code only: it likes to quote addresses. */
function partsOf(error: unknown): SmtpTrouble {
  const parts: Partial<Record<string, unknown>> = error instanceof Error ? { ...error } : {}
  const text = (name: string): string | undefined => {
    const value = parts[name]
    return typeof value === 'string' ? value : undefined
  }
  const { responseCode } = parts
  return {
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    response: text('response'),
    command: text('command'),
    code: text('code'),
    originalCode: text('originalCode'),
  }
}
