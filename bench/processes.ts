/** What the shop's processes use: the parts on its roll, each with all of its children. Linux only; elsewhere nothing is known. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Entry } from '../dev/supervisor/roll.ts'

/** By the name of a part; milliseconds of CPU, or bytes of memory. */
export type ByPart = ReadonlyMap<string, number>

/** A tick of the clock in `/proc/<pid>/stat`; Linux has shown them as hundredths of a second for ever. */
const msPerTick = 10

interface Stat {
  readonly pid: number
  readonly parent: number
  /** Its own and that of children that it has waited for. */
  readonly cpuMs: number
}

/** The CPU time that each part has used so far, and this very process as `bench`. */
export function cpuByPart(parts: readonly Entry[]): ByPart {
  const { user, system } = process.cpuUsage()
  const known = allStats()
  const used = parts.map(({ name, mark }): [string, number] => [
    name,
    familyOf(mark.pid, known).reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  ])
  return new Map([...used, ['bench', (user + system) / 1000]])
}

/** The memory of each part in bytes. Pages that several processes share are counted in parts (PSS), so that sums are true. */
export function memoryByPart(parts: readonly Entry[]): ByPart {
  const known = allStats()
  return new Map(
    parts.map(({ name, mark }) => [
      name,
      familyOf(mark.pid, known).reduce((sum, { pid }) => sum + memoryOf(pid), 0),
    ]),
  )
}

export function difference(before: ByPart, after: ByPart): ByPart {
  return new Map([...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)]))
}

/** The parts of both, added. */
export function added(one: ByPart, other: ByPart): ByPart {
  const parts = [...new Set([...one.keys(), ...other.keys()])]
  return new Map(parts.map((part) => [part, (one.get(part) ?? 0) + (other.get(part) ?? 0)]))
}

export const sumOf = (byPart: ByPart): number => [...byPart.values()].reduce((sum, value) => sum + value, 0)

function familyOf(pid: number, known: readonly Stat[]): Stat[] {
  const family = known.filter((stat) => stat.pid === pid)
  for (const { pid: parent } of family) family.push(...known.filter((stat) => stat.parent === parent))
  return family
}

function allStats(): Stat[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
}

/** See proc(5), `stat`: the name may hold anything, so fields are counted from behind it. Undefined when the process has ended. */
function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = rest.slice(9, 13).reduce((sum, each) => sum + Number(each), 0)
    return { pid, parent: Number(parent), cpuMs: ticks * msPerTick }
  } catch {
    return undefined
  }
}

function memoryOf(pid: number): number {
  const kilobytes = (file: string, name: string): number | undefined => {
    try {
      const [, found] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8')) ?? []
      return found === undefined ? undefined : Number(found)
    } catch {
      return undefined
    }
  }
  // Whose process it is not may read no more than the resident size.
  const shared = kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss') ?? kilobytes(`/proc/${pid}/status`, 'VmRSS')
  return (shared ?? 0) * 1024
}
