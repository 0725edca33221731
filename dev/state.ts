/** The folder that the local shop keeps everything in: one shop at a time, of one version, and emptied on demand. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Advice } from './supervisor/advice.ts'
import { FolderTaken, takeFolder } from './supervisor/lock.ts'
import { clearLeftovers } from './supervisor/roll.ts'

/** Raised when what lies in the folder can no longer be read by this version. */
const format = 1

export interface State {
  readonly folder: string
  /** Parts that a killed supervisor had left running, and that were stopped now. */
  readonly cleared: readonly string[]
  /** The text of a small file of the folder; made and written when it is not there yet. Readable by its owner only. */
  readonly kept: (name: string, make: () => string) => string
  /** Writes a file of the folder that only its owner can read. */
  readonly write: (name: string, text: string) => void
  readonly has: (name: string) => boolean
  readonly path: (name: string) => string
  readonly release: () => void
}

/**
 * Takes the folder, stops what a killed supervisor left running out of it, empties it if `fresh`, and checks its version. Throws
 * `Advice` when another shop runs in it or another version wrote it.
 */
export async function openState({
  folder,
  fresh,
  emptyOutside,
}: {
  folder: string
  fresh: boolean
  /** Removes what belongs to this folder and lies outside. */
  emptyOutside: () => void
}): Promise<State> {
  mkdirSync(folder, { recursive: true })
  const lock = take(folder)
  try {
    const cleared = await clearLeftovers(folder)
    if (fresh) {
      emptyOutside()
      empty(folder)
    }
    checkVersion(folder)
    return { ...filesOf(folder), folder, cleared, release: lock.release }
  } catch (error) {
    lock.release()
    throw error
  }
}

function take(folder: string): { release: () => void } {
  try {
    return takeFolder(folder)
  } catch (error) {
    if (!(error instanceof FolderTaken)) throw error
    throw new Advice(
      `A shop runs out of ${folder} already (process ${error.owner.pid}): use that one, stop it with ` +
        `"kill ${error.owner.pid}", or start a second one with LOCAL_STATE and the ports of .env.example set to others.`,
    )
  }
}

function empty(folder: string): void {
  const names = readdirSync(folder).filter((name) => !name.startsWith('owner.'))
  for (const name of names) rmSync(join(folder, name), { recursive: true, force: true })
}

function checkVersion(folder: string): void {
  const file = join(folder, 'version')
  if (!existsSync(file)) writeFileSync(file, String(format))
  const found = readFileSync(file, 'utf8').trim()
  if (found === String(format)) return
  throw new Advice(
    `${folder} was written by another version of Cartwright (format ${found}, and this one reads ${format}): empty it ` +
      'with `npm start -- --fresh` (the orders in it are lost), or set LOCAL_STATE to another folder.',
  )
}

function filesOf(folder: string): Pick<State, 'kept' | 'write' | 'has' | 'path'> {
  const path = (name: string): string => join(folder, name)
  const write = (name: string, text: string): void => {
    rmSync(path(name), { force: true })
    writeFileSync(path(name), text, { mode: 0o600 })
  }
  return {
    path,
    write,
    has: (name) => existsSync(path(name)),
    kept: (name, make) => {
      if (!existsSync(path(name))) write(name, make())
      return readFileSync(path(name), 'utf8')
    },
  }
}
