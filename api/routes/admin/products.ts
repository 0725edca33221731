import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { productStatuses } from '../../../domain/catalog.ts'
import type { CatalogProduct } from '../../../domain/catalog.ts'
import { isId } from '../../../domain/ids.ts'
import type { ProductId } from '../../../domain/ids.ts'
import type { ProductFiles } from '../../../gateways/product-files.ts'
import { listChanges } from '../../../store/catalog/changes.ts'
import { listCatalogProducts } from '../../../store/catalog/products.ts'
import { newId } from '../../../store/ids.ts'
import { blank, changeProduct, createProduct, knownProduct } from '../../catalog.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { once } from '../../plugins/idempotency.ts'
import {
  CatalogProductList,
  CatalogProductView,
  ChangeList,
  NewProduct,
  ProductChange,
  slug,
} from '../../schemas/catalog.ts'
import { productOf, writtenImages, writtenVariants } from '../../schemas/catalog-views.ts'
import {
  idempotencyHeaders,
  idParams,
  ifMatchHeaders,
  pageQuery,
  strict,
  word,
} from '../../schemas/common.ts'
import type { Services } from '../../services.ts'
import { versionTag } from '../../versions.ts'
import {
  asked,
  catalogTags as tags,
  changing,
  reading,
  savingProblems,
  tagged,
  whoAsks,
} from './catalog-requests.ts'

const isProductId = (text: string): text is ProductId => isId('prod', text)
const isPosition = (text: string): text is string => /^\d{1,15}$/.test(text)

export const adminProductRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const { databases, files } = services
  const db = databases.catalog

  app.get(
    '/products',
    {
      config: reading,
      schema: {
        operationId: 'adminListProducts',
        tags,
        summary: 'Products of every status',
        querystring: Type.Object(
          {
            ...pageQuery,
            status: Type.Optional(word(productStatuses)),
            brand: Type.Optional(slug),
            category: Type.Optional(slug),
          },
          strict,
        ),
        response: { 200: CatalogProductList.ref },
      },
    },
    async ({ query: { cursor, limit, ...filters } }) => {
      const after = readCursor(cursor, isProductId)
      const found = await listCatalogProducts(db, { ...filters, after, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: (product) => product.id, view: productOf })
    },
  )

  app.post(
    '/products',
    {
      config: { permission: 'catalog:write', problems: savingProblems },
      schema: {
        operationId: 'adminCreateProduct',
        tags,
        summary: 'A new product, as a draft',
        headers: idempotencyHeaders,
        body: NewProduct.ref,
        response: { 201: CatalogProductView.ref },
      },
    },
    async (request, reply) =>
      once({ db: databases.accounts, request, reply, mint: () => newId('prod') }, async (claimed) => {
        const { resourceId: id } = claimed
        if (!isProductId(id)) throw new Error(`${id} was minted for a product.`)
        const product = withWritten({ ...blank, id }, request.body, files)
        const asked = { repeated: !claimed.first, ...whoAsks(request) }
        const made = await createProduct(db, { product, ...asked })
        const headers = { location: `/v1/admin/products/${id}`, etag: versionTag(made.version) }
        return { status: 201, body: productOf(made), headers, keep: true }
      }),
  )

  app.get(
    '/products/:id',
    {
      config: { ...reading, problems: ['product.not_found'] },
      schema: {
        operationId: 'adminReadProduct',
        tags,
        summary: 'One product',
        params: idParams('Of the product'),
        response: { 200: CatalogProductView.ref },
      },
    },
    async ({ params: { id } }, reply) => tagged(reply, await knownProduct(db, id)),
  )

  app.patch(
    '/products/:id',
    {
      config: changing,
      schema: {
        operationId: 'adminChangeProduct',
        tags,
        summary: 'Changes a product',
        description:
          'What is not in the body stays; a list that is in it takes the place of the present one.',
        params: idParams('Of the product'),
        headers: ifMatchHeaders,
        body: ProductChange.ref,
        response: { 200: CatalogProductView.ref },
      },
    },
    async (request, reply) => {
      const to = (product: CatalogProduct): CatalogProduct => withWritten(product, request.body, files)
      return tagged(reply, await changeProduct(db, { ...asked(request), to, what: 'changed' }))
    },
  )

  app.get(
    '/products/:id/history',
    {
      config: { ...reading, problems: ['product.not_found'] },
      schema: {
        operationId: 'adminReadProductHistory',
        tags,
        summary: 'Who changed what, newest first',
        params: idParams('Of the product'),
        querystring: Type.Object(pageQuery, strict),
        response: { 200: ChangeList.ref },
      },
    },
    async ({ params: { id }, query: { cursor, limit } }) => {
      const position = readCursor(cursor, isPosition)
      const before = position === undefined ? undefined : Number(position)
      const { id: subject } = await knownProduct(db, id)
      const found = await listChanges(db, { kind: 'product', subject, before, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: (change) => String(change.position), view: (change) => change })
    },
  )
}

/** A product with what stands in a body in place of what it had. */
function withWritten(
  product: CatalogProduct,
  body: Static<typeof ProductChange.schema>,
  files: ProductFiles,
): CatalogProduct {
  const { description, description_html: html, variants, images, brand, category, ...rest } = body
  const cleaned = typeof html === 'string' ? files.cleanHtml(html) : null
  return {
    ...product,
    ...rest,
    ...(description !== undefined && { description, descriptionHtml: null }),
    ...(html === null && { descriptionHtml: null }),
    ...(cleaned && { description: cleaned.text, descriptionHtml: cleaned.html }),
    ...(brand !== undefined && { brand }),
    ...(category !== undefined && { category }),
    ...(variants && { variants: writtenVariants(variants) }),
    ...(images && { images: writtenImages(images) }),
  }
}
