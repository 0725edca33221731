/** Looks whether ports are free before anything is started on them, so that all that are taken are told at once. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { Advice } from './advice.ts'

export interface Port {
  readonly port: number
  readonly host: string
  /** What will listen there. */
  readonly owner: string
  /** The setting that chooses another. */
  readonly setting: string
}

/** Throws one `Advice` about all ports that are taken or asked for twice. */
export async function checkPorts(ports: readonly Port[]): Promise<void> {
  const complaints: string[] = []
  for (const [index, { port, host, owner, setting }] of ports.entries()) {
    const twin = ports.slice(0, index).find((other) => other.port === port && port !== 0)
    if (twin)
      complaints.push(`${setting} and ${twin.setting} are both ${port}: give one of them another port.`)
    else if (await isTaken({ port, host })) {
      complaints.push(
        `Port ${port}, for ${owner}, is taken: stop what listens there ("lsof -i :${port}" shows it), or set ${setting} to another.`,
      )
    }
  }
  if (complaints.length > 0) throw new Advice(complaints.join('\n'))
}

function isTaken({ port, host }: { port: number; host: string }): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true)
      else
        reject(
          new Advice(`Nothing can listen on ${host}:${port} (${error.message}): choose another address.`),
        )
    })
    server.listen({ port, host }, () => server.close(() => resolve(false)))
  })
}

/**
 * A port that is free now, and none of those that systems lend to outgoing connections: one of these would take it before it is used.
 * Whoever may choose should let the system pick.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(11_000, 32_768)
    if (!(await isTaken({ port, host: '127.0.0.1' }))) return port
  }
}
