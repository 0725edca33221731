/**
 * `npm test`: runs the test files that are named, or all of them, with the servers that they ask for; those that ask for the same
 * share a process. Files that ask for none run first, while the servers come up.
 */
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { Advice } from '../dev/supervisor/advice.ts'
import { Stopped } from '../dev/supervisor/supervisor.ts'
import { moduleOf, together, translated } from './support/files-together.ts'
import type { Together } from './support/files-together.ts'
import { counted, readable } from './support/reporter.ts'
import type { Sums } from './support/reporter.ts'
import { openServers } from './support/servers.ts'

const longestMs = 180_000

const begin = performance.now()
const sums: Sums = { passed: 0, failed: 0, skipped: 0 }
const stopped = new AbortController()
const say = (line: string): void => console.log(line)

// Node hands its own flags on to the processes of the test files, whose stacks are to name lines of the sources.
process.execArgv.push('--enable-source-maps')
const servers = await openServers(say)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort())
process.on('exit', servers.kill)

try {
  const report = readable()
  report.pipe(process.stdout)
  for await (const event of counted(allBatches(filesOf(process.argv.slice(2))), sums)) report.write(event)
  await new Promise<void>((resolve) => report.end(resolve))
} catch (error) {
  if (!(error instanceof Stopped)) console.error(error instanceof Advice ? error.message : error)
  process.exitCode = 1
} finally {
  await servers.stop()
}
finish()

/** What needs no server first, while the servers for the others come up. */
async function* allBatches(files: readonly string[]): AsyncGenerator<TestEvent> {
  const groups = together(files)
  const all = new Set(groups.flatMap(({ needs }) => [...needs]))
  const translation = await translated(groups)
  const handed = servers.start(all)
  // Whether it failed is asked below; until then a failure must not end the process.
  handed.catch(() => undefined)
  yield* batch(
    groups.filter(({ needs }) => needs.size === 0),
    translation,
  )
  Object.assign(process.env, await handed)
  yield* batch(
    groups.filter(({ needs }) => needs.size > 0),
    translation,
  )
}

async function* batch(groups: readonly Together[], translation: string): AsyncGenerator<TestEvent> {
  if (groups.length === 0 || stopped.signal.aborted) return
  const { folder } = servers
  // Three at a time on two cores: what waits for a clock leaves room for the others.
  yield* run({
    files: groups.map((group) => moduleOf(group, { folder, translation, timeoutMs: longestMs })),
    concurrency: 3,
    timeout: longestMs * Math.max(...groups.map(({ files }) => files.length)),
    signal: stopped.signal,
  }) as AsyncIterable<TestEvent>
}

/** The files that are named, and those in the folders that are named; without a name all there are. */
function filesOf(names: readonly string[]): string[] {
  const below = (path: string): string[] => {
    const about = statSync(path, { throwIfNoEntry: false })
    if (about === undefined)
      throw new Advice(`There is no ${path}: name test files or folders, such as test/domain.`)
    if (!about.isDirectory()) return [path]
    const found = readdirSync(path, { recursive: true, encoding: 'utf8' })
    return found.filter((name) => name.endsWith('.test.ts')).map((name) => join(path, name))
  }
  const files = (names.length === 0 ? ['test'] : names).flatMap(below)
  return [...new Set(files.map((file) => resolve(file)))].sort()
}

function finish(): void {
  const nothing = sums.passed + sums.failed === 0
  if (stopped.signal.aborted) say('\nThe run was stopped before its end.')
  if (sums.failed > 0 || nothing || stopped.signal.aborted) process.exitCode = 1
  const skipped = sums.skipped > 0 ? `, ${sums.skipped} skipped` : ''
  say(`\n${((performance.now() - begin) / 1000).toFixed(1)} s`)
  say(`${sums.passed} passed, ${sums.failed} failed${skipped}`)
}
