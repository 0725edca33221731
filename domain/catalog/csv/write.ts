import type { CatalogProduct, CatalogVariant, ProductStatus } from '../../catalog.ts'
import type { Sku } from '../../ids.ts'
import { currencies } from '../../money.ts'
import type { Currency } from '../../money.ts'
import { amountOf } from './cells.ts'
import { compareAtColumn, priceColumn, productColumns } from './columns.ts'

/** What a file says that stands elsewhere than in the product. */
export interface Named {
  /** The name of its brand. */
  readonly vendor: string
  /** The names of its category and those above it, the topmost first. */
  readonly path: readonly string[]
  /** Units on hand; a SKU that nobody keeps is not in it. */
  readonly units: ReadonlyMap<Sku, number>
}

const statuses = { published: 'active', draft: 'draft', archived: 'archived' } as const satisfies Record<
  ProductStatus,
  string
>

/**
 * A product as the rows of a file, each with the cells of `productColumns`: the first has what is the product's, every one a variant
 * and a picture as long as there are any. Read again, they change nothing.
 */
export function rowsOf(product: CatalogProduct, named: Named, { own }: { own: Currency }): string[][] {
  const { variants, images } = product
  const count = Math.max(1, variants.length, images.length)
  const columns = productColumns(own)
  return Array.from({ length: count }, (_, index) => {
    const variant = variants[index]
    const image = images[index]
    const cells: Record<string, string> = {
      Handle: product.slug,
      ...(index === 0 && productCells(product, named)),
      ...(variant && variantCells(variant, { product, named, own })),
      ...(image && {
        'Image Src': image.url,
        'Image Position': String(index + 1),
        'Image Alt Text': image.alt,
      }),
    }
    return columns.map((column) => cells[column] ?? '')
  })
}

function productCells(product: CatalogProduct, { vendor, path }: Named): Record<string, string> {
  const { title, type, tags, status, options } = product
  const names = options.length === 0 && product.variants.length > 0 ? ['Title'] : options
  return {
    Title: title,
    'Body (HTML)': bodyOf(product),
    Vendor: vendor,
    'Product Category': path.join(' > '),
    Type: type,
    Tags: tags.join(', '),
    Published: status === 'published' ? 'TRUE' : 'FALSE',
    Status: statuses[status],
    ...Object.fromEntries(names.map((name, index) => [`Option${index + 1} Name`, name])),
  }
}

function variantCells(
  variant: CatalogVariant,
  { product, named, own }: { product: CatalogProduct; named: Named; own: Currency },
): Record<string, string> {
  const { sku, choices, barcode, grams, size, taxClass, prices, imageUrl } = variant
  const values = product.options.length === 0 ? ['Default Title'] : choices
  const units = named.units.get(sku)
  const priceCells = currencies.flatMap((currency) => {
    const price = prices.find((each) => each.currency === currency)
    if (!price) return []
    const before = price.compareAtMinor === null ? '' : amountOf(price.compareAtMinor, currency)
    return [
      [priceColumn(currency, own), amountOf(price.amountMinor, currency)],
      [compareAtColumn(currency, own), before],
    ]
  })
  return {
    ...Object.fromEntries(values.map((value, index) => [`Option${index + 1} Value`, value])),
    'Variant SKU': sku,
    'Variant Grams': String(grams),
    'Variant Inventory Qty': units === undefined ? '' : String(units),
    'Variant Barcode': barcode ?? '',
    'Variant Image': imageUrl ?? '',
    'Variant Tax Class': taxClass,
    ...(size && {
      'Variant Length (mm)': String(size.lengthMm),
      'Variant Width (mm)': String(size.widthMm),
      'Variant Height (mm)': String(size.heightMm),
    }),
    ...(Object.fromEntries(priceCells) as Record<string, string>),
  }
}

/** The description as HTML: what is no tag must not become one when it is read again. */
export function bodyOf({ description, descriptionHtml }: CatalogProduct): string {
  if (descriptionHtml !== null) return descriptionHtml
  return description.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
