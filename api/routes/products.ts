import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isId } from '../../domain/ids.ts'
import type { ProductId } from '../../domain/ids.ts'
import { listProducts, presentSlug, readProduct } from '../../store/catalog.ts'
import { Refusal } from '../../domain/refusals.ts'
import { briefCache } from '../brief-cache.ts'
import { pageOf, readCursor } from '../cursors.ts'
import { shelfCache } from '../plugins/public-cache.ts'
import { idParams, pageQuery, strict } from '../schemas/common.ts'
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
      config: { permission: 'public', cache: shelfCache },
      schema: {
        operationId: 'listProducts',
        tags: ['products'],
        summary: 'Published products',
        querystring: Type.Object(
          {
            ...pageQuery,
            category: Type.Optional(
              Type.String({
                maxLength: 100,
                description: 'The slug of a category; those below it are in it too',
              }),
            ),
            brand: Type.Optional(Type.String({ maxLength: 100, description: 'The slug of a brand' })),
            tag: Type.Optional(Type.String({ maxLength: 100 })),
          },
          strict,
        ),
        response: { 200: writtenList },
      },
    },
    async ({ query: { cursor, limit, ...filters } }, reply) => {
      const after = readCursor(cursor, isProductId)
      const { category, brand, tag } = filters
      const text = await pages.get(JSON.stringify([after, category, brand, tag, limit]), async () => {
        const found = await listProducts(catalog, { ...filters, after, limit: limit + 1 })
        const page = pageOf(found, { limit, keyOf: (product) => product.id, view: productView })
        return textOf(reply.serialize(page))
      })
      return reply.type('application/json; charset=utf-8').send(text)
    },
  )

  app.get(
    '/products/:id',
    {
      config: { permission: 'public', cache: shelfCache, problems: ['product.not_found'] },
      schema: {
        operationId: 'readProduct',
        tags: ['products'],
        summary: 'One product',
        description: 'A slug that it had before is answered 301 with the address of the present one.',
        params: idParams('Its id or its slug'),
        response: { 200: Product.ref, 301: Type.Null() },
      },
    },
    async ({ params: { id } }, reply) => {
      const product = await readProduct(catalog, id)
      if (product) return productView(product)
      const present = await presentSlug(catalog, id)
      if (present === null) throw new Refusal('product.not_found', 'There is no such product.')
      return reply
        .code(301)
        .header('location', `/v1/store/products/${encodeURIComponent(present)}`)
        .send(null)
    },
  )
}

function textOf(written: string | ArrayBuffer | Buffer): string {
  if (typeof written === 'string') return written
  throw new Error('JSON is written as text.')
}
