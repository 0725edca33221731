import { pino } from 'pino'
import type { ReadHook } from '../../gateways/hooks.ts'
import { rows } from '../../store/db.ts'
import type { Db } from '../../store/db.ts'
import { keepEvent, replayEvent } from '../../store/provider-events.ts'
import type { Hearing, StoredEvent } from '../../store/provider-events.ts'
import { routeDue } from '../../workers/router.ts'
import type { Route } from '../../workers/router.ts'
import type { Posted } from './postbox.ts'

/** How the posts of a provider come to us. `nowMs` is our clock at that moment; answers what it is afterwards. */
export type Manner = (ears: Ears, posts: readonly Posted[], nowMs: number) => Promise<number>

/** A service that listens to a provider, with a clock that a test can move. */
export interface Ears {
  hear(post: Posted, nowMs: number): Promise<void>
  /** One round of its router. */
  look(nowMs: number): Promise<number>
  /** Rounds at the times at which something is due, until nothing is; answers the time then. */
  rest(nowMs: number): Promise<number>
  replayAll(nowMs: number): Promise<void>
  events(): Promise<StoredEvent[]>
}

const log = pino({ level: 'silent' })

export function ears({
  db,
  schema,
  route,
  read,
  resign,
}: {
  db: Db
  schema: Hearing
  route: Route
  read: ReadHook
  /** Signs a post anew, as a provider does that tries again later. */
  resign: (post: Posted, nowMs: number) => Posted['headers']
}): Ears {
  const look = (nowMs: number): Promise<number> => routeDue({ db, schema, route, log }, nowMs)
  const events = (): Promise<StoredEvent[]> =>
    rows<StoredEvent>(
      db,
      `select event_id as "eventId", type, state, attempts, next_at as "nextAt", last_error as "lastError",
              routed_to as "routedTo", replays
       from ${schema}.provider_events order by event_id`,
    )
  return {
    look,
    events,
    hear: async (post, nowMs) => {
      const reading = read({ body: post.body, headers: resign(post, nowMs), nowMs })
      if (reading.outcome !== 'event') throw new Error(`This post is ${reading.outcome}.`)
      await keepEvent(db, { schema, event: reading.event, receivedAt: iso(nowMs) })
    },
    rest: async (nowMs) => {
      for (let now = nowMs; ;) {
        await look(now)
        const due = (await events()).flatMap(({ nextAt }) => nextAt ?? []).sort()[0]
        if (due === undefined) return now
        now = Math.max(now, Date.parse(due))
      }
    },
    replayAll: async (nowMs) => {
      for (const { eventId } of await events()) {
        await replayEvent(db, { schema, eventId, now: iso(nowMs), cause: 'req_admin' })
      }
    },
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()

const anHourMs = 60 * 60_000

/** Every way in which posts may come. Nothing but the speed may differ. */
export const manners: Readonly<Record<string, Manner>> = {
  'in their order, each looked at before the next': async (its, posts, nowMs) => {
    let now = nowMs
    for (const post of posts) {
      await its.hear(post, now)
      now = await its.rest(now)
    }
    return now
  },
  'the last one first': async (its, posts, nowMs) => {
    let now = nowMs
    for (const post of [...posts].reverse()) {
      await its.hear(post, now)
      now = await its.rest(now)
    }
    return now
  },
  'all at once, each five times, before three routers': async (its, posts, nowMs) => {
    const copies = posts.flatMap((post) => Array.from({ length: 5 }, () => post))
    await Promise.all(copies.map((post) => its.hear(post, nowMs)))
    await Promise.all([its.look(nowMs), its.look(nowMs), its.look(nowMs)])
    return its.rest(nowMs)
  },
  'after an hour in which nobody could be reached': async (its, posts, nowMs) => {
    const later = nowMs + anHourMs
    for (const post of posts) await its.hear(post, later)
    return its.rest(later)
  },
  'and all of them again, because an admin replays them': async (its, posts, nowMs) => {
    for (const post of posts) await its.hear(post, nowMs)
    const first = await its.rest(nowMs)
    await its.replayAll(first)
    return its.rest(first)
  },
}
