/** Tiny programs for the tests of the supervisor. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lineWith } from '../../dev/supervisor/logs.ts'
import type { Part } from '../../dev/supervisor/part.ts'
import type { Stopping } from '../../dev/supervisor/roll.ts'
import { Supervisor } from '../../dev/supervisor/supervisor.ts'

/** A program that says `up`, and then lives until it is asked to go. `script` runs before. */
export function fakePart(name: string, script = '', stopping: Partial<Stopping> = {}): Part {
  return {
    name,
    command: {
      file: process.execPath,
      args: ['-e', `${script}; console.log('up'); setInterval(() => {}, 60_000)`],
      env: {},
      cwd: '/',
    },
    ready: ({ log, signal }) => lineWith('up', { log, signal }),
    stopping: { signal: 'SIGTERM', graceMs: 20_000, stopOrder: 1, ...stopping },
  }
}

export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Waits until it holds; the test's own time limit ends the wait if it never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10)
}

const open = new Set<Supervisor>()
process.once('SIGTERM', () => {
  for (const supervisor of open) supervisor.kill()
  process.exit(143)
})

/** A supervisor whose parts do not outlive the test, even when the whole run is stopped. */
export function testSupervisor(
  given: Omit<ConstructorParameters<typeof Supervisor>[0], 'say'> & { say?: (line: string) => void },
): Supervisor {
  const supervisor = new Supervisor({ say: () => {}, ...given })
  open.add(supervisor)
  return supervisor
}
