/**
 * Processes that outlive the one that started them. A process id alone says little, because ids are given out again; together with
 * the moment of its start it names one process for ever. What a killed supervisor left is found by both, and only then stopped.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** One process, for ever. */
export interface ProcessMark {
  readonly pid: number
  /** When it was started, in the words of the system; only good for comparing. */
  readonly startedAt: string
}

/** Marks a process that runs now; undefined when there is none with this id. */
export function markOf(pid: number): ProcessMark | undefined {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

/** Whether this very process still runs, and not another one that was given its id. */
export function isRunning(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.startedAt === mark.startedAt
}

/** Clock ticks since boot (field 22 of `stat`, after the name, which may hold anything) and which boot. A zombie has ended. */
function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const [state = 'Z', ...start] = line.split(/\s+/)
    return state.startsWith('Z') ? undefined : start.join(' ')
  } catch {
    return undefined
  }
}

/** Sends a signal to a process and all of its group; false when there is nobody left to hear it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}

/** Asks the group of this very process to stop, waits, and kills what is left of it. Nothing happens if it runs no longer. */
export async function stopMarked(
  mark: ProcessMark,
  { signal, graceMs }: { signal: NodeJS.Signals; graceMs: number },
): Promise<void> {
  if (!isRunning(mark)) return
  signalGroup(mark.pid, signal)
  const deadline = Date.now() + graceMs
  while (isRunning(mark) && Date.now() < deadline) await sleep(20)
  signalGroup(mark.pid, 'SIGKILL')
  while (isRunning(mark)) await sleep(20)
}
