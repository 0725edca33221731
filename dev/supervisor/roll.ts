/**
 * The roll of parts that run out of a folder, written down before they do anything, so that the next start finds what a killed
 * supervisor left behind.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMark } from './lock.ts'
import { isRunning, stopMarked } from './processes.ts'
import type { ProcessMark } from './processes.ts'

/** How a part wants to be stopped. Parts with a lower `stopOrder` are stopped first, equal ones together. */
export interface Stopping {
  readonly signal: NodeJS.Signals
  readonly graceMs: number
  readonly stopOrder: number
}

export interface Entry {
  readonly name: string
  readonly mark: ProcessMark
  readonly stopping: Stopping
}

export interface Roll {
  enter: (entry: Entry) => void
  leave: (mark: ProcessMark) => void
}

const rollFile = (folder: string): string => join(folder, 'parts.json')

export function openRoll(folder: string): Roll {
  let entries: Entry[] = []
  const write = (): void => {
    const file = rollFile(folder)
    writeFileSync(`${file}.new`, JSON.stringify(entries, null, 1))
    renameSync(`${file}.new`, file)
  }
  return {
    enter: (entry) => {
      entries = [...entries, entry]
      write()
    },
    leave: ({ pid }) => {
      entries = entries.filter(({ mark }) => mark.pid !== pid)
      write()
    },
  }
}

/**
 * Stops, in their order, the parts on the roll of this folder that still run. A process that was given the id of one of them
 * since is left alone. Returns the names of those that were stopped.
 */
export async function clearLeftovers(folder: string): Promise<string[]> {
  const left = readRoll(folder).filter(({ mark }) => isRunning(mark))
  for (const together of inStopOrder(left)) {
    await Promise.all(together.map(({ mark, stopping }) => stopMarked(mark, stopping)))
  }
  return left.map(({ name }) => name)
}

/** Groups of what may be stopped together, first to last. */
export function inStopOrder<T extends { readonly stopping: Stopping }>(parts: readonly T[]): T[][] {
  const orders = [...new Set(parts.map(({ stopping }) => stopping.stopOrder))].sort((a, b) => a - b)
  return orders.map((order) => parts.filter(({ stopping }) => stopping.stopOrder === order))
}

/** What the roll of this folder says; who is on it may have ended since. */
export function readRoll(folder: string): Entry[] {
  try {
    const entries: unknown = JSON.parse(readFileSync(rollFile(folder), 'utf8'))
    return Array.isArray(entries) ? entries.filter(isEntry) : []
  } catch {
    return []
  }
}

function isEntry(value: unknown): value is Entry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'mark' in value &&
    isMark(value.mark) &&
    'stopping' in value
  )
}
