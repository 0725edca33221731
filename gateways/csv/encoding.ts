/** What is no file of the kind that was asked for, in a sentence that says what to do. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

const longestLine = 4_000_000
const lineFeed = 0x0a

/**
 * Text in UTF-8 by whole lines, each ending with a line feed whatever system wrote it, without its byte order mark. Anything else is named: a spreadsheet program writes several encodings,
 * and a guess would put wrong letters into a catalog.
 */
export async function* textLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  let lines = 0
  let begun = false
  const decode = (part: Buffer): string => {
    if (!part.includes(0)) {
      try {
        const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part)
        lines += countOf(part, lineFeed)
        return text.replace(/\r\n?/g, '\n')
      } catch {
        // Below it is told where.
      }
    }
    throw new UnreadableFile(whatIsWrong(part, lines))
  }
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    if (!begun && rest.length >= 4) {
      rest = withoutMark(rest)
      begun = true
    }
    const end = rest.lastIndexOf(lineFeed) + 1
    if (end > 0 && begun) {
      yield decode(rest.subarray(0, end))
      rest = rest.subarray(end)
    } else if (rest.length > longestLine) {
      throw new UnreadableFile(`Line ${lines + 1} is longer than ${longestLine} bytes: this is no CSV.`)
    }
  }
  if (!begun) rest = withoutMark(rest)
  if (rest.length > 0) yield decode(rest)
}

const marks = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    means: 'an Excel workbook (or another archive): export it as CSV UTF-8',
  },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], means: 'an old Excel workbook: export it as CSV UTF-8' },
  { bytes: [0x25, 0x50, 0x44, 0x46], means: 'a PDF' },
  { bytes: [0x1f, 0x8b], means: 'compressed by gzip: unpack it first' },
  { bytes: [0xff, 0xfe], means: 'UTF-16 (little endian): save it as CSV UTF-8' },
  { bytes: [0xfe, 0xff], means: 'UTF-16 (big endian): save it as CSV UTF-8' },
] as const

function withoutMark(head: Buffer): Buffer {
  const mark = marks.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))
  if (mark) throw new UnreadableFile(`This file is ${mark.means}.`)
  return head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? head.subarray(3) : head
}

function whatIsWrong(part: Buffer, before: number): string {
  if (part.includes(0)) {
    const line = before + 1 + countOf(part.subarray(0, part.indexOf(0)), lineFeed)
    return `Line ${line} has a zero byte: this is UTF-16 without its mark, or no text; save it as CSV UTF-8.`
  }
  let line = before
  for (let from = 0; from < part.length;) {
    const found = part.indexOf(lineFeed, from)
    const end = found === -1 ? part.length : found + 1
    line += 1
    const bytes = part.subarray(from, end)
    if (!isUtf8(bytes)) {
      const word = new TextDecoder('windows-1252')
        .decode(bytes)
        .match(/[^\s,"]*[\u0080-\uffff][^\s,"]*/u)?.[0]
      const seen =
        word === undefined ? '' : ` (it may be Windows-1252 or Latin-1, which would read "${word}")`
      return `Line ${line} is not UTF-8${seen}: save the file as CSV UTF-8.`
    }
    from = end
  }
  return 'The file is not UTF-8: save it as CSV UTF-8.'
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function countOf(bytes: Buffer, wanted: number): number {
  let count = 0
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) count += 1
  return count
}
