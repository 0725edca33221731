import { randomUUID } from 'node:crypto'
import fastify from 'fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { openCarts } from './carts.ts'
import { createKeyring } from './keyring.ts'
import { callers } from './plugins/callers.ts'
import { drain } from './plugins/drain.ts'
import { guard } from './plugins/guard.ts'
import { OneLineLog, requestIds } from './plugins/observe.ts'
import { openapi } from './plugins/openapi.ts'
import { problemDetails, sendProblem } from './plugins/problem-details.ts'
import { publicCache } from './plugins/public-cache.ts'
import { queryNumbers } from './plugins/query-numbers.ts'
import { security } from './plugins/security.ts'
import { adminFindingRoutes } from './routes/admin/findings.ts'
import { adminOrderMailRoutes } from './routes/admin/order-mails.ts'
import { adminOrderMoneyRoutes } from './routes/admin/order-money.ts'
import { adminOrderParcelRoutes } from './routes/admin/order-parcels.ts'
import { adminOrderRoutes } from './routes/admin/orders.ts'
import { adminDeliveryRoutes } from './routes/admin/deliveries.ts'
import { adminProviderEventRoutes } from './routes/admin/provider-events.ts'
import { adminPurchaseOrderRoutes } from './routes/admin/purchase-orders.ts'
import { adminReplenishmentRoutes } from './routes/admin/replenishments.ts'
import { adminStockChangeRoutes } from './routes/admin/stock-changes.ts'
import { adminStockCheckRoutes } from './routes/admin/stock-check.ts'
import { adminStockFileRoutes } from './routes/admin/stock-files.ts'
import { adminStockRoutes } from './routes/admin/stock.ts'
import { adminSupplierRoutes } from './routes/admin/suppliers.ts'
import { adminWarehouseRoutes } from './routes/admin/warehouses.ts'
import { cancelRoutes } from './routes/cancel.ts'
import { cartRoutes } from './routes/carts.ts'
import { allCatalogSchemas, catalogRoutes } from './routes/catalog.ts'
import { healthRoutes } from './routes/health.ts'
import { hookRoutes } from './routes/hooks.ts'
import { orderEventRoutes } from './routes/order-events.ts'
import { orderPageRoutes } from './routes/order-page.ts'
import { orderRoutes } from './routes/orders.ts'
import { paymentRoutes } from './routes/payment.ts'
import { shippingRateRoutes } from './routes/shipping-rates.ts'
import { cartSchemas } from './schemas/carts.ts'
import { commonSchemas } from './schemas/common.ts'
import { findingSchemas } from './schemas/findings.ts'
import { orderBookSchemas } from './schemas/order-books.ts'
import { orderParcelSchemas } from './schemas/order-parcels.ts'
import { orderSchemas } from './schemas/orders.ts'
import { productSchemas } from './schemas/products.ts'
import { deliverySchemas } from './schemas/deliveries.ts'
import { providerEventSchemas } from './schemas/provider-events.ts'
import { purchasingSchemas } from './schemas/purchasing.ts'
import { stockSchemas } from './schemas/stock.ts'
import { supplierSchemas } from './schemas/suppliers.ts'
import { compileWhenNeeded } from './schema-compilers.ts'
import type { ApiServices, Services } from './services.ts'

/** Larger than a cart of a hundred lines, and small enough that nobody can fill our memory with them. */
const bodyLimit = 64 * 1024

/**
 * The whole API, ready to listen or to be asked in a test. Throws when a route does not say which permission it needs. What it is
 * handed stays the caller's to close.
 */
export async function buildApp(services: Services): Promise<FastifyInstance> {
  const app = bareApp(services)
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort())
  readJson(app)
  compileWhenNeeded(app)

  const { door, shop, tokens, databases } = services
  await app.register(drain)
  await app.register(problemDetails)
  await app.register(requestIds)
  await app.register(security, { origins: door.corsOrigins, https: shop.publicUrl.startsWith('https://') })
  await app.register(callers, {
    keyring: createKeyring(databases.accounts),
    perMinute: door.rateLimitPerMinute,
  })
  await app.register(guard, { tokens })
  await app.register(queryNumbers)
  await app.register(publicCache)
  for (const schema of [
    ...commonSchemas,
    ...productSchemas,
    ...allCatalogSchemas,
    ...cartSchemas,
    ...orderSchemas,
    ...deliverySchemas,
    ...orderParcelSchemas,
    ...orderBookSchemas,
    ...findingSchemas,
    ...providerEventSchemas,
    ...stockSchemas,
    ...purchasingSchemas,
    ...supplierSchemas,
  ]) {
    app.addSchema(schema)
  }
  await app.register(openapi, { title: shop.name })
  const carts = openCarts(databases)
  await addRoutes(app, { services: { ...services, carts }, closing: closing.signal })
  await app.ready()
  return app
}

async function addRoutes(
  app: FastifyInstance,
  options: { services: ApiServices; closing: AbortSignal },
): Promise<void> {
  await app.register(healthRoutes, options)
  await app.register(orderPageRoutes, options)
  await app.register(catalogRoutes, options)
  await app.register(hookRoutes, { ...options, prefix: '/v1/hooks' })

  const store = { ...options, prefix: '/v1/store' }
  await app.register(cartRoutes, store)
  await app.register(shippingRateRoutes, store)
  await app.register(orderRoutes, store)
  await app.register(orderEventRoutes, store)
  await app.register(paymentRoutes, store)
  await app.register(cancelRoutes, store)

  const admin = { ...options, prefix: '/v1/admin' }
  await app.register(adminOrderRoutes, admin)
  await app.register(adminDeliveryRoutes, admin)
  await app.register(adminOrderMoneyRoutes, admin)
  await app.register(adminOrderParcelRoutes, admin)
  await app.register(adminOrderMailRoutes, admin)
  await app.register(adminFindingRoutes, admin)
  await app.register(adminProviderEventRoutes, admin)
  await app.register(adminStockRoutes, admin)
  await app.register(adminStockChangeRoutes, admin)
  await app.register(adminStockFileRoutes, admin)
  await app.register(adminWarehouseRoutes, admin)
  await app.register(adminSupplierRoutes, admin)
  await app.register(adminReplenishmentRoutes, admin)
  await app.register(adminPurchaseOrderRoutes, admin)
  await app.register(adminStockCheckRoutes, admin)
}

function bareApp({ log, door }: Services): FastifyInstance {
  const options: FastifyServerOptions = {
    loggerInstance: log,
    logController: new OneLineLog(),
    genReqId: () => `req_${randomUUID()}`,
    bodyLimit,
    // Exact hops only: `true` would believe any X-Forwarded-For, and let it escape the rate limit.
    trustProxy: door.trustedProxies.length > 0 ? [...door.trustedProxies] : false,
    // A request that was accepted is served, also while we are being stopped.
    return503OnClosing: false,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, error),
  }
  // Fastify types its instance by the kind of server beneath it; nothing of ours touches what differs between them.
  const secured = { ...options, http2: true, https: { ...door.tls, allowHTTP1: true } }
  return fastify(door.tls ? secured : options)
}

/** JSON and nothing else. An empty body is no body: whether one is needed is for the schema of the route to say. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, body, done)
  })
}
