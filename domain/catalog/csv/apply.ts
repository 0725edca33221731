import { flawsOf, reasonsNotToPublish, tidyTags } from '../../catalog.ts'
import type { CatalogPrice, CatalogProduct, CatalogVariant } from '../../catalog.ts'
import type { RowFlaw } from './cells.ts'
import type { ProductPatch } from './read.ts'
import type { VariantPatch } from './read-variants.ts'

/** What the catalog makes of the names in a file. */
export interface Resolved {
  /** The slug of the brand; undefined when the file says nothing of it. */
  readonly brand: string | null | undefined
  readonly category: string | null | undefined
  readonly description: { readonly text: string; readonly html: string | null } | undefined
}

/**
 * The product as it is with what a file says of it. Variants that are not in the file stay: a file of prices must not take away what
 * it does not name. `before` is a blank product when it is new.
 */
export function patched(before: CatalogProduct, patch: ProductPatch, resolved: Resolved): CatalogProduct {
  const { title, type, tags, status, options, images } = patch
  const { brand, category, description } = resolved
  const inFile = new Map(patch.variants.map((variant) => [variant.sku, variant]))
  const known = new Set(before.variants.map(({ sku }) => sku))
  const kept = before.variants.map((variant) => {
    const its = inFile.get(variant.sku)
    return its ? withPatch(variant, its) : variant
  })
  const added = [...inFile.values()]
    .filter(({ sku }) => !known.has(sku))
    .map((its) => withPatch(fresh(its), its))
  return {
    ...before,
    slug: patch.handle,
    ...(title !== undefined && { title: title.trim() }),
    ...(description && { description: description.text, descriptionHtml: description.html }),
    ...(brand !== undefined && { brand }),
    ...(type !== undefined && { type }),
    ...(category !== undefined && { category }),
    ...(tags && { tags: tidyTags(tags) }),
    ...(status && { status }),
    ...(options && { options }),
    ...(images && { images }),
    variants: [...kept, ...added],
  }
}

const fresh = ({ sku }: VariantPatch): CatalogVariant => ({
  ...{
    sku,
    choices: [],
    barcode: null,
    grams: 0,
    size: null,
    taxClass: 'standard',
    prices: [],
    imageUrl: null,
  },
})

function withPatch(variant: CatalogVariant, patch: VariantPatch): CatalogVariant {
  const { choices, grams, barcode, taxClass, size, imageUrl } = patch
  return {
    ...variant,
    ...(choices && { choices }),
    ...(grams !== undefined && { grams }),
    ...(barcode !== undefined && { barcode }),
    ...(taxClass && { taxClass }),
    ...(size !== undefined && { size }),
    ...(imageUrl !== undefined && { imageUrl }),
    prices: pricesWith(variant.prices, patch.prices),
  }
}

function pricesWith(known: readonly CatalogPrice[], given: VariantPatch['prices']): CatalogPrice[] {
  const prices = new Map(known.map((price) => [price.currency, price]))
  for (const { currency, amountMinor, compareAtMinor } of given) {
    if (amountMinor === null) prices.delete(currency)
    else prices.set(currency, { currency, amountMinor, compareAtMinor })
  }
  return [...prices.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1))
}

const columnOf: Readonly<Record<string, string>> = {
  options: 'Option1 Name',
  choices: 'Option1 Value',
  sku: 'Variant SKU',
  prices: 'Variant Price',
  compareAt: 'Variant Compare At Price',
  images: 'Image Src',
  tags: 'Tags',
}

/** Why a product cannot be as a file wants it, by the rows that want it so. Empty: it can. */
export function rowFlawsOf(product: CatalogProduct, patch: ProductPatch): RowFlaw[] {
  const lines = new Map(patch.variants.map(({ sku, line }) => [sku, line]))
  const flaws = flawsOf(product).map(({ field, sku, detail }): RowFlaw => ({
    line: (sku && lines.get(sku)) ?? patch.line,
    column: columnOf[field] ?? null,
    detail,
  }))
  const twice = patch.variants.filter(
    ({ sku }, index) => patch.variants.findIndex((each) => each.sku === sku) !== index,
  )
  flaws.push(
    ...twice.map(({ sku, line }) => ({
      line,
      column: 'Variant SKU',
      detail: `The SKU ${sku} stands there twice.`,
    })),
  )
  if (flaws.length > 0 || product.status !== 'published') return flaws
  const reasons = reasonsNotToPublish(product)
  return reasons.map((detail) => ({
    line: patch.line,
    column: 'Status',
    detail: `It cannot be for sale: ${detail}`,
  }))
}
