import { mkdir, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/** An append-only memory on disk: what was acknowledged is there after a `kill -9`. */
export interface Journal<Entry> {
  /**
   * Applies the entry in memory at once, and resolves when it is on disk. Entries appended while the disk is busy share the next
   * fsync. Rejects, and refuses every later entry, once a write failed: memory would then be ahead of the disk.
   */
  append(entry: Entry): Promise<void>
  /** Waits for what was appended, then lets go of the file. Appending afterwards rejects. */
  close(): Promise<void>
}

interface Waiting {
  line: string
  done: () => void
  failed: (fault: unknown) => void
}

/**
 * Opens (or begins) a journal of one JSON document a line and replays it through `apply`, oldest first. A last line that a crash
 * left torn was never acknowledged, so it is cut off; a torn line anywhere else means that the file was damaged, and is an error.
 */
export async function openJournal<Entry>({
  path,
  apply,
}: {
  path: string
  apply: (entry: Entry) => void
}): Promise<Journal<Entry>> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'a+')
  try {
    const keptBytes = await replay({ file, path, apply })
    await file.truncate(keptBytes)
    await file.datasync()
  } catch (fault) {
    await file.close()
    throw fault
  }
  return groupCommit({ file, path, apply })
}

/** Answers how many bytes of the file are whole lines. Reads in pieces, so that a long journal is never in memory at once. */
async function replay<Entry>({
  file,
  path,
  apply,
}: {
  file: FileHandle
  path: string
  apply: (entry: Entry) => void
}): Promise<number> {
  const piece = Buffer.alloc(256 * 1024)
  const { size } = await file.stat()
  let rest = Buffer.alloc(0)
  let keptBytes = 0
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, at)
    if (bytesRead === 0) break
    at += bytesRead
    const text = Buffer.concat([rest, piece.subarray(0, bytesRead)])
    let start = 0
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, start)) {
      const entry = parse<Entry>(text.subarray(start, end).toString())
      const isLast = at >= size && end === text.length - 1
      if (!entry && isLast) return keptBytes
      if (!entry)
        throw new Error(
          `The journal ${path} is damaged after byte ${keptBytes}. Start with an empty state folder.`,
        )
      apply(entry.value)
      keptBytes += end + 1 - start
      start = end + 1
    }
    rest = text.subarray(start)
  }
  return keptBytes
}

/** The journal has no other writer than ourselves, so a line that parses is an entry. */
function parse<Entry>(line: string): { value: Entry } | undefined {
  try {
    return { value: JSON.parse(line) as Entry }
  } catch {
    return undefined
  }
}

function groupCommit<Entry>({
  file,
  path,
  apply,
}: {
  file: FileHandle
  path: string
  apply: (entry: Entry) => void
}): Journal<Entry> {
  let waiting: Waiting[] = []
  let writing: Promise<void> | undefined
  let refusal: Error | undefined
  let closed = false

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        if (refusal) throw refusal
        await file.appendFile(batch.map(({ line }) => line).join(''))
        await file.datasync()
        for (const { done } of batch) done()
      } catch (fault) {
        refusal ??= new Error(
          `The journal ${path} cannot be written any more. Free the disk, then start again.`,
          { cause: fault },
        )
        for (const { failed } of batch) failed(refusal)
      }
    }
    writing = undefined
  }

  return {
    async append(entry) {
      if (refusal) throw refusal
      if (closed) throw new Error(`The journal ${path} is closed.`)
      const line = `${JSON.stringify(entry)}\n`
      apply(entry)
      const written = new Promise<void>((done, failed) => waiting.push({ line, done, failed }))
      writing ??= write()
      return written
    },
    async close() {
      closed = true
      await writing
      await file.close()
    },
  }
}
