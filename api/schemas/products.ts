import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { Product as CatalogProduct } from '../../store/catalog.ts'
import { Money, named, Page, word } from './common.ts'

const Variant = named(
  'Variant',
  Type.Object({
    sku: Type.String({ description: 'What goes into the cart' }),
    title: Type.String(),
    prices: Type.Array(Money.ref, { description: 'One per currency that it is sold in' }),
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
    description: Type.String(),
    brand: Type.String(),
    category: Type.Optional(Type.String({ description: 'The slug of its category' })),
    variants: Type.Array(Variant.ref),
  }),
)

export const ProductList = named(
  'ProductList',
  Type.Object({ data: Type.Array(Product.ref), page: Page.ref }),
)

export const productSchemas: readonly TSchema[] = [Variant, Product, ProductList].map(({ schema }) => schema)

export function productView(product: CatalogProduct): Static<typeof Product.schema> {
  const { id, slug, title, description, brand, category, variants } = product
  return {
    id,
    slug,
    title,
    description,
    brand,
    ...(category !== null && { category }),
    variants: variants.map(({ available, prices, ...variant }) => ({
      ...variant,
      prices: [...prices],
      availability: available ? 'in_stock' : 'out_of_stock',
    })),
  }
}
