import type { Readable } from 'node:stream'
import sanitizeHtml from 'sanitize-html'
import { countLines, readCsv, writeCsv } from './csv.ts'
import type { CsvFile, CsvShape } from './csv.ts'

/** A description out of untrusted HTML. */
export interface CleanText {
  /** Without scripts, styles, handlers and frames; null when there is no markup in it. */
  readonly html: string | null
  /** What a reader would see, paragraphs apart. */
  readonly text: string
}

/** What comes in files of other shops, made ours. */
export interface ProductFiles {
  cleanHtml(html: string): CleanText
  /** Reads CSV as a stream; throws `UnreadableFile` for what is none. */
  readCsv(bytes: AsyncIterable<Uint8Array>, shape: CsvShape): Promise<CsvFile>
  writeCsv(file: { columns: readonly string[]; rows: AsyncIterable<readonly string[]> }): Readable
  /** How many lines a file has. Throws `UnreadableFile` when anything in it is no text in UTF-8. */
  countLines(bytes: AsyncIterable<Uint8Array>): Promise<number>
}

const tags = {
  blocks: ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'div', 'blockquote', 'pre', 'ul', 'ol', 'li', 'hr', 'br'],
  tables: ['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
  inline: ['a', 'b', 'strong', 'i', 'em', 'u', 's', 'small', 'sub', 'sup', 'span', 'code', 'img'],
}

const safe: sanitizeHtml.IOptions = {
  allowedTags: [...tags.blocks, ...tags.tables, ...tags.inline],
  allowedAttributes: {
    a: ['href', 'title'],
    img: ['src', 'alt', 'width', 'height'],
    th: ['colspan', 'rowspan', 'scope'],
    td: ['colspan', 'rowspan'],
  },
  allowedSchemes: ['https', 'http', 'mailto', 'tel'],
  allowedSchemesByTag: { img: ['https', 'http'] },
  allowProtocolRelative: false,
}

const paragraphs = new RegExp(`</?(${[...tags.blocks, 'tr', 'caption'].join('|')})\\b[^>]*>`, 'gi')

/** Sanitises by sanitize-html, whose parser reads HTML as browsers do. */
export function createProductFiles(): ProductFiles {
  return {
    cleanHtml: (given) => {
      const html = sanitizeHtml(given, safe).trim()
      const text = textOf(html)
      return { html: /<[a-z]/i.test(html) ? html : null, text }
    },
    readCsv,
    writeCsv,
    countLines,
  }
}

/** Of HTML that is sanitised already: its four entities are all that stands in it. */
function textOf(html: string): string {
  const apart = html.replace(paragraphs, '\n').replace(/<\/t[dh]>/gi, ' ')
  return unescaped(sanitizeHtml(apart, { allowedTags: [], allowedAttributes: {} }))
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' }
const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|quot|amp);/g, (all, name: string) => entities[name] ?? all)
