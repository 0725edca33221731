/**
 * Test files that run in one process, one after the other: what each of them would load and open for itself is loaded and opened once.
 * Each is a suite of its own by its path, so its hooks are for its own tests only.
 */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildEntries } from '../../dev/build.mjs'
import { needsOf } from './needs.ts'
import type { Need } from './needs.ts'

export interface Together {
  readonly needs: ReadonlySet<Need>
  readonly files: readonly string[]
}

/** No more than this: where a file takes its process with it, the others of the group are lost too. */
const most = 6
/** Those that open whole shops last longest: in fewer groups one core would be left with the last of them. */
const mostWithShops = 4

const atTheEnd = 'test/support/at-the-end.ts'
const fromHere = (file: string): string => relative(process.cwd(), file)

/** Files that need the same servers, in groups of about one size; those that need most, and last longest, come first. */
export function together(files: readonly string[]): Together[] {
  const kinds: { needs: Set<Need>; files: string[] }[] = []
  for (const file of files) {
    const needs = needsOf(file)
    const kind = kinds.find((each) => same(each.needs, needs))
    if (kind) kind.files.push(file)
    else kinds.push({ needs, files: [file] })
  }
  return kinds
    .sort((one, other) => other.needs.size - one.needs.size)
    .flatMap(({ needs, files }) =>
      evenly(files, Math.ceil(files.length / (needs.has('build') ? mostWithShops : most))).map((some) => ({
        needs,
        files: some,
      })),
    )
}

function evenly<Item>(all: readonly Item[], parts: number): Item[][] {
  const border = (part: number): number => Math.round((part * all.length) / parts)
  return Array.from({ length: parts }, (_, part) => all.slice(border(part), border(part + 1)))
}

/** Translates these files, once for all processes, and answers the folder that `moduleOf` takes them from. */
export function translated(groups: readonly Together[]): Promise<string> {
  return buildEntries([atTheEnd, ...groups.flatMap(({ files }) => files.map(fromHere))])
}

/** Writes the module that runs them into this folder, and answers its path. */
export function moduleOf(
  { files }: Together,
  { folder, translation, timeoutMs }: { folder: string; translation: string; timeoutMs: number },
): string {
  const path = join(folder, `${randomUUID()}.mjs`)
  const addressOf = (file: string): string =>
    JSON.stringify(pathToFileURL(join(translation, file.replace(/\.ts$/, '.mjs'))).href)
  const suites = files.map(fromHere).map((file) => {
    const title = JSON.stringify(file)
    return `describe(${title}, { timeout: ${timeoutMs} }, () => import(${addressOf(file)}))`
  })
  writeFileSync(
    path,
    [`import { describe } from 'node:test'`, `import ${addressOf(atTheEnd)}`, ...suites, ''].join('\n'),
  )
  return path
}

function same(one: ReadonlySet<Need>, other: ReadonlySet<Need>): boolean {
  return one.size === other.size && [...one].every((need) => other.has(need))
}
