import { productStatuses } from '../../catalog.ts'
import type { ProductImage, ProductStatus } from '../../catalog.ts'
import type { Currency } from '../../money.ts'
import { isSlug, slugOf } from '../slugs.ts'
import { CellError, cellReader, lineOf, needed, shown, webAddress, wholeNumber, yesOrNo } from './cells.ts'
import type { ProductRow, RowFlaw } from './cells.ts'
import { variantOf } from './read-variants.ts'
import type { VariantPatch } from './read-variants.ts'

/**
 * What a file says of one product: all rows with its handle. What is undefined is not said, because the file has no such column, and
 * stays as it is; what is null or empty is said to be nothing.
 */
export interface ProductPatch {
  readonly handle: string
  /** Where its first row stands. */
  readonly line: number
  readonly title?: string
  readonly html?: string
  /** The name of its brand. */
  readonly vendor?: string | null
  /** The names of its category and those above it, the topmost first. */
  readonly path?: readonly string[] | null
  readonly type?: string
  readonly tags?: readonly string[]
  readonly status?: ProductStatus
  readonly options?: readonly string[]
  readonly images?: readonly ProductImage[]
  readonly variants: readonly VariantPatch[]
  readonly flaws: readonly RowFlaw[]
  /** Something is wrong with the product itself, and not just with one of its variants. */
  readonly unusable: boolean
}

/** Reads the rows of one handle, of which there is at least one. Pure: whether it fits the catalog is for others to say. */
export function readProduct(rows: readonly ProductRow[], { own }: { own: Currency }): ProductPatch {
  const [first] = rows
  if (!first) throw new Error('A product has a row at least.')
  const flaws: RowFlaw[] = []
  let unusable = false
  const cell = cellReader(first, (flaw) => {
    unusable = true
    flaws.push(flaw)
  })
  const options = optionsOf(first, cell)
  const fields = {
    handle: cell('Handle', handleOf) ?? '',
    title: cell('Title', needed(lineOf(255))),
    html: cell('Body (HTML)', textOf),
    vendor: cell('Vendor', (text) => lineOf(100)(text) || null),
    path: cell('Product Category', pathOf),
    type: cell('Type', lineOf(255)),
    tags: cell('Tags', tagsOf),
    status: statusOf(cell),
    options,
    images: imagesOf(rows, (flaw) => {
      unusable = true
      flaws.push(flaw)
    }),
  }
  const variants = rows.flatMap(
    (row) => variantOf(row, { own, options, note: (flaw) => flaws.push(flaw) }) ?? [],
  )
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return { ...(given as typeof fields), line: first.line, variants, flaws, unusable } as ProductPatch
}

type Cell = ReturnType<typeof cellReader>

export function handleOf(text: string): string {
  if (isSlug(text)) return text
  const better = slugOf(text)
  const hint = better === '' ? '' : `, such as "${better}"`
  throw new CellError(`"${shown(text)}" is no handle: small letters, digits and single hyphens${hint}.`)
}

function textOf(text: string): string {
  if (text.length > 40_000) throw new CellError(`has ${text.length} characters; at most 40000 are taken.`)
  return text
}

function pathOf(text: string): string[] | null {
  if (text === '') return null
  const path = text.split('>').map((name) => needed(lineOf(100))(name.trim()))
  if (path.length > 10) throw new CellError(`is ${path.length} deep; categories lie at most 10 deep.`)
  return path
}

function tagsOf(text: string): string[] {
  const tags = text.split(',').map((tag) => lineOf(100)(tag.trim()))
  return tags.filter((tag) => tag !== '')
}

/** Shopify says it twice: `Status` what it is, `Published` whether the web shop shows it. */
function statusOf(cell: Cell): ProductStatus | undefined {
  const published = cell('Published', yesOrNo)
  const status = cell('Status', (text): ProductStatus | null => {
    if (text === '') return null
    const word = text.toLowerCase()
    if (word === 'active') return 'published'
    const known = productStatuses.find((each) => each === word)
    if (known) return known
    throw new CellError(`"${shown(text)}" is none of active, draft and archived.`)
  })
  if (status === 'published') return published === false ? 'draft' : 'published'
  if (status) return status
  return typeof published === 'boolean' ? (published ? 'published' : 'draft') : undefined
}

/** Empty for what comes in one form only, which Shopify writes as the option `Title` with the value `Default Title`. */
function optionsOf({ cells }: ProductRow, cell: Cell): string[] | undefined {
  if (cells['Option1 Name'] === undefined) return undefined
  const names = [1, 2, 3].map((number) => cell(`Option${number} Name`, lineOf(100)) ?? '')
  const given = names.filter((name) => name !== '')
  const [only] = given
  const single = given.length === 1 && only?.toLowerCase() === 'title'
  return single && cells['Option1 Value']?.trim() === 'Default Title' ? [] : given
}

function imagesOf(rows: readonly ProductRow[], note: (flaw: RowFlaw) => void): ProductImage[] | undefined {
  const [first] = rows
  if (first?.cells['Image Src'] === undefined) return undefined
  const images = new Map<string, ProductImage & { position: number }>()
  for (const [index, row] of rows.entries()) {
    const cell = cellReader(row, note)
    const url = cell('Image Src', (text) => (text === '' ? '' : webAddress(text))) ?? ''
    const position = cell('Image Position', wholeNumber({ min: 1, max: 250 })) ?? index + 1_000
    const alt = cell('Image Alt Text', lineOf(500)) ?? ''
    if (url !== '' && !images.has(url)) images.set(url, { url, alt, position })
  }
  return [...images.values()].sort((a, b) => a.position - b.position).map(({ url, alt }) => ({ url, alt }))
}
