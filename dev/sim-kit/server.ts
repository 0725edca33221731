import fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFaults, holdBack } from './faults.ts'
import type { Fault, Faults } from './faults.ts'

/** One line for a person. */
export type Log = (line: string) => void

/** Something that the double really did. */
export interface Deed {
  /** When, RFC 3339 UTC. */
  at: string
  /** The same names as the faults: `payment_intents.confirm`. */
  operation: string
  /** The id of the thing that it was done to. */
  id: string
  detail: Record<string, unknown>
}

export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

export type Double = FastifyInstance & {
  readonly faults: Faults
  /** Writes into the ledger. A double that is restarted writes its old deeds again while it replays its journal. */
  record(deed: Deed): void
  /**
   * Wraps the handler of an operation in its faults. The handler *returns* its answer (after `reply.code(…)` where it is not a 200)
   * and never sends it, so that `fail_after` and `drop_after` can take it away again.
   */
  operation(name: string, handler: Handler): Handler
}

/** The oldest deeds make room; a ledger that grows for ever would be the largest thing in the shop. */
const deedsKept = 50_000

/**
 * The start of a local double: a quiet Fastify with control routes.
 *
 * - `POST /_control/faults` takes a `Fault` or a list of them (201), `GET` lists them with `fired`, `DELETE` clears them (204)
 * - `GET /_control/ledger` lists what was really done, oldest first: `{ at, operation, id, detail }`; `?operation=` and `?id=` narrow it
 * - `GET /_control` says who this is
 *
 * ```ts
 * const double = createDouble({ name: 'easypost' })
 * double.post('/v2/shipments', double.operation('shipments.create', async (request, reply) => {
 *   const shipment = await makeShipment(request.body)
 *   double.record({ at: new Date().toISOString(), operation: 'shipments.create', id: shipment.id, detail: {} })
 *   reply.code(201)
 *   return shipment
 * }))
 * ```
 *
 * `failure` writes the provider's own error body for a status that a fault asked for, or for an accident in a handler.
 */
export function createDouble({
  name,
  log,
  bodyLimit = 1024 * 1024,
  failure = ({ status, message }) => ({ error: { code: `HTTP_${status}`, message } }),
}: {
  name: string
  log?: Log | undefined
  /** The largest body that it takes, in bytes. */
  bodyLimit?: number
  failure?: (trouble: { status: number; message: string }) => unknown
}): Double {
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit,
    routerOptions: { maxParamLength: 500 },
  })
  const faults = createFaults()
  const closing = new AbortController()
  let deeds: Deed[] = []

  app.addHook('preClose', async () => closing.abort())
  app.setErrorHandler((fault, _request, reply) => {
    const status = statusOf(fault)
    if (status >= 500)
      log?.(`${name}: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`)
    return reply
      .code(status)
      .send(failure({ status, message: fault instanceof Error ? fault.message : 'Failed.' }))
  })
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(
        failure({ status: 404, message: `Unrecognized request URL (${request.method}: ${request.url}).` }),
      ),
  )

  const answerWith = async (reply: FastifyReply, { status = 500, kind }: Fault) => {
    reply.code(status)
    return failure({ status, message: `${name} was told to fail (${kind}).` })
  }

  const double: Double = Object.assign(app, {
    faults,
    record(deed: Deed) {
      deeds.push(deed)
      if (deeds.length > deedsKept * 1.1) deeds = deeds.slice(-deedsKept)
    },
    operation(operation: string, handler: Handler): Handler {
      return async (request, reply) => {
        const fault = faults.take(operation)
        if (!fault) return handler(request, reply)
        log?.(`${name}: ${operation} meets ${fault.kind}`)
        await pause(fault, closing.signal)
        switch (fault.kind) {
          case 'delay':
            return handler(request, reply)
          case 'status':
          case 'fail_before':
            return answerWith(reply, fault)
          case 'fail_after':
            await handler(request, reply)
            return answerWith(reply, fault)
          case 'drop_before':
            return cutConnection(request, reply)
          case 'drop_after':
            await handler(request, reply)
            return cutConnection(request, reply)
          case 'hold_after':
            await handler(request, reply)
            await holdBack(fault, request.raw.socket)
            return cutConnection(request, reply)
        }
      }
    },
  })

  app.get('/_control', async () => ({ double: name }))
  app.get('/_control/faults', async () => faults.list())
  app.delete('/_control/faults', async (_request, reply) => {
    faults.clear()
    return reply.code(204).send()
  })
  app.post('/_control/faults', async (request, reply) => {
    const asked: unknown[] = Array.isArray(request.body) ? request.body : [request.body]
    if (!asked.every(isFault)) {
      return reply.code(400).send({
        error: `A fault is { operation, kind, status?, delayMs?, count? }; kind is one of ${kinds.join(', ')}.`,
      })
    }
    for (const fault of asked) faults.add(fault)
    return reply.code(201).send(faults.list())
  })
  app.get<{ Querystring: { operation?: string; id?: string } }>('/_control/ledger', async ({ query }) =>
    deeds.filter(
      (deed) => (query.operation ?? deed.operation) === deed.operation && (query.id ?? deed.id) === deed.id,
    ),
  )
  return double
}

/** Ends the TCP connection without an answer, as a dying server or network would. */
export function cutConnection(request: FastifyRequest, reply: FastifyReply): undefined {
  reply.hijack()
  request.raw.socket.destroy()
  return undefined
}

/** Waits as long as the fault says, but not beyond the end of the double. */
export async function pause({ delayMs }: Fault, closing: AbortSignal): Promise<void> {
  if (delayMs) await sleep(delayMs, undefined, { signal: closing }).catch(() => undefined)
}

function statusOf(fault: unknown): number {
  if (
    typeof fault === 'object' &&
    fault !== null &&
    'statusCode' in fault &&
    typeof fault.statusCode === 'number'
  ) {
    return fault.statusCode
  }
  return 500
}

const kinds = [
  'status',
  'delay',
  'fail_before',
  'fail_after',
  'drop_before',
  'drop_after',
  'hold_after',
] as const satisfies readonly Fault['kind'][]

function isFault(asked: unknown): asked is Fault {
  if (typeof asked !== 'object' || asked === null) return false
  const isCount = (value: unknown) =>
    value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= 0)
  const { operation, kind, status, delayMs, count }: Partial<Record<string, unknown>> = { ...asked }
  return (
    typeof operation === 'string' &&
    kinds.some((known) => known === kind) &&
    (status === undefined || (typeof status === 'number' && status >= 400 && status <= 599)) &&
    isCount(delayMs) &&
    isCount(count)
  )
}
