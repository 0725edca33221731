import { currencies } from '../../money.ts'
import type { Currency } from '../../money.ts'

/** The columns of a product file, as Shopify names them, and ours for what Shopify has no column for. */

const option = (number: number) => [`Option${number} Name`, `Option${number} Value`]

/** What Shopify writes and we keep. */
export const shopifyColumns = [
  'Handle',
  'Title',
  'Body (HTML)',
  'Vendor',
  'Product Category',
  'Type',
  'Tags',
  'Published',
  ...option(1),
  ...option(2),
  ...option(3),
  'Variant SKU',
  'Variant Grams',
  'Variant Inventory Qty',
  'Variant Price',
  'Variant Compare At Price',
  'Variant Barcode',
  'Image Src',
  'Image Position',
  'Image Alt Text',
  'Variant Image',
  'Status',
] as const

const ours = [
  'Variant Tax Class',
  'Variant Length (mm)',
  'Variant Width (mm)',
  'Variant Height (mm)',
] as const

/** Prices in other currencies than the shop's own, in the manner of Shopify's columns for its markets. */
export const priceColumn = (currency: Currency, own: Currency): string =>
  currency === own ? 'Variant Price' : `Price / ${currency}`
export const compareAtColumn = (currency: Currency, own: Currency): string =>
  currency === own ? 'Variant Compare At Price' : `Compare At Price / ${currency}`

const otherCurrencies = (own: Currency): Currency[] => currencies.filter((currency) => currency !== own)

/** Every column that is read and written in a shop with this currency. */
export function productColumns(own: Currency): string[] {
  const prices = otherCurrencies(own).flatMap((currency) => [
    priceColumn(currency, own),
    compareAtColumn(currency, own),
  ])
  return [...shopifyColumns, ...ours, ...prices]
}

/** Without it nobody knows what a row is about. */
export const neededColumns = ['Handle'] as const

/** What Shopify writes and we have no use for: nobody needs to be told. */
export const knownToShopify =
  /^(variant (inventory tracker|inventory policy|fulfillment service|requires shipping|taxable|weight unit|tax code)|gift card|seo .*|google shopping .*|cost per item|included \/ .*|(compare at )?price \/ .*|unit price .*|.*\(product\.metafields\..*\))$/i
