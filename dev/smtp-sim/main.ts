import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDouble } from '../sim-kit/server.ts'
import type { Double, Log } from '../sim-kit/server.ts'
import { openMailbag } from './mailbag.ts'
import type { Mailbag } from './mailbag.ts'
import { listenForMail } from './smtp.ts'

export interface MailDoubleSettings {
  /** 0 lets the system pick. */
  smtpPort: number
  /** 0 lets the system pick. */
  httpPort: number
  host: string
  /** Where the journal is kept. Starting again on it shows the same mails. */
  stateDir: string
  log?: Log | undefined
}

/** A mail server that keeps what it gets, and a page to read it. Its routes and faults stand in the README of this folder. */
export async function startMailDouble(
  settings: MailDoubleSettings,
): Promise<{ smtpUrl: string; url: string; close(): Promise<void> }> {
  const { smtpPort, httpPort, host, stateDir, log } = settings
  const double = createDouble({ name: 'mailbox', log })
  const mailbag = await openMailbag({
    path: join(stateDir, 'mails.jsonl'),
    kept: ({ id, at, to, messageId, bytes }) =>
      double.record({ at, operation: 'smtp.data', id, detail: { to, messageId, bytes } }),
  })
  await pageRoutes({ double, mailbag })
  mailRoutes({ double, mailbag })
  const url = await double.listen({ port: httpPort, host })
  const smtp = await listenForMail({ port: smtpPort, host, mailbag, faults: double.faults, log })

  return {
    smtpUrl: `smtp://${host.includes(':') ? `[${host}]` : host}:${smtp.port}`,
    url,
    async close() {
      await smtp.close()
      await double.close()
      await mailbag.close()
    },
  }
}

/** JSON, for tests and for the page. */
function mailRoutes({ double, mailbag }: { double: Double; mailbag: Mailbag }): void {
  double.get<{ Querystring: { to?: string; limit?: string } }>('/api/mails', async ({ query }) => {
    const limit = Math.min(Math.max(Math.trunc(Number(query.limit ?? 100)) || 1, 1), 1000)
    return { mails: mailbag.list({ to: query.to, limit }), count: mailbag.count() }
  })

  double.get<{ Params: { id: string } }>('/api/mails/:id', async ({ params }, reply) => {
    const mail = await mailbag.find(params.id)
    return mail ?? reply.code(404).send({ error: 'There is no such mail.' })
  })

  double.get<{ Params: { id: string } }>('/api/mails/:id/raw', async ({ params }, reply) => {
    const raw = await mailbag.raw(params.id)
    if (!raw) return reply.code(404).send({ error: 'There is no such mail.' })
    return reply.type('text/plain; charset=utf-8').send(raw)
  })
}

/** A mail is a stranger's page: no script of it runs, and it can do nothing to the mailbox around it. */
const strangersPage =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:"

async function pageRoutes({ double, mailbag }: { double: Double; mailbag: Mailbag }): Promise<void> {
  const page = await readFile(new URL('page.html', import.meta.url))
  double.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page))

  double.get<{ Params: { id: string } }>('/mails/:id/html', async ({ params }, reply) => {
    const mail = await mailbag.find(params.id)
    if (!mail) return reply.code(404).send({ error: 'There is no such mail.' })
    reply.header('content-security-policy', strangersPage).type('text/html; charset=utf-8')
    return reply.send(withLinksOutside(mail.html ?? ''))
  })
}

/** Links of a mail open beside the mailbox. Put after the head begins: before the doctype it would change how the mail is drawn. */
function withLinksOutside(html: string): string {
  const base = '<base target="_blank">'
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + base) : base + html
}
