import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A telephone line to a server: it can be cut in the middle of a word, and mended. */
export interface Line {
  /** Host and port, for whoever calls over this line. */
  readonly address: string
  /** Ends every call, and lets nobody through from now on. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

export async function aLineTo(address: string): Promise<Line> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const calls = new Set<Socket>()
  let open = true
  const server = createServer((caller) => {
    if (!open) return void caller.destroy()
    const callee = connect({ host: hostname, port: Number(port) })
    for (const [one, other] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      calls.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        calls.delete(one)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hangUp = (): void => {
    for (const call of calls) call.destroy()
  }
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      open = false
      hangUp()
    },
    mend: () => {
      open = true
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      hangUp()
      await closed
    },
  }
}
