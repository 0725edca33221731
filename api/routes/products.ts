import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isId } from '../../domain/ids.ts'
import type { ProductId } from '../../domain/ids.ts'
import { listProducts, readProduct } from '../../store/catalog.ts'
import { briefCache } from '../brief-cache.ts'
import { pageOf, readCursor } from '../cursors.ts'
import { Problem } from '../problems.ts'
import { idParams, pageQuery } from '../schemas/common.ts'
import { Product, ProductList, productView } from '../schemas/products.ts'
import type { Services } from '../services.ts'

const isProductId = (text: string): text is ProductId => isId('prod', text)

/** A list is the same for everybody, so it is written once a moment; a price that is a second old is set right in the cart. */
const listFreshMs = 1_000
const mostLists = 500
const writtenList = Type.Unsafe<string>(ProductList.ref)

export const productRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (app, { services }) => {
  const { catalog } = services.databases
  const pages = briefCache<string>({ freshMs: listFreshMs, most: mostLists })

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
        response: { 200: writtenList },
      },
    },
    async ({ query: { cursor, category, limit } }, reply) => {
      const after = readCursor(cursor, isProductId)
      const text = await pages.get(JSON.stringify([after, category, limit]), async () => {
        const found = await listProducts(catalog, { after, category, limit: limit + 1 })
        const page = pageOf(found, { limit, keyOf: (product) => product.id, view: productView })
        return textOf(reply.serialize(page))
      })
      return reply.type('application/json; charset=utf-8').send(text)
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

function textOf(written: string | ArrayBuffer | Buffer): string {
  if (typeof written === 'string') return written
  throw new Error('JSON is written as text.')
}
