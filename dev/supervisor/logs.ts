/** Reading the logs of parts while they are being written. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where a part writes, and at which byte this run of it begins. */
export interface Log {
  readonly file: string
  readonly from: number
}

/** The end of a log, for a message about a part that failed. */
export function lastLines(file: string, count: number): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count)
    return lines.map((line) => `  | ${line}`).join('\n')
  } catch {
    return '  | (there is no log)'
  }
}

/** Resolves once the log of this run holds this text. */
export async function lineWith(
  text: string,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<void> {
  const more = follow(log)
  let seen = ''
  while (!(seen += more()).includes(text)) {
    seen = seen.slice(-text.length)
    await sleep(20, undefined, { signal })
  }
}

/** Each call returns what was written since the call before. The file may not be there yet, and may be replaced by a shorter one. */
export function follow({ file, from }: Log): () => string {
  const buffer = Buffer.alloc(65_536)
  let position = from
  return () => {
    let text = ''
    try {
      const handle = openSync(file, 'r')
      if (fstatSync(handle).size < position) position = 0
      for (let count = -1; count !== 0;) {
        count = readSync(handle, buffer, 0, buffer.length, position)
        position += count
        text += buffer.toString('utf8', 0, count)
      }
      closeSync(handle)
    } catch {
      // It is not there yet.
    }
    return text
  }
}

/** Prints every line of every log in this folder, from now on, with the name of its part before it. Call the result to stop. */
export function showLogs(folder: string, print: (line: string) => void): () => void {
  const open = new Map<string, () => string>()
  const rest = new Map<string, string>()
  const look = (): void => {
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.log'))) {
      const more = open.get(name) ?? follow({ file: join(folder, name), from: 0 })
      open.set(name, more)
      const lines = ((rest.get(name) ?? '') + more()).split('\n')
      rest.set(name, lines.pop() ?? '')
      for (const line of lines) print(`${name.replace('.log', '').padEnd(9)} ${line}`)
    }
  }
  const timer = setInterval(look, 200)
  return () => {
    clearInterval(timer)
    look()
  }
}
