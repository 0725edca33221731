import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { isSlug } from '../../../domain/catalog/slugs.ts'
import { listBrands } from '../../../store/catalog/brands.ts'
import type { Brand as CatalogBrand } from '../../../store/catalog/brands.ts'
import { changeBrand, createBrand, deleteBrand } from '../../brands.ts'
import { pageOf, readCursor } from '../../cursors.ts'
import { Brand, BrandList, brandView, NameChange, NewBrand } from '../../schemas/categories.ts'
import { ifMatchHeaders, pageQuery, strict } from '../../schemas/common.ts'
import type { Services } from '../../services.ts'
import { versionProblems, versionTag } from '../../versions.ts'
import { bySlug, catalogTags as tags, now, reading, slugParams } from './catalog-requests.ts'

const isBrandSlug = (text: string): text is string => isSlug(text)

export const adminBrandRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const db = services.databases.catalog

  app.get(
    '/brands',
    {
      config: reading,
      schema: {
        operationId: 'adminListBrands',
        tags,
        summary: 'Brands in the order of their slugs',
        querystring: Type.Object(pageQuery, strict),
        response: { 200: BrandList.ref },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const after = readCursor(cursor, isBrandSlug)
      const found = await listBrands(db, { after, limit: limit + 1 })
      return pageOf(found, { limit, keyOf: (brand) => brand.slug, view: brandView })
    },
  )

  app.post(
    '/brands',
    {
      config: { permission: 'catalog:write', problems: ['brand.taken'] },
      schema: {
        operationId: 'adminCreateBrand',
        tags,
        summary: 'A new brand',
        description: 'A second try finds its name taken: nothing is made twice.',
        body: NewBrand.ref,
        response: { 201: Brand.ref },
      },
    },
    async (request, reply) => {
      const { name, slug } = request.body
      const made = await createBrand(db, { name: name.trim(), slug, ...now(request) })
      reply.code(201).header('location', `/v1/admin/brands/${encodeURIComponent(made.slug)}`)
      return tagged(reply, made)
    },
  )

  app.patch(
    '/brands/:slug',
    {
      config: {
        permission: 'catalog:write',
        problems: ['brand.not_found', 'brand.taken', ...versionProblems],
      },
      schema: {
        operationId: 'adminChangeBrand',
        tags,
        summary: 'Another name or slug; its products follow',
        params: slugParams,
        headers: ifMatchHeaders,
        body: NameChange.ref,
        response: { 200: Brand.ref },
      },
    },
    async (request, reply) => {
      const { name, slug: newSlug } = request.body
      return tagged(reply, await changeBrand(db, { name: name?.trim(), newSlug, ...bySlug(request) }))
    },
  )

  app.delete(
    '/brands/:slug',
    {
      config: {
        permission: 'catalog:write',
        problems: ['brand.not_found', 'brand.in_use', ...versionProblems],
      },
      schema: {
        operationId: 'adminDeleteBrand',
        tags,
        summary: 'Takes a brand away that no product has',
        params: slugParams,
        headers: ifMatchHeaders,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await deleteBrand(db, bySlug(request))
      return reply.code(204).send(null)
    },
  )
}

function tagged(reply: FastifyReply, brand: CatalogBrand) {
  reply.header('etag', versionTag(brand.version))
  return brandView(brand)
}
