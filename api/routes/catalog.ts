import type { FastifyPluginAsync } from 'fastify'
import { catalogSchemas } from '../schemas/catalog.ts'
import { categorySchemas } from '../schemas/categories.ts'
import { searchSchemas } from '../schemas/search.ts'
import type { Services } from '../services.ts'
import { adminBrandRoutes } from './admin/brands.ts'
import { adminCategoryRoutes } from './admin/categories.ts'
import { adminProductFileRoutes } from './admin/product-files.ts'
import { adminProductPartRoutes } from './admin/product-parts.ts'
import { adminProductRoutes } from './admin/products.ts'
import { adminSearchSettingsRoutes } from './admin/search-settings.ts'
import { categoryRoutes } from './categories.ts'
import { productRoutes } from './products.ts'
import { searchRoutes } from './search.ts'

/** The catalog's schemas, to be known before any route refers to them. */
export const allCatalogSchemas = [...catalogSchemas, ...categorySchemas, ...searchSchemas]

/** Everything about products: what customers see, and what their keepers do. */
export const catalogRoutes: FastifyPluginAsync<{ services: Services }> = async (app, options) => {
  for (const routes of [productRoutes, categoryRoutes, searchRoutes]) {
    await app.register(routes, { ...options, prefix: '/v1/store' })
  }
  for (const routes of [
    adminProductRoutes,
    adminProductPartRoutes,
    adminProductFileRoutes,
    adminCategoryRoutes,
    adminBrandRoutes,
    adminSearchSettingsRoutes,
  ]) {
    await app.register(routes, { ...options, prefix: '/v1/admin' })
  }
}
