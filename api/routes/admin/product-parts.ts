import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { CatalogProduct } from '../../../domain/catalog.ts'
import { sku as asSku } from '../../../domain/ids.ts'
import { Refusal } from '../../../domain/refusals.ts'
import { changeProduct, setStatuses, wordFor } from '../../catalog.ts'
import { CatalogProductView, StatusChanges, StatusWish, VariantChange } from '../../schemas/catalog.ts'
import { writtenVariants } from '../../schemas/catalog-views.ts'
import { idParams, ifMatchHeaders } from '../../schemas/common.ts'
import type { Services } from '../../services.ts'
import { asked, catalogTags as tags, changing, tagged, whoAsks } from './catalog-requests.ts'

/** The variants of a product, and whether it is for sale. */
export const adminProductPartRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const db = services.databases.catalog

  app.put(
    '/products/:id/variants/:sku',
    {
      config: changing,
      schema: {
        operationId: 'adminPutVariant',
        tags,
        summary: 'Adds a variant, or puts another in its place',
        params: Type.Object({ id: Type.String(), sku: Type.String({ minLength: 1, maxLength: 100 }) }),
        headers: ifMatchHeaders,
        body: VariantChange.ref,
        response: { 200: CatalogProductView.ref },
      },
    },
    async (request, reply) => {
      const { sku } = request.params
      const [variant] = writtenVariants([{ sku, ...request.body }])
      if (!variant) throw new Error('One written variant is one variant.')
      const to = (product: CatalogProduct): CatalogProduct => {
        const known = product.variants.some((each) => each.sku === sku)
        const others = product.variants.map((each) => (each.sku === sku ? variant : each))
        return { ...product, variants: known ? others : [...others, variant] }
      }
      return tagged(reply, await changeProduct(db, { ...asked(request), to, what: 'changed' }))
    },
  )

  app.delete(
    '/products/:id/variants/:sku',
    {
      config: { ...changing, problems: [...changing.problems, 'sku.unknown'] },
      schema: {
        operationId: 'adminRemoveVariant',
        tags,
        summary: 'Takes a variant out of its product',
        params: Type.Object({ id: Type.String(), sku: Type.String() }),
        headers: ifMatchHeaders,
        response: { 200: CatalogProductView.ref },
      },
    },
    async (request, reply) => {
      const sku = asSku(request.params.sku)
      const to = (product: CatalogProduct): CatalogProduct => {
        const variants = product.variants.filter((each) => each.sku !== sku)
        if (variants.length === product.variants.length)
          throw new Refusal('sku.unknown', 'The product has no such variant.', { sku })
        return { ...product, variants }
      }
      return tagged(reply, await changeProduct(db, { ...asked(request), to, what: 'changed' }))
    },
  )

  for (const [verb, status] of [
    ['publish', 'published'],
    ['withdraw', 'draft'],
    ['archive', 'archived'],
  ] as const) {
    app.post(
      `/products/:id/${verb}`,
      {
        config: changing,
        schema: {
          operationId: `admin${verb.charAt(0).toUpperCase()}${verb.slice(1)}Product`,
          tags,
          summary: `Makes a product ${status === 'draft' ? 'a draft again' : status}`,
          params: idParams('Of the product'),
          headers: ifMatchHeaders,
          response: { 200: CatalogProductView.ref },
        },
      },
      async (request, reply) => {
        const to = (product: CatalogProduct): CatalogProduct => ({ ...product, status })
        return tagged(reply, await changeProduct(db, { ...asked(request), to, what: wordFor(status) }))
      },
    )
  }

  app.post(
    '/products/statuses',
    {
      config: { permission: 'catalog:write' },
      schema: {
        operationId: 'adminSetStatuses',
        tags,
        summary: 'Publishes, withdraws or archives many products',
        description: 'Each by itself: the answer says of each what became of it. Repeating it does no harm.',
        body: StatusWish.ref,
        response: { 200: StatusChanges.ref },
      },
    },
    async (request) => ({
      data: await setStatuses(db, { ...request.body, ...whoAsks(request) }),
    }),
  )
}
