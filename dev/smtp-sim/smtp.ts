import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerSession } from 'smtp-server'
import { holdBack } from '../sim-kit/faults.ts'
import type { Fault, Faults } from '../sim-kit/faults.ts'
import type { Log } from '../sim-kit/server.ts'
import type { Mailbag } from './mailbag.ts'

/**
 * The SMTP half: takes every mail for everyone and says 250 once it is on disk. Faults of `smtp.connect`, `smtp.rcpt` and `smtp.data`
 * come from the same control route as those of the other doubles; a `status` is the SMTP reply.
 */
export async function listenForMail({
  port,
  host,
  mailbag,
  faults,
  log,
}: {
  port: number
  host: string
  mailbag: Mailbag
  faults: Faults
  log?: Log | undefined
}): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const closing = new AbortController()

  /** Answers a step of the conversation as its fault says, or does the deed. Undefined means: the connection is dead, say nothing. */
  const met = async (step: { operation: string; session: SMTPServerSession; deed: () => Promise<void> }) => {
    const fault = faults.take(step.operation)
    if (fault?.delayMs)
      await sleep(fault.delayMs, undefined, { signal: closing.signal }).catch(() => undefined)
    if (fault) log?.(`smtp: ${step.operation} meets ${fault.kind}`)
    switch (fault?.kind) {
      case undefined:
      case 'delay':
        return step.deed()
      case 'status':
      case 'fail_before':
        throw reply(fault)
      case 'fail_after':
        await step.deed()
        throw reply(fault)
      case 'drop_before':
        return cut(step.session)
      case 'drop_after':
        await step.deed()
        return cut(step.session)
      case 'hold_after':
        await step.deed()
        await Promise.all(socketsOf(step.session).map((socket) => holdBack(fault, socket)))
        return
    }
  }

  const socketsOf = ({ remotePort }: SMTPServerSession): Socket[] =>
    [...sockets].filter((socket) => socket.remotePort === remotePort)
  const cut = (session: SMTPServerSession): void => {
    for (const socket of socketsOf(session)) socket.destroy()
  }

  const server = new SMTPServer({
    banner: 'Local mailbox',
    name: 'localhost',
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    hideSTARTTLS: true,
    disabledCommands: ['STARTTLS'],
    size: 20 * 1024 * 1024,
    logger: false,
    closeTimeout: 100,
    onAuth: (_auth, _session, done) => done(null, { user: 'anyone' }),
    onConnect: (session, done) =>
      settle(met({ operation: 'smtp.connect', session, deed: async () => undefined }), done),
    onRcptTo: ({ address }, session, done) => {
      const deed = async (): Promise<void> => {
        if (/^nobody@/i.test(address)) throw reply({ status: 550 })
      }
      settle(met({ operation: 'smtp.rcpt', session, deed }), done)
    },
    onData: (stream, session, done) => {
      const taken = async (): Promise<void> => {
        const raw = await buffer(stream)
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        const deed = async (): Promise<void> => void (await mailbag.keep({ from, to, raw }))
        return met({ operation: 'smtp.data', session, deed })
      }
      settle(taken(), done)
    },
  })
  server.on('error', (error: Error) => log?.(`smtp: ${error.message}`))
  server.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  await new Promise<void>((listening, failed) => {
    server.server.once('error', failed)
    server.listen(port, host, () => {
      server.server.off('error', failed)
      listening()
    })
  })
  const address = server.server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      closing.abort()
      const closed = new Promise<void>((done) => server.close(done))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function settle(work: Promise<void>, done: (error?: Error | null) => void): void {
  work.then(
    () => done(),
    (error: unknown) => done(error instanceof Error ? error : new Error('The mail could not be taken.')),
  )
}

const words: Partial<Record<number, string>> = {
  421: '4.3.2 The service is going away',
  451: '4.3.0 Try again later',
  550: '5.1.1 There is no such mailbox',
  552: '5.2.2 The mailbox is full',
  554: '5.7.1 The message was refused',
}

function reply({ status = 451 }: Pick<Fault, 'status'>): Error {
  return Object.assign(new Error(words[status] ?? 'Told to fail'), { responseCode: status })
}
