import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Db } from '../../store/db.ts'
import { isId } from '../../domain/ids.ts'
import type { IdOf } from '../../domain/ids.ts'
import { claimKey, endLease, fingerprintOf, keepAnswer, retarget } from '../../store/idempotency.ts'
import type { KeyOf, StoredAnswer } from '../../store/idempotency.ts'
import { problemOf } from '../faults.ts'
import { Problem, retryAfter } from '../problems.ts'
import { pathOf } from './problem-details.ts'

/** What the work knows of its row. */
export interface Claimed {
  /** The id for the thing to be made: minted with the row, the same for every repeat. */
  readonly resourceId: string
  /** False when an earlier request with this key began, and may have done some of it. */
  readonly first: boolean
  /** Names this effect to a workflow: a repeat has the same. */
  readonly updateId: string
  /** Says that it is about another thing after all: a repeat attaches to that one. */
  retarget(resourceId: string): Promise<void>
}

/** The id that was minted with the row, as the kind of id that it is. */
export function mintedId<P extends keyof IdOf>(
  prefix: P,
  { resourceId }: Pick<Claimed, 'resourceId'>,
): IdOf[P] {
  if (isId(prefix, resourceId)) return resourceId
  throw new Error(`${resourceId} was minted, but is no id that begins with ${prefix}.`)
}

export interface Outcome {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** False for an answer that is only "not yet": a repeat goes on with the work. */
  readonly keep: boolean
}

/**
 * Does the work of a request once per caller and `Idempotency-Key`, however often the request comes (api.md, 6). Refusals are
 * answers and are kept like them; what is our fault (5xx) or only not decided yet ends the lease, so that a repeat tries again.
 */
export async function once(
  { db, request, reply, mint }: { db: Db; request: FastifyRequest; reply: FastifyReply; mint: () => string },
  work: (claimed: Claimed) => Promise<Outcome>,
): Promise<FastifyReply> {
  const owner = ownerOf(request)
  const claim = await claimKey(db, {
    ...owner,
    fingerprint: fingerprintOf({ method: request.method, path: pathOf(request), body: request.body }),
    resourceId: mint(),
    requestId: request.id,
  })
  switch (claim.kind) {
    case 'answered':
      return send(reply.header('idempotency-replayed', 'true'), claim.answer)
    case 'in_flight':
      throw new Problem('idempotency.in_flight', 'A request with this Idempotency-Key is being worked on.', {
        headers: retryAfter(Math.min(claim.retryAfterMs, 2_000)),
      })
    case 'other_request':
      throw new Problem('idempotency.key_reused', 'This Idempotency-Key was used for another request.')
    case 'ours':
  }

  const lease = { ...owner, requestId: request.id }
  let outcome: Outcome
  try {
    outcome = await work({
      resourceId: claim.resourceId,
      first: claim.first,
      updateId: createHash('sha256').update(`${owner.caller}\n${owner.key}`).digest('hex').slice(0, 40),
      retarget: (resourceId) => retarget(db, { ...owner, resourceId }),
    })
  } catch (error) {
    const problem = problemOf(error)
    if (problem.status < 500) return keep({ db, owner, reply }, problemAnswer(problem, request.id))
    await ignoringFaults(endLease(db, lease))
    throw error
  }
  const answer = written(reply, outcome)
  if (outcome.keep) return keep({ db, owner, reply }, answer)
  await ignoringFaults(endLease(db, lease))
  return send(reply, answer)
}

async function keep(
  { db, owner, reply }: { db: Db; owner: KeyOf; reply: FastifyReply },
  answer: StoredAnswer,
): Promise<FastifyReply> {
  return send(reply, await keepAnswer(db, { ...owner, answer }))
}

function ownerOf(request: FastifyRequest): KeyOf {
  const key = request.headers['idempotency-key']
  if (request.caller === null || typeof key !== 'string') {
    throw new Error('A route with an effect knows its caller and asks for an Idempotency-Key.')
  }
  return { caller: request.caller, key }
}

/** The bytes of an answer, by the serializer that the route has for its status. */
function written(reply: FastifyReply, { status, body, headers = {} }: Outcome): StoredAnswer {
  const text = reply.code(status).serialize(body)
  if (typeof text !== 'string') throw new Error('An answer that is kept is text.')
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: text }
}

const problemAnswer = (problem: Problem, requestId: string): StoredAnswer => ({
  status: problem.status,
  headers: { 'content-type': 'application/problem+json; charset=utf-8', ...problem.headers },
  body: JSON.stringify(problem.toBody(requestId)),
})

const send = (reply: FastifyReply, { status, headers, body }: StoredAnswer): FastifyReply =>
  reply.code(status).headers(headers).send(body)

/** A lease that could not be ended ends by itself; the caller is to hear of the first trouble, not of this one. */
async function ignoringFaults(ending: Promise<void>): Promise<void> {
  await ending.catch(() => {})
}
