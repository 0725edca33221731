import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from './problems.ts'

/** A file that was sent to us, on our disk. */
export interface Upload {
  open(): Readable
  remove(): Promise<void>
}

/**
 * Puts what is sent into a file of its own, so that it can be read twice, takes no memory, and the caller's connection does not have
 * to wait for what is done with it. Throws `request.too_large` beyond `most` bytes.
 */
export async function keepUpload(
  sent: AsyncIterable<Uint8Array>,
  { most }: { most: number },
): Promise<Upload> {
  const folder = await mkdtemp(join(tmpdir(), 'upload-'))
  const path = join(folder, 'file')
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await pipeline(atMost(sent, most), createWriteStream(path))
  } catch (error) {
    await remove()
    throw error
  }
  return { open: () => createReadStream(path), remove }
}

async function* atMost(sent: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of sent) {
    bytes += chunk.length
    if (bytes > most) throw new Problem('request.too_large', `At most ${most} bytes are taken.`)
    yield chunk
  }
}
