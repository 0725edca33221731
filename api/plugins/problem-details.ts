import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { problemOf } from '../faults.ts'
import { Problem } from '../problems.ts'

/** Answers every error as `application/problem+json` (RFC 9457), those of Fastify and addresses that nobody serves included. */
export const problemDetails = fp(async (app) => {
  const served = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ method, url }) => {
    const methods = served.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    served.set(url, methods)
  })

  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error))
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsAt(served, pathOf(request))
    const problem =
      allowed.length === 0
        ? new Problem('route.not_found', 'There is nothing at this address.')
        : new Problem('route.method_not_allowed', `This address takes ${allowed.join(', ')}.`, {
            headers: { allow: allowed.join(', ') },
          })
    return sendProblem(request, reply, problem)
  })
})

/** Sends the problem behind an error, and writes those that are ours to mend into the log. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const problem = problemOf(error)
  if (problem.status >= 500) {
    const level = problem.code === 'internal' ? 'error' : 'warn'
    request.log[level]({ err: problem.cause ?? error, code: problem.code }, 'A request could not be served.')
  }
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problem.toBody(request.id)))
}

export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? ''

function methodsAt(served: ReadonlyMap<string, ReadonlySet<string>>, path: string): string[] {
  const found = new Set<string>()
  for (const [pattern, methods] of served) {
    if (pattern !== '*' && matches(pattern, path)) for (const method of methods) found.add(method)
  }
  return [...found].sort()
}

function matches(pattern: string, path: string): boolean {
  if (pattern.endsWith('/*')) return path.startsWith(pattern.slice(0, -1))
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(':') || part === given[index])
  )
}
