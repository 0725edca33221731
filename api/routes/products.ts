import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isId } from '../../domain/ids.ts'
import type { ProductId } from '../../domain/ids.ts'
import { listProducts, readProduct } from '../../store/catalog.ts'
import { pageOf, readCursor } from '../cursors.ts'
import { Problem } from '../problems.ts'
import { idParams, pageQuery } from '../schemas/common.ts'
import { Product, ProductList, productView } from '../schemas/products.ts'
import type { Services } from '../services.ts'

const isProductId = (text: string): text is ProductId => isId('prod', text)

export const productRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (app, { services }) => {
  const { catalog } = services.databases

  app.get(
    '/products',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'listProducts',
        tags: ['products'],
        summary: 'Published products',
        querystring: Type.Object({
          ...pageQuery,
          category: Type.Optional(
            Type.String({
              maxLength: 100,
              description: 'The slug of a category; those below it are in it too',
            }),
          ),
        }),
        response: { 200: ProductList.ref },
      },
    },
    async ({ query: { cursor, category, limit } }) => {
      const after = readCursor(cursor, isProductId)
      const found = await listProducts(catalog, { after, category, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: (product) => product.id, view: productView })
    },
  )

  app.get(
    '/products/:id',
    {
      config: { permission: 'public', problems: ['product.not_found'] },
      schema: {
        operationId: 'readProduct',
        tags: ['products'],
        summary: 'One product',
        params: idParams('Its id or its slug'),
        response: { 200: Product.ref },
      },
    },
    async ({ params: { id } }) => {
      const product = await readProduct(catalog, id)
      if (!product) throw new Problem('product.not_found', 'There is no such product.')
      return productView(product)
    },
  )
}
