import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifySchema } from 'fastify'
import fp from 'fastify-plugin'
import { problemStatus } from '../problems.ts'
import type { ProblemCode } from '../problems.ts'
import type { RouteNeeds } from './guard.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The problems that are this route's own; those that any route may answer are added. */
    problems?: readonly ProblemCode[]
  }
}

const schemes = {
  cartToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Cart-Token',
    description: 'Of the first answer about a cart',
  },
  orderToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Order-Token',
    description: 'Of the first answer about an order',
  },
  secretKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'A secret key with the permission that the route names',
  },
} as const

/** What any route may answer. */
const everywhere: readonly ProblemCode[] = [
  'request.malformed',
  'rate_limit.exceeded',
  'internal',
  'service.overloaded',
]

/** Describes the API from its schemas (OpenAPI 3.1) at `/openapi.json`, with a page to try it at `/docs`. */
export const openapi = fp<{ title: string }>(async (app, { title }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        version: '1.0.0',
        description: description(),
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      // Wherever this was read from: the page to try it may be opened by another name than the public one.
      servers: [{ url: '/' }],
      components: { securitySchemes: schemes },
    },
    convertConstToEnum: false,
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `schema-${index}`,
    },
    transform: ({ schema, url, route }) => {
      const { permission = 'public', problems = [], tokenInQuery = false } = route.config ?? {}
      return { url, schema: documented(schema ?? {}, { needs: permission, problems, tokenInQuery }) }
    },
  })

  // The page brings its own routes; they are as public as the description that it shows.
  await app.register(async (pages) => {
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, permission: 'public' }
    })
    await pages.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { deepLinking: true, displayRequestDuration: true, persistAuthorization: false },
      // The page's own style attributes need 'unsafe-inline'; scripts come from files only.
      staticCSP:
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    })
  })
  app.get(
    '/openapi.json',
    { config: { permission: 'public' }, schema: { hide: true } },
    async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
})

interface Documentation {
  readonly needs: RouteNeeds
  readonly problems: readonly ProblemCode[]
  readonly tokenInQuery: boolean
}

/** Adds to a route's schema what follows from its permission and its problems. */
function documented(
  schema: FastifySchema & { hide?: boolean; produces?: readonly string[] },
  { needs, problems, tokenInQuery }: Documentation,
): FastifySchema {
  if (schema.hide) return schema
  const own: ProblemCode[] = [...problems, ...everywhere, ...problemsOfNeeds[kindOf(needs)]]
  if (schema.body !== undefined) {
    own.push('request.invalid', 'request.too_large', 'request.unsupported_media_type')
  } else if (schema.querystring !== undefined || schema.headers !== undefined) own.push('request.invalid')
  if (hasHeader(schema.headers, 'idempotency-key')) {
    own.push(
      'idempotency.key_required',
      'idempotency.in_flight',
      'idempotency.key_reused',
      'service.unavailable',
    )
  }
  const { produces: [type = 'application/json'] = [], ...rest } = schema
  return {
    ...rest,
    ...(kindOf(needs) !== 'public' && !tokenInQuery && { security: [{ [schemeOf[kindOf(needs)]]: [] }] }),
    ...(kindOf(needs) === 'key' && { description: `${textOf(schema)}Needs the permission \`${needs}\`.` }),
    response: { ...problemResponses(own), ...answers(schema.response, type) },
  }
}

/** The answers that are no problems, each with the words of its status. */
function answers(response: unknown, type: string): Record<string, unknown> {
  if (typeof response !== 'object' || response === null) return {}
  return Object.fromEntries(
    Object.entries(response).map(([status, schema]: [string, unknown]) => [
      status,
      { description: STATUS_CODES[status] ?? status, content: { [type]: { schema } } },
    ]),
  )
}

const schemeOf = { public: 'secretKey', cart: 'cartToken', order: 'orderToken', key: 'secretKey' } as const

const problemsOfNeeds = {
  public: [],
  cart: ['cart.not_found'],
  order: ['order.not_found'],
  key: ['auth.required', 'auth.invalid_key', 'auth.forbidden'],
} as const satisfies Record<string, readonly ProblemCode[]>

/** A signature is no scheme that a client could be told to use: only the provider has the secret. */
function kindOf(needs: RouteNeeds): keyof typeof schemeOf {
  if (needs === 'signature') return 'public'
  return needs === 'public' || needs === 'cart' || needs === 'order' ? needs : 'key'
}

const textOf = (schema: FastifySchema): string =>
  'description' in schema && typeof schema.description === 'string' ? `${schema.description} ` : ''

function hasHeader(headers: unknown, name: string): boolean {
  if (typeof headers !== 'object' || headers === null || !('properties' in headers)) return false
  return typeof headers.properties === 'object' && headers.properties !== null && name in headers.properties
}

/** One response per status, which names the codes that it may carry. */
function problemResponses(codes: readonly ProblemCode[]): Record<string, unknown> {
  return Object.fromEntries(
    byStatus(codes).map(([status, those]) => [
      String(status),
      {
        description: `${STATUS_CODES[status]}: ${those.join(', ')}`,
        content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
      },
    ]),
  )
}

/** Statuses, and the codes that belong to each, as they are written in descriptions. */
function byStatus(codes: readonly string[]): [number, string[]][] {
  const groups = new Map<number, string[]>()
  for (const [code, status] of Object.entries(problemStatus).sort(([one], [other]) =>
    one.localeCompare(other),
  )) {
    if (codes.includes(code)) groups.set(status, [...(groups.get(status) ?? []), `\`${code}\``])
  }
  return [...groups].sort(([one], [other]) => one - other)
}

function description(): string {
  return [
    'The shop over HTTP. Money is an integer of minor units with its currency; times are RFC 3339 in UTC; what is not there is left out.',
    '',
    'A cart and an order belong to whoever has their token: it is in the first answer, and is sent as `X-Cart-Token` or',
    "`X-Order-Token` from then on. Somebody else's cart or order answers 404. Requests with an effect outside the cart need an",
    '`Idempotency-Key`: the same key gets the same answer, byte for byte, and never a second effect.',
    '',
    'Problems are `application/problem+json` (RFC 9457) with a stable `code`:',
    '',
    '| status | codes |',
    '|---|---|',
    ...byStatus(Object.keys(problemStatus)).map(([status, codes]) => `| ${status} | ${codes.join(', ')} |`),
  ].join('\n')
}
