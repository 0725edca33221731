import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { refuseUnlessOrderable } from '../../domain/carts.ts'
import { ownCart } from '../plugins/guard.ts'
import { Problem } from '../problems.ts'
import { rateView, ShippingRates } from '../schemas/carts.ts'
import { idParams } from '../schemas/common.ts'
import type { ApiServices } from '../services.ts'
import { ratesFor } from '../shipping-rates.ts'

export const shippingRateRoutes: FastifyPluginAsyncTypebox<{ services: ApiServices }> = async (
  app,
  { services },
) => {
  app.get(
    '/carts/:id/shipping-rates',
    {
      config: {
        permission: 'cart',
        problems: ['cart.address_missing', 'cart.empty', 'cart.closed', 'sku.unknown', 'shipping.no_service'],
      },
      schema: {
        operationId: 'listShippingRates',
        tags: ['carts'],
        summary: 'What it costs to send the cart to its address',
        params: idParams('Of the cart'),
        response: { 200: ShippingRates.ref },
      },
    },
    async (request) => {
      const { cart, shelf } = await services.carts.current(ownCart(request))
      refuseUnlessOrderable(cart, shelf.offers)
      const { shipTo } = cart
      if (!shipTo) {
        throw new Problem('cart.address_missing', 'Say first where the goods are to go: PUT …/address.')
      }
      const rates = await ratesFor(services, { ...cart, shipTo })
      return { data: rates.map((rate) => rateView(rate, cart.currency)) }
    },
  )
}
