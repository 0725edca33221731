import type { FastifyReply } from 'fastify'
import { cutConnection, pause } from '../sim-kit/server.ts'
import type { Double, Handler } from '../sim-kit/server.ts'
import { holdBack } from '../sim-kit/faults.ts'
import type { Fault } from '../sim-kit/faults.ts'
import type { Json } from './card-shapes.ts'
import type { Call, Change } from './change.ts'
import { arrive, bodyOf, callOf } from './door.ts'
import type { Arrival } from './door.ts'
import { checkExpand } from './expand.ts'
import { StripeError } from './errors.ts'
import { parseForm } from './form.ts'
import { writeShown } from './memory.ts'
import type { Body, Entry, Memory, Shown, StoredEvent } from './memory.ts'
import { readParams } from './params.ts'
import type { Thing } from './records.ts'

/** Where requests arrive: keys are checked, idempotency is kept, faults are met, and what an operation decided is committed. */
export interface Desk {
  /** A POST: an operation that changes something, answered with a thing of this kind. */
  write(operation: string, object: Thing['object'], decide: (call: Call) => Change): Handler
  /** A GET. */
  read(operation: string, answer: (call: Call) => Json | Promise<Json>): Handler
  /** Something that nobody asked for over the API: a customer at the challenge, a refund that was settled, a hold that ran out. */
  happen(operation: string, change: Change): Promise<void>
}

/** What is to be answered, and what that looks like at one moment. */
interface Told {
  status: number
  body: Body
}
interface Answer {
  status: number
  shown: Shown
}

export function createDesk({
  double,
  memory,
  apiKey,
  listened,
  onEvents,
}: {
  double: Double
  memory: Memory
  apiKey: string
  listened: boolean
  onEvents: (events: StoredEvent[]) => void
}): Desk {
  /** Keys of requests that are being worked on, with what they asked. */
  const inFlight = new Map<string, string>()
  const closing = new AbortController()
  double.addHook('preClose', async () => closing.abort())

  const commit = async (entry: Omit<Entry, 'atMs' | 'listened'>) =>
    onEvents(await memory.commit({ ...entry, atMs: Date.now(), listened }))

  /** Takes what is shown at the very moment of the commit, so that the first answer and its repetitions are the same bytes. */
  async function commitAndShow(entry: Omit<Entry, 'atMs' | 'listened'>, told: Told): Promise<Answer> {
    const committed = commit(entry)
    const shown = memory.show(told.body)
    await committed
    return { status: told.status, shown }
  }

  /** The operation itself, between the faults that strike before it and those that strike after it. */
  async function perform({
    operation,
    arrival: { requestId, key, fingerprint },
    fault,
    decide,
    expand,
  }: {
    operation: string
    arrival: Arrival
    fault: Fault | undefined
    decide: () => Change
    expand: () => readonly string[]
  }): Promise<Answer> {
    const failed: Told = { status: fault?.status ?? 500, body: { error: apiError, intentId: null } }
    const remember = (told: Told) => (key === null ? null : { fingerprint, ...told })
    const onlyAnswer = (told: Told) =>
      commitAndShow({ requestId, key, facts: [], deed: null, answer: remember(told) }, told)
    if (fault?.kind === 'fail_before') return onlyAnswer(failed)
    try {
      const shown = expand()
      const change = decide()
      const { refusal, thing } = change
      const done = refusal ? refusalOf(refusal) : { status: 200, body: { thingId: thing.id, expand: shown } }
      const told = fault?.kind === 'fail_after' ? failed : done
      const deed = deedOf(operation, change)
      return await commitAndShow({ requestId, key, facts: change.facts, deed, answer: remember(told) }, told)
    } catch (refusal) {
      if (!(refusal instanceof StripeError)) throw refusal
      const told = refusalOf(refusal)
      if (refusal.remembered && key !== null) return onlyAnswer(told)
      return { status: told.status, shown: memory.show(told.body) }
    }
  }

  /** What the key already stands for: an answer to repeat, an error, or nothing. */
  function alreadyAsked(reply: FastifyReply, { key, fingerprint }: Arrival) {
    if (key === null) return undefined
    const remembered = memory.answers.get(key)
    const first = inFlight.get(key) ?? remembered?.fingerprint
    if (first === undefined) return undefined
    if (first !== fingerprint) return refuse(reply, anotherRequest(key))
    if (inFlight.has(key) || !remembered) return refuse(reply, stillInFlight(key))
    reply.headers({ 'idempotent-replayed': 'true', 'original-request': remembered.requestId })
    return send(reply, remembered, remembered.requestId)
  }

  return {
    write(operation, object, decide) {
      return async (request, reply) => {
        let arrival: Arrival
        try {
          arrival = arrive(request, reply, apiKey)
        } catch (refusal) {
          return refuse(reply, refusal)
        }
        const repeated = alreadyAsked(reply, arrival)
        if (repeated) return repeated
        const { key, fingerprint, requestId } = arrival
        if (key !== null) inFlight.set(key, fingerprint)
        try {
          const fault = double.faults.take(operation)
          if (fault) await pause(fault, closing.signal)
          if (fault?.kind === 'drop_before') return cutConnection(request, reply)
          if (fault?.kind === 'status') return turnAway(reply, fault)
          const params = readParams(parseForm(bodyOf(request)))
          const told = await perform({
            operation,
            arrival,
            fault,
            expand: () => checkExpand(object, params.texts('expand') ?? []),
            decide: () => decide({ ...callOf(request), memory, params }),
          })
          if (fault?.kind === 'hold_after') await holdBack(fault, request.raw.socket)
          if (fault?.kind === 'drop_after' || fault?.kind === 'hold_after')
            return cutConnection(request, reply)
          return send(reply, told, requestId)
        } finally {
          if (key !== null) inFlight.delete(key)
        }
      }
    },
    read(operation, answer) {
      return double.operation(operation, async (request, reply) => {
        try {
          arrive(request, reply, apiKey)
          const params = readParams(parseForm(request.url.split('?')[1] ?? ''))
          return await answer({ ...callOf(request), memory, params })
        } catch (refusal) {
          return refuse(reply, refusal)
        }
      })
    },
    happen: (operation, change) =>
      commit({
        requestId: null,
        key: null,
        facts: change.facts,
        deed: deedOf(operation, change),
        answer: null,
      }),
  }
}

