import { shopifyColumns } from '../../domain/catalog/csv/columns.ts'
import type { GeneratedProduct } from './catalog.ts'

/** Generated products as the rows of a product file with Shopify's columns, prices in euros: one option, and no pictures. */
export const sampleColumns = shopifyColumns.filter((name) => !/^(Option[23]|Image|Variant Image)/.test(name))

export function productRows({ options, variants, ...product }: GeneratedProduct): string[][] {
  const { handle, title, html, brand, path, type, tags } = product
  return variants.map(({ sku, choices, barcode, grams, priceMinor, compareAtMinor, units }, index) => {
    const first = index === 0
    const only = (text: string): string => (first ? text : '')
    return [
      handle,
      ...[title, html, brand, path.join(' > '), type, tags.join(', '), 'TRUE'].map(only),
      only(options[0] ?? 'Title'),
      choices[0] ?? 'Default Title',
      ...[sku, String(grams), String(units), euros(priceMinor)],
      compareAtMinor === null ? '' : euros(compareAtMinor),
      ...[barcode, only('active')],
    ]
  })
}

const euros = (minor: number): string => (minor / 100).toFixed(2)
