import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { isId } from '../../domain/ids.ts'
import type { CartId, IdOf, OrderId } from '../../domain/ids.ts'
import { grants } from '../../domain/permissions.ts'
import type { Permission } from '../../domain/permissions.ts'
import { Refusal } from '../../domain/refusals.ts'
import type { TokenKind, Tokens } from '../../gateways/tokens.ts'
import { Problem } from '../problems.ts'

/**
 * What a route needs: nothing; the token of the cart or order that it is about (`cart_id` in the body, or the id in the path); or
 * a secret key with a permission; or the signature of a provider, which the route checks on the bytes of the body.
 */
export type RouteNeeds = 'public' | 'cart' | 'order' | 'signature' | Permission

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route has one, or the API does not start. */
    permission?: RouteNeeds
    /** For links in mails: the token of an order stands in `?token=`. */
    tokenInQuery?: boolean
  }
  interface FastifyRequest {
    /** Who asks, as the owner of idempotency keys: `cart:…`, `order:…`, `key:…`. */
    caller: string | null
    owned: { readonly cart?: CartId; readonly order?: OrderId } | null
  }
}

/** Lets in who may enter, before anything is done for him. Somebody else's cart or order is one that is not there. */
export const guard = fp<{ tokens: Tokens }>(async (app, { tokens }) => {
  app.decorateRequest('caller', null)
  app.decorateRequest('owned', null)
  const routes: RouteOptions[] = []

  app.addHook('onRoute', (route) => {
    // Preflight requests belong to nobody; the CORS plugin answers them all.
    if (route.method === 'OPTIONS' && route.url === '*') return
    routes.push(route)
    const needs = route.config?.permission
    if (needs === undefined || needs === 'public' || needs === 'signature') return
    if (needs === 'cart' || needs === 'order') {
      route.preHandler = [ownerOf(needs, tokens), ...[route.preHandler ?? []].flat()]
    } else {
      route.onRequest = [holderOf(needs), ...[route.onRequest ?? []].flat()]
    }
  })

  app.addHook('onReady', async () => {
    const open = routes.filter((route) => route.config?.permission === undefined)
    if (open.length === 0) return
    const names = open.map(({ method, url }) => `${[method].flat().join('/')} ${url}`)
    throw new Error(
      `Every route says which permission it needs (config.permission); these do not: ${names.join(', ')}`,
    )
  })
})

function holderOf(needs: Permission) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header('cache-control', 'no-store')
    const { apiKey } = request
    if (!apiKey) {
      const headers = { 'www-authenticate': 'Bearer' }
      throw request.headers.authorization === undefined
        ? new Problem('auth.required', 'Send a secret key: Authorization: Bearer ck_…', { headers })
        : new Problem('auth.invalid_key', 'This key is not one of ours, or was revoked.', { headers })
    }
    if (!grants(apiKey.permissions, needs)) {
      throw new Problem('auth.forbidden', `This key lacks the permission ${needs}.`, { facts: { needs } })
    }
    request.caller = `key:${apiKey.id}`
  }
}

const prefixes = { cart: 'cart', order: 'ord' } as const satisfies Record<TokenKind, keyof IdOf>

function ownerOf(kind: TokenKind, tokens: Tokens) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header('cache-control', 'no-store')
    const id = idIn(request, kind)
    const token = tokenIn(request, kind)
    if (id === null || !isId(prefixes[kind], id) || token === null || !tokens.verify(kind, id, token)) {
      throw kind === 'cart'
        ? new Refusal('cart.not_found', 'There is no such cart, or X-Cart-Token is not its token.')
        : new Refusal('order.not_found', 'There is no such order, or X-Order-Token is not its token.')
    }
    request.caller = `${kind}:${id}`
    request.owned =
      kind === 'cart' && isId('cart', id) ? { cart: id } : isId('ord', id) ? { order: id } : null
  }
}

function idIn({ params, body }: FastifyRequest, kind: TokenKind): string | null {
  return textIn(params, 'id') ?? (kind === 'cart' ? textIn(body, 'cart_id') : null)
}

function tokenIn(request: FastifyRequest, kind: TokenKind): string | null {
  if (request.routeOptions.config.tokenInQuery) return textIn(request.query, 'token')
  return textIn(request.headers, `x-${kind}-token`)
}

function textIn(container: unknown, name: string): string | null {
  if (typeof container !== 'object' || container === null) return null
  const found = Object.entries(container).find(([key]) => key === name)?.[1] as unknown
  return typeof found === 'string' ? found : null
}

/** The cart that this request is about; only for routes whose permission is `cart`. */
export function ownCart({ owned }: FastifyRequest): CartId {
  if (!owned?.cart) throw new Error('This route is about a cart: its permission must be "cart".')
  return owned.cart
}

/** The order that this request is about; only for routes whose permission is `order`. */
export function ownOrder({ owned }: FastifyRequest): OrderId {
  if (!owned?.order) throw new Error('This route is about an order: its permission must be "order".')
  return owned.order
}
