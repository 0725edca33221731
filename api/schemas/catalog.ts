import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { mostImages, mostOptions, mostTags, mostVariants, productStatuses } from '../../domain/catalog.ts'
import { longestSlug, slugPattern } from '../../domain/catalog/slugs.ts'
import { currency, named, Page, strict, word } from './common.ts'

/** One line of text: nothing that a database or a terminal would choke on. */
const line = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\p{Cs}\\p{Cc}]*$' })
export const name = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: '^(?=.*\\S)[^\\p{Cs}\\p{Cc}]*$' })
const text = (maxLength: number) =>
  Type.String({ maxLength, pattern: '^(?:[^\\p{Cs}\\p{Cc}]|[\\t\\n\\r])*$' })
export const orNull = <T extends TSchema>(schema: T, description?: string) =>
  Type.Unsafe<Static<T> | null>({ anyOf: [schema, { type: 'null' }], ...(description && { description }) })

export const slug = Type.String({ minLength: 1, maxLength: longestSlug, pattern: slugPattern })
const webAddress = Type.String({ maxLength: 2000, pattern: '^https?://[^\\s\\p{Cs}\\p{Cc}]+$' })
const minor = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 })
const millimetres = Type.Integer({ minimum: 1, maximum: 100_000 })

const CatalogPrice = named(
  'CatalogPrice',
  Type.Object(
    {
      currency,
      amount: minor,
      compare_at: Type.Optional(
        orNull(minor, 'What it cost before, in minor units too; more than the price'),
      ),
    },
    { ...strict, examples: [{ currency: 'EUR', amount: 1999, compare_at: 2499 }] },
  ),
)

export const sku = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^(?! )[^\\p{Cs}\\p{Cc}]*(?<! )$',
})

const inVariant = {
  choices: Type.Array(name(100), {
    maxItems: mostOptions,
    description: 'One for each option of the product',
  }),
  barcode: Type.Optional(orNull(line(50))),
  grams: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
  size: Type.Optional(
    orNull(Type.Object({ length_mm: millimetres, width_mm: millimetres, height_mm: millimetres }, strict)),
  ),
  tax_class: Type.Optional(word(['standard', 'reduced', 'zero'])),
  prices: Type.Array(CatalogPrice.ref, { maxItems: 20 }),
  image_url: Type.Optional(orNull(webAddress)),
}

export const CatalogVariant = named('CatalogVariant', Type.Object({ sku, ...inVariant }, strict))

const ProductPicture = named(
  'ProductPicture',
  Type.Object({ url: webAddress, alt: Type.Optional(line(500)) }, strict),
)

const written = {
  title: name(255),
  description: Type.Optional(text(40_000)),
  description_html: Type.Optional(
    orNull(text(40_000), 'In place of `description`; scripts and the like are taken out of it'),
  ),
  slug: Type.Optional(slug),
  brand: Type.Optional(orNull(slug, 'The slug of a brand')),
  type: Type.Optional(line(255)),
  category: Type.Optional(orNull(slug, 'The slug of a category')),
  tags: Type.Optional(Type.Array(name(100), { maxItems: mostTags })),
  options: Type.Optional(
    Type.Array(name(100), { maxItems: mostOptions, description: 'What the variants differ by' }),
  ),
  variants: Type.Optional(Type.Array(CatalogVariant.ref, { maxItems: mostVariants })),
  images: Type.Optional(Type.Array(ProductPicture.ref, { maxItems: mostImages })),
}

export const NewProduct = named(
  'NewProduct',
  Type.Object(written, {
    ...strict,
    examples: [
      {
        title: 'Desk lamp',
        description: 'Bright where you need it.',
        options: ['Colour'],
        variants: [
          { sku: 'LAMP-RED', choices: ['Red'], grams: 900, prices: [{ currency: 'EUR', amount: 3400 }] },
        ],
      },
    ],
  }),
)

export const ProductChange = named(
  'ProductChange',
  Type.Object({ ...written, title: Type.Optional(written.title) }, { ...strict, minProperties: 1 }),
)

/** A variant whose SKU stands in the path. */
export const VariantChange = named('VariantChange', Type.Object(inVariant, strict))

export const CatalogProductView = named(
  'CatalogProduct',
  Type.Object({
    id: Type.String(),
    slug: Type.String(),
    title: Type.String(),
    description: Type.String(),
    description_html: Type.Optional(Type.String()),
    brand: Type.Optional(Type.String()),
    type: Type.String(),
    category: Type.Optional(Type.String()),
    tags: Type.Array(Type.String()),
    status: word(productStatuses),
    options: Type.Array(Type.String()),
    variants: Type.Array(CatalogVariant.ref),
    images: Type.Array(ProductPicture.ref),
    version: Type.Integer(),
  }),
)

export const CatalogProductList = named(
  'CatalogProductList',
  Type.Object({ data: Type.Array(CatalogProductView.ref), page: Page.ref }),
)

const Change = named(
  'CatalogChange',
  Type.Object({
    version: Type.Integer(),
    what: Type.String(),
    at: Type.String(),
    actor: Type.String(),
    cause: Type.String({ description: 'The request or event that it came of' }),
    fields: Type.Record(
      Type.String(),
      Type.Object({ from: Type.Optional(Type.Unknown()), to: Type.Optional(Type.Unknown()) }),
    ),
  }),
)
export const ChangeList = named(
  'CatalogChangeList',
  Type.Object({ data: Type.Array(Change.ref), page: Page.ref }),
)

export const StatusWish = named(
  'StatusWish',
  Type.Object(
    { ids: Type.Array(Type.String(), { minItems: 1, maxItems: 500 }), status: word(productStatuses) },
    strict,
  ),
)
const StatusOutcome = named(
  'StatusOutcome',
  Type.Object({
    id: Type.String(),
    outcome: word(['changed', 'unchanged', 'refused']),
    version: Type.Optional(Type.Integer()),
    code: Type.Optional(Type.String()),
    detail: Type.Optional(Type.String()),
  }),
)
export const StatusChanges = named('StatusChanges', Type.Object({ data: Type.Array(StatusOutcome.ref) }))

export const catalogSchemas: readonly TSchema[] = [
  CatalogPrice,
  CatalogVariant,
  ProductPicture,
  NewProduct,
  ProductChange,
  VariantChange,
  CatalogProductView,
  CatalogProductList,
  Change,
  ChangeList,
  StatusWish,
  StatusOutcome,
  StatusChanges,
].map(({ schema }) => schema)
