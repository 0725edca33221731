import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/**
 * Reads numbers in query strings, where everything is text. Bodies are left as they are: there, "5" is not 5, and a validator that
 * is lenient there would be so everywhere.
 */
export const queryNumbers = fp(async (app) => {
  app.addHook('onRoute', (route) => {
    const names = integersOf(route.schema?.querystring)
    if (names.length === 0) return
    const read = (request: FastifyRequest, _reply: unknown, done: () => void): void => {
      if (isQuery(request.query)) {
        for (const name of names) {
          const text = request.query[name]
          if (typeof text === 'string' && /^-?\d{1,15}$/.test(text)) request.query[name] = Number(text)
        }
      }
      done()
    }
    route.preValidation = [read, ...[route.preValidation ?? []].flat()]
  })
})

const isQuery = (query: unknown): query is Record<string, unknown> =>
  typeof query === 'object' && query !== null

function integersOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return []
  const { properties } = schema
  if (typeof properties !== 'object' || properties === null) return []
  return Object.entries(properties as Record<string, unknown>)
    .filter(([, one]) => typeof one === 'object' && one !== null && 'type' in one && one.type === 'integer')
    .map(([name]) => name)
}
