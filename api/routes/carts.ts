import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { withAddress, withoutLine, withQuantity, withUnits } from '../../domain/carts.ts'
import { isId, sku as asSku } from '../../domain/ids.ts'
import type { CartLineId } from '../../domain/ids.ts'
import { Refusal } from '../../domain/refusals.ts'
import { createCart } from '../../store/carts.ts'
import { newId } from '../../store/ids.ts'
import { etagOf } from '../carts.ts'
import type { ShownCart } from '../carts.ts'
import { emptyBodies } from '../plugins/empty-bodies.ts'
import { ownCart } from '../plugins/guard.ts'
import { destinationOf } from '../schemas/addresses.ts'
import { Cart, cartView, Coupon, LineChange, NewCart, NewLine } from '../schemas/carts.ts'
import { Address, idParams, ifMatchHeaders } from '../schemas/common.ts'
import type { ApiServices } from '../services.ts'

const lineParams = Type.Object({ id: Type.String(), line_id: Type.String() })

export const cartRoutes: FastifyPluginAsyncTypebox<{ services: ApiServices }> = async (app, { services }) => {
  const { databases, tokens, shop, carts } = services

  app.post(
    '/carts',
    {
      config: { permission: 'public' },
      preValidation: emptyBodies,
      schema: {
        operationId: 'createCart',
        tags: ['carts'],
        summary: 'A new, empty cart',
        description: 'Keep its `cart_token`: it is shown once.',
        body: NewCart.ref,
        response: { 201: Cart.ref },
      },
    },
    async ({ body }, reply) => {
      const cartId = newId('cart')
      const currency = body.currency ?? shop.currency
      const cart = await createCart(databases.order, { cartId, currency, customerRef: `guest:${cartId}` })
      reply.code(201).headers({ location: `/v1/store/carts/${cartId}`, 'cache-control': 'no-store' })
      const shown = { cart, shelf: { offers: new Map(), available: new Map() } }
      return { ...viewWithTag(reply, shown), cart_token: tokens.sign('cart', cartId) }
    },
  )

  app.get(
    '/carts/:id',
    {
      config: { permission: 'cart' },
      schema: {
        operationId: 'readCart',
        tags: ['carts'],
        summary: 'A cart at today’s prices and availability',
        params: idParams('Of the cart'),
        response: { 200: Cart.ref },
      },
    },
    async (request, reply) => viewWithTag(reply, await carts.current(ownCart(request))),
  )

  app.post(
    '/carts/:id/lines',
    {
      config: {
        permission: 'cart',
        problems: [...changeProblems, 'sku.unknown', 'stock.insufficient', 'cart.too_many_lines'],
      },
      schema: {
        operationId: 'addLine',
        tags: ['carts'],
        summary: 'Adds units of a SKU',
        description: 'A SKU that is in the cart already gets them added to its line.',
        params: idParams('Of the cart'),
        headers: ifMatchHeaders,
        body: NewLine.ref,
        response: { 201: Cart.ref },
      },
    },
    async (request, reply) => {
      const { quantity } = request.body
      const sku = asSku(request.body.sku)
      const lineId = newId('cline')
      const shown = await carts.change({
        cartId: ownCart(request),
        ifMatch: request.headers['if-match'],
        skus: [sku],
        to: (cart, shelf) => withUnits(cart, { lineId, sku, quantity, shelf }),
      })
      reply.code(201)
      return viewWithTag(reply, shown)
    },
  )

  app.patch(
    '/carts/:id/lines/:line_id',
    {
      config: {
        permission: 'cart',
        problems: [...changeProblems, 'cart.line_not_found', 'sku.unknown', 'stock.insufficient'],
      },
      schema: {
        operationId: 'changeLine',
        tags: ['carts'],
        summary: 'Sets the quantity of a line',
        params: lineParams,
        headers: ifMatchHeaders,
        body: LineChange.ref,
        response: { 200: Cart.ref },
      },
    },
    async (request, reply) => {
      const lineId = lineIdOf(request.params.line_id)
      const { quantity } = request.body
      const shown = await carts.change({
        cartId: ownCart(request),
        ifMatch: request.headers['if-match'],
        to: (cart, shelf) => withQuantity(cart, { lineId, quantity, shelf }),
      })
      return viewWithTag(reply, shown)
    },
  )

  app.delete(
    '/carts/:id/lines/:line_id',
    {
      config: { permission: 'cart', problems: [...changeProblems, 'cart.line_not_found'] },
      schema: {
        operationId: 'removeLine',
        tags: ['carts'],
        summary: 'Takes a line out',
        params: lineParams,
        headers: ifMatchHeaders,
        response: { 200: Cart.ref },
      },
    },
    async (request, reply) => {
      const lineId = lineIdOf(request.params.line_id)
      const shown = await carts.change({
        cartId: ownCart(request),
        ifMatch: request.headers['if-match'],
        to: (cart) => withoutLine(cart, lineId),
      })
      return viewWithTag(reply, shown)
    },
  )

  app.put(
    '/carts/:id/coupon',
    {
      config: { permission: 'cart', problems: ['coupon.unknown'] },
      schema: {
        operationId: 'setCoupon',
        tags: ['carts'],
        summary: 'Redeems a coupon',
        params: idParams('Of the cart'),
        body: Coupon.ref,
        response: { 200: Cart.ref },
      },
    },
    async () => {
      throw new Refusal('coupon.unknown', 'This coupon is not one of ours.')
    },
  )

  app.put(
    '/carts/:id/address',
    {
      config: {
        permission: 'cart',
        problems: [...changeProblems, 'shipping.no_service', 'address.region_unknown'],
      },
      schema: {
        operationId: 'setAddress',
        tags: ['carts'],
        summary: 'Says where the goods are to go',
        params: idParams('Of the cart'),
        headers: ifMatchHeaders,
        body: Address.ref,
        response: { 200: Cart.ref },
      },
    },
    async (request, reply) => {
      const shipTo = destinationOf(request.body)
      const shown = await carts.change({
        cartId: ownCart(request),
        ifMatch: request.headers['if-match'],
        to: (cart) => withAddress(cart, shipTo),
      })
      return viewWithTag(reply, shown)
    },
  )
}

const changeProblems = ['cart.closed', 'cart.changed', 'precondition.failed'] as const

function viewWithTag(reply: Pick<FastifyReply, 'header'>, { cart, shelf }: ShownCart) {
  reply.header('etag', etagOf(cart.version))
  return cartView(cart, shelf)
}

function lineIdOf(text: string): CartLineId {
  if (isId('cline', text)) return text
  throw new Refusal('cart.line_not_found', 'There is no such line in this cart.')
}
