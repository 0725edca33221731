import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** What becomes of an answer that is marked: `cut`, its connection ends instead; `hold`, it is held back until whoever asked is gone. */
export type Loss = 'cut' | 'hold'

/** Marks the transaction that raises it as a notice; what is done stays done, and whoever did it never hears of it. */
export const mark = (loss: Loss, place: string): string => `lose:${loss}:${place}`

/** A line to Postgres on which the answer to a commit can get lost. */
export interface LossyLine {
  /** The database at the other end, over this line. */
  readonly url: string
  /** The places whose answers are held back at this moment. */
  held(): string[]
  close(): Promise<void>
}

/**
 * A line to a Postgres: every byte goes through as it is, until the server sends a notice that `mark` wrote. The answer that says that
 * this transaction is committed is then lost, as with a server or a network that dies between the commit and the answer (fault F7).
 */
export async function aLossyLineTo(databaseUrl: string): Promise<LossyLine> {
  const url = new URL(databaseUrl)
  const { hostname: host, port } = url
  const sockets = new Set<Socket>()
  const held = new Set<{ place: string }>()
  const server = createServer((caller) => {
    const callee = connect({ host, port: Number(port) })
    const answers = answersOf({
      forward: (bytes) => caller.write(bytes),
      lose: ({ loss, place }) => {
        if (loss === 'cut') return void caller.destroy()
        const holding = { place }
        held.add(holding)
        caller.once('close', () => held.delete(holding))
      },
    })
    caller.pipe(callee)
    callee.on('data', answers)
    for (const [one, other] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    held: () => [...held].map(({ place }) => place),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

interface Marked {
  readonly loss: Loss
  readonly place: string
}

/**
 * Reads what the server says, message by message (one byte of kind, four of length). Once a notice has marked the transaction, answers
 * are kept until it is known how the transaction ended: `ReadyForQuery` says `I` when none is open any more.
 */
function answersOf({
  forward,
  lose,
}: {
  forward: (bytes: Buffer) => void
  lose: (marked: Marked) => void
}): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let marked: Marked | null = null
  let lost = false
  const kept: Buffer[] = []
  let rolledBack = false
  const heard = (message: Buffer): void => {
    const kind = String.fromCharCode(message[0] ?? 0)
    const mark = kind === 'N' ? markIn(message) : null
    if (mark) {
      marked = mark
      return
    }
    if (!marked) return forward(message)
    kept.push(message)
    if (kind === 'C' && message.toString('utf8', 5).startsWith('ROLLBACK')) rolledBack = true
    if (kind !== 'Z') return
    const open = message[5] !== 'I'.charCodeAt(0)
    if (open || rolledBack) {
      for (const each of kept.splice(0)) forward(each)
      if (!open) [marked, rolledBack] = [null, false]
      return
    }
    lost = true
    lose(marked)
  }
  return (bytes) => {
    if (lost) return
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    while (rest.length >= 5) {
      const length = rest.readInt32BE(1) + 1
      if (rest.length < length) return
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      heard(message)
      if (lost) return
    }
  }
}

/** The fields of a notice are each a letter and a text that ends in a zero byte; `M` is what it says. */
function markIn(notice: Buffer): Marked | null {
  const text = notice
    .toString('utf8', 5)
    .split('\0')
    .find((field) => field.startsWith('Mlose:'))
  const [, loss, place] = /^Mlose:(cut|hold):(.*)$/.exec(text ?? '') ?? []
  return (loss === 'cut' || loss === 'hold') && place !== undefined ? { loss, place } : null
}
