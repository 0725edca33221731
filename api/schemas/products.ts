import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { Product as CatalogProduct } from '../../store/catalog.ts'
import { Money, named, Page, word } from './common.ts'

const Variant = named(
  'Variant',
  Type.Object({
    sku: Type.String({ description: 'What goes into the cart' }),
    title: Type.String(),
    choices: Type.Array(Type.String(), { description: 'One for each option of the product' }),
    barcode: Type.Optional(Type.String()),
    prices: Type.Array(Money.ref, { description: 'One per currency that it is sold in' }),
    compare_at_prices: Type.Optional(
      Type.Array(Money.ref, { description: 'What it cost before, or costs elsewhere' }),
    ),
    image: Type.Optional(Type.String({ description: 'The address of its own picture' })),
    availability: word(['in_stock', 'out_of_stock']),
    grams: Type.Integer(),
  }),
)

export const Product = named(
  'Product',
  Type.Object({
    id: Type.String(),
    slug: Type.String(),
    title: Type.String(),
    description: Type.String({ description: 'Plain text' }),
    description_html: Type.Optional(Type.String({ description: 'The same with its markup, sanitised' })),
    brand: Type.String({ description: 'The name of its brand, or nothing' }),
    brand_slug: Type.Optional(Type.String()),
    type: Type.String(),
    category: Type.Optional(Type.String({ description: 'The slug of its category' })),
    tags: Type.Array(Type.String()),
    options: Type.Array(Type.String(), { description: 'What its variants differ by' }),
    images: Type.Array(Type.Object({ url: Type.String(), alt: Type.String() })),
    variants: Type.Array(Variant.ref),
  }),
)

export const ProductList = named(
  'ProductList',
  Type.Object({ data: Type.Array(Product.ref), page: Page.ref }),
)

export const productSchemas: readonly TSchema[] = [Variant, Product, ProductList].map(({ schema }) => schema)

export function productView(product: CatalogProduct): Static<typeof Product.schema> {
  const { id, slug, title, description, descriptionHtml, brand, brandSlug, type, category } = product
  return {
    ...{ id, slug, title, description, type },
    ...(descriptionHtml !== null && { description_html: descriptionHtml }),
    brand: brand ?? '',
    ...(brandSlug !== null && { brand_slug: brandSlug }),
    ...(category !== null && { category }),
    tags: [...product.tags],
    options: [...product.options],
    images: [...product.images],
    variants: product.variants.map(variantView),
  }
}

function variantView(variant: CatalogProduct['variants'][number]): Static<typeof Variant.schema> {
  const { sku, title, choices, barcode, grams, image, available, prices } = variant
  const before = prices.flatMap(({ compareAt, currency }) =>
    compareAt === null ? [] : [{ amount: compareAt, currency }],
  )
  return {
    ...{ sku, title, grams, choices: [...choices] },
    ...(barcode !== null && { barcode }),
    prices: prices.map(({ amount, currency }) => ({ amount, currency })),
    ...(before.length > 0 && { compare_at_prices: before }),
    ...(image !== null && { image }),
    availability: available ? 'in_stock' : 'out_of_stock',
  }
}
