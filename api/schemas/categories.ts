import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { Category, CategoryNode } from '../../domain/catalog/tree.ts'
import type { Brand as CatalogBrand } from '../../store/catalog/brands.ts'
import { name, orNull, slug } from './catalog.ts'
import { named, Page, strict } from './common.ts'

export const CategoryView = named(
  'Category',
  Type.Object({
    slug: Type.String(),
    name: Type.String(),
    parent: Type.Optional(Type.String({ description: 'The slug of the category above it' })),
    version: Type.Integer(),
  }),
)

interface Tree {
  slug: string
  name: string
  products: number
  children: Tree[]
}

const CategoryTree = named(
  'CategoryTree',
  Type.Unsafe<Tree>({
    type: 'object',
    required: ['slug', 'name', 'products', 'children'],
    properties: {
      slug: { type: 'string' },
      name: { type: 'string' },
      products: { type: 'integer', description: 'For sale in it and below it' },
      children: { type: 'array', items: { $ref: 'CategoryTree#' } },
    },
  }),
)
export const CategoryForest = named('CategoryForest', Type.Object({ data: Type.Array(CategoryTree.ref) }))
export const CategoryList = named('CategoryList', Type.Object({ data: Type.Array(CategoryView.ref) }))

export const CategoryPage = named(
  'CategoryPage',
  Type.Object({
    slug: Type.String(),
    name: Type.String(),
    path: Type.Array(Type.Object({ slug: Type.String(), name: Type.String() }), {
      description: 'From the top, itself included',
    }),
    children: Type.Array(Type.Object({ slug: Type.String(), name: Type.String() })),
  }),
)

export const NewCategory = named(
  'NewCategory',
  Type.Object(
    { name: name(100), slug: Type.Optional(slug), parent: Type.Optional(orNull(slug)) },
    { ...strict, examples: [{ name: 'Table lamps', parent: 'living' }] },
  ),
)
export const NameChange = named(
  'NameChange',
  Type.Object({ name: Type.Optional(name(100)), slug: Type.Optional(slug) }, { ...strict, minProperties: 1 }),
)
export const CategoryMove = named(
  'CategoryMove',
  Type.Object(
    {
      parent: orNull(slug, 'The category to hang it below; null for the top'),
      position: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 100_000, description: 'Among its new siblings, from 0' }),
      ),
    },
    strict,
  ),
)

export const Brand = named(
  'Brand',
  Type.Object({ slug: Type.String(), name: Type.String(), version: Type.Integer() }),
)
export const BrandList = named('BrandList', Type.Object({ data: Type.Array(Brand.ref), page: Page.ref }))
export const NewBrand = named(
  'NewBrand',
  Type.Object({ name: name(100), slug: Type.Optional(slug) }, { ...strict, examples: [{ name: 'Kiln' }] }),
)

export const categorySchemas: readonly TSchema[] = [
  CategoryView,
  CategoryTree,
  CategoryForest,
  CategoryList,
  CategoryPage,
  NewCategory,
  NameChange,
  CategoryMove,
  Brand,
  BrandList,
  NewBrand,
].map(({ schema }) => schema)

export const categoryView = ({
  slug: its,
  name: itsName,
  parent,
  version,
}: Category): Static<typeof CategoryView.schema> => ({
  ...{ slug: its, name: itsName, version },
  ...(parent !== null && { parent }),
})

export const brandView = ({ slug: its, name: itsName, version }: CatalogBrand) => ({
  slug: its,
  name: itsName,
  version,
})

/** A tree with how many products are for sale in each category and below it. */
export function forestView(
  nodes: readonly CategoryNode<Category>[],
  counts: ReadonlyMap<string, number>,
): Tree[] {
  return nodes.map(({ category, children }) => {
    const below = forestView(children, counts)
    const own = counts.get(category.slug) ?? 0
    const products = below.reduce((sum, child) => sum + child.products, own)
    return { slug: category.slug, name: category.name, products, children: below }
  })
}
