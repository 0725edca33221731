import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isSlug } from '../../domain/catalog/slugs.ts'
import { pathTo, treeOf } from '../../domain/catalog/tree.ts'
import type { Category } from '../../domain/catalog/tree.ts'
import { Refusal } from '../../domain/refusals.ts'
import { listBrands } from '../../store/catalog/brands.ts'
import { countByCategory, listCategories, presentCategorySlug } from '../../store/catalog/categories.ts'
import { briefCache } from '../brief-cache.ts'
import { pageOf, readCursor } from '../cursors.ts'
import { shelfCache } from '../plugins/public-cache.ts'
import { BrandList, brandView, CategoryForest, CategoryPage, forestView } from '../schemas/categories.ts'
import { pageQuery, strict } from '../schemas/common.ts'
import type { Services } from '../services.ts'

const isBrandSlug = (text: string): text is string => isSlug(text)
const named = ({ slug, name }: Category) => ({ slug, name })

export const categoryRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { catalog } = services.databases
  const forests = briefCache<ReturnType<typeof forestView>>({ freshMs: 1_000, most: 1 })

  app.get(
    '/categories',
    {
      config: { permission: 'public', cache: shelfCache },
      schema: {
        operationId: 'listCategories',
        tags: ['products'],
        summary: 'The categories as a tree, with how many products lie in each',
        querystring: Type.Object({}, strict),
        response: { 200: CategoryForest.ref },
      },
    },
    async () => ({
      data: await forests.get('all', async () => {
        const [categories, counts] = await Promise.all([listCategories(catalog), countByCategory(catalog)])
        return forestView(treeOf(categories), counts)
      }),
    }),
  )

  app.get(
    '/categories/:slug',
    {
      config: { permission: 'public', cache: shelfCache, problems: ['category.not_found'] },
      schema: {
        operationId: 'readCategory',
        tags: ['products'],
        summary: 'One category, with those above and below it',
        description: 'A slug that it had before is answered 301 with the address of the present one.',
        params: Type.Object({ slug: Type.String() }),
        response: { 200: CategoryPage.ref, 301: Type.Null() },
      },
    },
    async ({ params: { slug } }, reply) => {
      const categories = await listCategories(catalog)
      const path = pathTo(new Map(categories.map((each) => [each.slug, each])), slug)
      const category = path.at(-1)
      if (category) {
        const children = categories.filter(({ parent }) => parent === slug).map(named)
        return { ...named(category), path: path.map(named), children }
      }
      const present = await presentCategorySlug(catalog, slug)
      if (present === null) throw new Refusal('category.not_found', 'There is no such category.')
      return reply
        .code(301)
        .header('location', `/v1/store/categories/${encodeURIComponent(present)}`)
        .send(null)
    },
  )

  app.get(
    '/brands',
    {
      config: { permission: 'public', cache: shelfCache },
      schema: {
        operationId: 'listBrands',
        tags: ['products'],
        summary: 'Brands in the order of their slugs',
        querystring: Type.Object(pageQuery, strict),
        response: { 200: BrandList.ref },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const after = readCursor(cursor, isBrandSlug)
      const found = await listBrands(catalog, { after, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: (brand) => brand.slug, view: brandView })
    },
  )
}