const apiError = {
  type: 'api_error',
  message: 'An unknown error occurred. It was ordered through the control route.',
} as const

const deedOf = (operation: string, { thing, detail }: Change) => ({
  at: new Date().toISOString(),
  operation,
  id: thing.id,
  detail,
})

const send = (reply: FastifyReply, { status, shown }: Answer, requestId: string) =>
  reply.code(status).send(writeShown(shown, requestId))

function refusalOf({ status, fields, intentId }: StripeError): Told {
  return { status, body: { error: fields, intentId: intentId ?? null } }
}

/** Errors that come before any request is understood have no intent to show. */
function refuse(reply: FastifyReply, refusal: unknown) {
  if (!(refusal instanceof StripeError)) throw refusal
  const requestId = String(reply.getHeader('request-id'))
  return reply.code(refusal.status).send(writeShown({ error: refusal.fields, intent: undefined }, requestId))
}

/** Turned away at the door, as by a load balancer or a rate limit: nothing was begun and no key remembers it. */
function turnAway(reply: FastifyReply, { status = 500 }: Fault) {
  const error =
    status === 429
      ? { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' }
      : { ...apiError }
  return reply.code(status).send({ error })
}

function anotherRequest(key: string): StripeError {
  const message =
    'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
    `Try using a key other than '${key}' if you meant to execute a different request.`
  return new StripeError(400, { type: 'idempotency_error', message })
}

function stillInFlight(key: string): StripeError {
  const message =
    'There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other ' +
    `request is still going through): ${key}. Please try again later.`
  return new StripeError(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message })
}
