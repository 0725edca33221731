import type { Static } from 'typebox'
import type { CatalogProduct } from '../../domain/catalog.ts'
import { sku as asSku } from '../../domain/ids.ts'
import type { CatalogProductView, CatalogVariant, NewProduct } from './catalog.ts'

type Written = Static<typeof NewProduct.schema>
type WrittenVariant = Static<typeof CatalogVariant.schema>

export function productOf(product: CatalogProduct): Static<typeof CatalogProductView.schema> {
  const { descriptionHtml, brand, category, variants, images, ...rest } = product
  return {
    ...rest,
    ...(descriptionHtml !== null && { description_html: descriptionHtml }),
    ...(brand !== null && { brand }),
    ...(category !== null && { category }),
    tags: [...product.tags],
    options: [...product.options],
    variants: variants.map(variantOf),
    images: images.map((image) => ({ ...image })),
  }
}

function variantOf(variant: CatalogProduct['variants'][number]): WrittenVariant {
  const { choices, barcode, size, taxClass, prices, imageUrl, sku, grams } = variant
  return {
    sku,
    choices: [...choices],
    grams,
    ...(barcode !== null && { barcode }),
    ...(size !== null && {
      size: { length_mm: size.lengthMm, width_mm: size.widthMm, height_mm: size.heightMm },
    }),
    tax_class: taxClass,
    prices: prices.map(({ currency: its, amountMinor, compareAtMinor }) => ({
      currency: its,
      amount: amountMinor,
      ...(compareAtMinor !== null && { compare_at: compareAtMinor }),
    })),
    ...(imageUrl !== null && { image_url: imageUrl }),
  }
}

export function writtenVariants(variants: readonly WrittenVariant[]): CatalogProduct['variants'] {
  return variants.map(
    ({ sku, choices, barcode, grams, size, tax_class: taxClass, prices, image_url: imageUrl }) => ({
      sku: asSku(sku),
      choices: choices.map((choice) => choice.trim()),
      barcode: barcode === '' ? null : (barcode ?? null),
      grams,
      size: size ? { lengthMm: size.length_mm, widthMm: size.width_mm, heightMm: size.height_mm } : null,
      taxClass: taxClass ?? 'standard',
      prices: prices
        .map(({ currency: its, amount, compare_at: compareAt }) => ({
          currency: its,
          amountMinor: amount,
          compareAtMinor: compareAt ?? null,
        }))
        .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
      imageUrl: imageUrl ?? null,
    }),
  )
}

export const writtenImages = (images: NonNullable<Written['images']>): CatalogProduct['images'] =>
  images.map(({ url, alt = '' }) => ({ url, alt }))
