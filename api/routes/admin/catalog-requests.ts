import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { CatalogProduct } from '../../../domain/catalog.ts'
import type { CatalogProductView } from '../../schemas/catalog.ts'
import { productOf } from '../../schemas/catalog-views.ts'
import { versionProblems, versionTag } from '../../versions.ts'

/** What the routes of the catalog's keepers have in common. */

export const catalogTags = ['admin: catalog']
export const reading = { permission: 'catalog:read' } as const

/** What saving a product may answer. */
export const savingProblems = [
  ...(['request.invalid', 'product.slug_taken', 'product.sku_taken', 'product.not_publishable'] as const),
  ...(['brand.unknown', 'category.unknown'] as const),
]
export const changing = {
  permission: 'catalog:write',
  problems: [...savingProblems, 'product.not_found' as const, ...versionProblems],
} as const

/** Who asks, as the history notes it. */
export const whoAsks = ({ caller, id }: FastifyRequest) => ({ actor: caller ?? 'unknown', cause: id })

/** What a change of a thing that is named in the path says of itself. */
export const asked = (
  request: FastifyRequest<{ Params: { id: string }; Headers: { 'if-match'?: string } }>,
) => ({
  id: request.params.id,
  ifMatch: request.headers['if-match'],
  ...whoAsks(request),
})

/** A product as it is answered, with its version as `ETag`. */
export function tagged(
  reply: FastifyReply,
  product: CatalogProduct,
): Static<typeof CatalogProductView.schema> {
  reply.header('etag', versionTag(product.version))
  return productOf(product)
}

export const slugParams = Type.Object({ slug: Type.String() })

/** Who asks, and when. */
export const now = (request: FastifyRequest) => ({ at: new Date().toISOString(), ...whoAsks(request) })

/** What a change of a category or brand says of itself. */
export const bySlug = (
  request: FastifyRequest<{ Params: { slug: string }; Headers: { 'if-match'?: string } }>,
) => ({ slug: request.params.slug, ifMatch: request.headers['if-match'], ...now(request) })
