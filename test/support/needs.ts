/**
 * Which servers a test file asks for. A file that talks to one asks `fromTestRun` for its address, itself or through what it imports
 * from `test/`; so a run starts exactly what its files name, and files that name nothing wait for nothing.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Need = 'postgres' | 'temporal' | 'testServer' | 'bundle' | 'build'

/** The name that gives each of them away. */
const marks: Readonly<Record<Need, string>> = {
  postgres: 'TEST_DATABASE_URL',
  temporal: 'TEST_TEMPORAL_ADDRESS',
  testServer: 'TEST_SERVER_PATH',
  bundle: 'TEST_BUNDLE',
  build: 'CARTWRIGHT_BUILD',
}

const testFolder = dirname(dirname(fileURLToPath(import.meta.url)))

export function needsOf(file: string): Set<Need> {
  const text = [...reachedFrom(resolve(file))].map((path) => readFileSync(path, 'utf8')).join('\n')
  const named = Object.entries(marks).filter(([, mark]) => text.includes(`fromTestRun('${mark}')`))
  return new Set(named.map(([need]) => need as Need))
}

function reachedFrom(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return seen
  seen.add(file)
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const next = join(dirname(file), path)
    if (next.startsWith(testFolder + sep)) reachedFrom(next, seen)
  }
  return seen
}
