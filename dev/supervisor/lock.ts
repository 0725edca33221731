/** One folder, one owner. The lock is a file with the owner's process id and start time, so that a dead owner's lock is no obstacle. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning, markOf } from './processes.ts'
import type { ProcessMark } from './processes.ts'

export interface Lock {
  release: () => void
}

/** The owner of a folder that is taken; thrown by `takeFolder`. */
export class FolderTaken extends Error {
  readonly owner: ProcessMark
  constructor(folder: string, owner: ProcessMark) {
    super(`Process ${owner.pid} works in ${folder}.`)
    this.owner = owner
  }
}

/** Makes this process the owner of the folder, or throws `FolderTaken`. */
export function takeFolder(folder: string): Lock {
  const me = markOf(process.pid)
  if (me === undefined) throw new Error('This system does not tell when a process was started.')
  const file = join(folder, 'owner.json')
  const mine = join(folder, `owner.${me.pid}.json`)
  writeFileSync(mine, JSON.stringify(me))
  try {
    // A link either appears whole or fails because the name is taken: two that start at once cannot both succeed.
    while (!linked({ from: mine, to: file })) {
      const owner = ownerOf(folder)
      if (owner !== undefined && isRunning(owner)) throw new FolderTaken(folder, owner)
      rmSync(file, { force: true })
    }
  } finally {
    rmSync(mine, { force: true })
  }
  return { release: () => rmSync(file, { force: true }) }
}

/** Whoever wrote the lock of this folder, alive or not. */
export function ownerOf(folder: string): ProcessMark | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8'))
    return isMark(owner) ? owner : undefined
  } catch {
    return undefined
  }
}

function linked({ from, to }: { from: string; to: string }): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

export function isMark(value: unknown): value is ProcessMark {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'startedAt' in value &&
    typeof value.startedAt === 'string'
  )
}
