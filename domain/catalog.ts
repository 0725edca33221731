import type { ProductId, Sku } from './ids.ts'
import type { Currency } from './money.ts'
import type { TaxClass } from './tax.ts'

/** A draft is only ours, a published product is for sale, an archived one was. */
export const productStatuses = ['draft', 'published', 'archived'] as const
export type ProductStatus = (typeof productStatuses)[number]

/** A product as its keepers see it: everything that an admin, an import or an export reads and writes. */
export interface CatalogProduct {
  readonly id: ProductId
  /** Where customers find it; a slug that it had before leads here too. */
  readonly slug: string
  readonly title: string
  /** Plain text: what is searched, and what is shown where no HTML is wanted. */
  readonly description: string
  /** The same with its markup, sanitised; null when there is none. */
  readonly descriptionHtml: string | null
  /** A brand by its slug. */
  readonly brand: string | null
  /** What kind of thing it is, in the shop's own words, such as "Table lamp". */
  readonly type: string
  /** A category by its slug. */
  readonly category: string | null
  /** In the order of the alphabet, each once. */
  readonly tags: readonly string[]
  readonly status: ProductStatus
  /** What its variants differ by, at most three: Size, Colour. Empty when it comes in one form only. */
  readonly options: readonly string[]
  readonly variants: readonly CatalogVariant[]
  readonly images: readonly ProductImage[]
  /** Rises by one with each change. */
  readonly version: number
}

export interface CatalogVariant {
  readonly sku: Sku
  /** One for each of the product's options. */
  readonly choices: readonly string[]
  readonly barcode: string | null
  readonly grams: number
  /** Of the packed thing; null when nobody measured it. */
  readonly size: Dimensions | null
  readonly taxClass: TaxClass
  /** At most one for each currency, in the order of the currencies' names. */
  readonly prices: readonly CatalogPrice[]
  /** The picture of this variant, if it has one of its own. */
  readonly imageUrl: string | null
}

export interface Dimensions {
  readonly lengthMm: number
  readonly widthMm: number
  readonly heightMm: number
}

export interface CatalogPrice {
  readonly currency: Currency
  readonly amountMinor: number
  /** What it cost before, or costs elsewhere; always more than the price. */
  readonly compareAtMinor: number | null
}

export interface ProductImage {
  readonly url: string
  readonly alt: string
}

export const mostOptions = 3
export const mostVariants = 250
export const mostImages = 50
export const mostTags = 100

/** What a variant is called beside its product: `Blue / XL`, or nothing when there is no choice. */
export function variantTitle({ choices }: Pick<CatalogVariant, 'choices'>): string {
  return choices.join(' / ')
}

/** Something that is wrong with a product. `field` is a name of `CatalogProduct`, or of `CatalogVariant` when `sku` is there. */
export interface ProductFlaw {
  readonly field: string
  readonly sku?: Sku
  readonly detail: string
}

/** What no single field can know: whether options, variants, prices and pictures agree with each other. */
export function flawsOf(product: CatalogProduct): ProductFlaw[] {
  return [...flawsOfOptions(product), ...product.variants.flatMap(flawsOfPrices), ...flawsOfLists(product)]
}

function flawsOfOptions({ options, variants }: CatalogProduct): ProductFlaw[] {
  const flaws: ProductFlaw[] = []
  if (options.length > mostOptions)
    flaws.push({ field: 'options', detail: `has more than ${mostOptions} options.` })
  if (new Set(options.map(sameWord)).size < options.length)
    flaws.push({ field: 'options', detail: 'names an option twice.' })
  const skus = new Set<Sku>()
  const choices = new Map<string, Sku>()
  for (const { sku, choices: chosen } of variants) {
    if (skus.has(sku)) flaws.push({ field: 'sku', sku, detail: `The SKU ${sku} stands there twice.` })
    skus.add(sku)
    if (chosen.length !== options.length) {
      flaws.push({ field: 'choices', sku, detail: `needs one value for each of ${listed(options)}.` })
      continue
    }
    const key = chosen.map(sameWord).join('\n')
    const twin = choices.get(key)
    if (twin !== undefined && twin !== sku) {
      const what =
        options.length === 0 ? 'is a second variant, but the product has no options' : 'is the same'
      flaws.push({
        field: 'choices',
        sku,
        detail: `${what} as ${twin}: ${variantTitle({ choices: chosen })}.`,
      })
    }
    choices.set(key, twin ?? sku)
  }
  return flaws
}

function flawsOfPrices({ sku, prices }: CatalogVariant): ProductFlaw[] {
  const flaws: ProductFlaw[] = []
  if (new Set(prices.map(({ currency }) => currency)).size < prices.length)
    flaws.push({ field: 'prices', sku, detail: 'has two prices in one currency.' })
  for (const { compareAtMinor, amountMinor } of prices) {
    if (compareAtMinor !== null && compareAtMinor <= amountMinor)
      flaws.push({ field: 'compareAt', sku, detail: 'must be more than the price, or absent.' })
  }
  return flaws
}

function flawsOfLists({ variants, images, tags }: CatalogProduct): ProductFlaw[] {
  const tooMany = (field: string, { length }: readonly unknown[], most: number): ProductFlaw[] =>
    length > most ? [{ field, detail: `has ${length}; at most ${most} are taken.` }] : []
  return [
    ...tooMany('variants', variants, mostVariants),
    ...tooMany('images', images, mostImages),
    ...tooMany('tags', tags, mostTags),
  ]
}

/** Why a product cannot be for sale as it is; empty when it can. */
export function reasonsNotToPublish({ title, variants }: CatalogProduct): string[] {
  const unpriced = variants.filter(({ prices }) => prices.length === 0).map(({ sku }) => sku)
  return [
    ...(title.trim() === '' ? ['It has no title.'] : []),
    ...(variants.length === 0 ? ['It has no variant that could be bought.'] : []),
    ...(unpriced.length > 0 ? [`There is no price for ${listed(unpriced)}.`] : []),
  ]
}

/** Tags as they are kept: trimmed, each once whatever its case, in the order of the alphabet. */
export function tidyTags(tags: readonly string[]): string[] {
  const byKey = new Map<string, string>()
  for (const tag of tags.map((each) => each.trim()).filter((each) => each !== '')) {
    if (!byKey.has(sameWord(tag))) byKey.set(sameWord(tag), tag)
  }
  return [...byKey.values()].sort((a, b) => (a < b ? -1 : 1))
}

const sameWord = (text: string): string => text.trim().toLowerCase()

const listed = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
