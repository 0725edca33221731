import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { listCategories } from '../../../store/catalog/categories.ts'
import { changeCategory, createCategory, deleteCategory, placeCategory } from '../../categories.ts'
import {
  CategoryList,
  CategoryMove,
  CategoryView,
  categoryView,
  NameChange,
  NewCategory,
} from '../../schemas/categories.ts'
import { ifMatchHeaders } from '../../schemas/common.ts'
import type { Services } from '../../services.ts'
import { versionProblems, versionTag } from '../../versions.ts'
import { bySlug, catalogTags as tags, now, reading, slugParams } from './catalog-requests.ts'

const placing = ['category.unknown', 'category.below_itself', 'category.too_deep'] as const
const known = ['category.not_found', ...versionProblems] as const

export const adminCategoryRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const db = services.databases.catalog

  app.get(
    '/categories',
    {
      config: reading,
      schema: {
        operationId: 'adminListCategories',
        tags,
        summary: 'All categories, siblings in their order',
        response: { 200: CategoryList.ref },
      },
    },
    async () => ({ data: (await listCategories(db)).map(categoryView) }),
  )

  app.post(
    '/categories',
    {
      config: { permission: 'catalog:write', problems: ['category.taken', ...placing] },
      schema: {
        operationId: 'adminCreateCategory',
        tags,
        summary: 'A new category, behind its siblings',
        description: 'A second try finds its slug taken: nothing is made twice.',
        body: NewCategory.ref,
        response: { 201: CategoryView.ref },
      },
    },
    async (request, reply) => {
      const { name, slug, parent = null } = request.body
      const made = await createCategory(db, { name: name.trim(), slug, parent, ...now(request) })
      reply.code(201).header('location', `/v1/admin/categories/${encodeURIComponent(made.slug)}`)
      return tagged(reply, made)
    },
  )

  app.patch(
    '/categories/:slug',
    {
      config: { permission: 'catalog:write', problems: ['category.taken', ...known] },
      schema: {
        operationId: 'adminChangeCategory',
        tags,
        summary: 'Another name or slug; the old slug leads on',
        params: slugParams,
        headers: ifMatchHeaders,
        body: NameChange.ref,
        response: { 200: CategoryView.ref },
      },
    },
    async (request, reply) => {
      const { name, slug: newSlug } = request.body
      return tagged(reply, await changeCategory(db, { name: name?.trim(), newSlug, ...bySlug(request) }))
    },
  )

  app.post(
    '/categories/:slug/move',
    {
      config: { permission: 'catalog:write', problems: ['category.taken', ...placing, ...known] },
      schema: {
        operationId: 'adminMoveCategory',
        tags,
        summary: 'Hangs a category somewhere else',
        params: slugParams,
        headers: ifMatchHeaders,
        body: CategoryMove.ref,
        response: { 200: CategoryView.ref },
      },
    },
    async (request, reply) => {
      const { parent, position } = request.body
      return tagged(reply, await placeCategory(db, { parent, position, ...bySlug(request) }))
    },
  )

  app.delete(
    '/categories/:slug',
    {
      config: { permission: 'catalog:write', problems: ['category.in_use', ...known] },
      schema: {
        operationId: 'adminDeleteCategory',
        tags,
        summary: 'Takes an empty category away',
        params: slugParams,
        headers: ifMatchHeaders,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await deleteCategory(db, bySlug(request))
      return reply.code(204).send(null)
    },
  )
}

function tagged(reply: FastifyReply, category: Parameters<typeof categoryView>[0]) {
  reply.header('etag', versionTag(category.version))
  return categoryView(category)
}
