/**
 * Test files that run in one process, one after the other: what each of them would load and open for itself is loaded and opened once.
 * Each is a suite of its own by its path, so its hooks are for its own tests only.
 */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { needsOf } from './needs.ts'
import type { Need } from './needs.ts'

export interface Together {
  readonly needs: ReadonlySet<Need>
  readonly files: readonly string[]
}

/** No more than this: where a file takes its process with it, the others of the group are lost too. */
const most = 12

/** Files that need the same servers, a dozen at a time. */
export function together(files: readonly string[]): Together[] {
  const groups: { needs: Set<Need>; files: string[] }[] = []
  for (const file of files) {
    const needs = needsOf(file)
    const alike = groups.findLast((group) => same(group.needs, needs))
    if (alike && alike.files.length < most) alike.files.push(file)
    else groups.push({ needs, files: [file] })
  }
  return groups
}

/** Writes the module that runs them into this folder, and answers its path. */
export function moduleOf(
  { files }: Together,
  { folder, timeoutMs }: { folder: string; timeoutMs: number },
): string {
  const path = join(folder, `${randomUUID()}.mjs`)
  const own = JSON.stringify(import.meta.resolve('./at-the-end.ts'))
  const suites = files.map((file) => {
    const title = JSON.stringify(relative(process.cwd(), file))
    const address = JSON.stringify(pathToFileURL(file).href)
    return `describe(${title}, { timeout: ${timeoutMs} }, () => import(${address}))`
  })
  writeFileSync(path, [`import { describe } from 'node:test'`, `import ${own}`, ...suites, ''].join('\n'))
  return path
}

function same(one: ReadonlySet<Need>, other: ReadonlySet<Need>): boolean {
  return one.size === other.size && [...one].every((need) => other.has(need))
}
