import { join } from 'node:path'
import { openJournal } from '../sim-kit/journal.ts'
import type { Deed } from '../sim-kit/server.ts'
import { errorJson } from './errors.ts'
import type { ErrorFields } from './errors.ts'
import type { Json } from './card-shapes.ts'
import { mintId } from './records.ts'
import type { Charge, Dispute, Intent, Method, Refund, Thing } from './records.ts'
import { createShelf } from './shelf.ts'
import type { Shelf } from './shelf.ts'
import { writeView } from './shapes.ts'
import type { View } from './shapes.ts'
import { viewOf } from './expand.ts'

/** One thing that happened within a request: a thing has a new value, or an event is announced that shows it as it is now. */
export type Fact =
  | { readonly put: Thing }
  | { readonly event: { readonly id: string; readonly type: string; readonly thingId: string } }
  | { readonly settled: string }

export const put = (thing: Thing): Fact => ({ put: thing })

export const announce = (type: string, { id }: Thing): Fact => ({
  event: { id: mintId('evt'), type, thingId: id },
})

/** What a request is answered with: a thing, or an error that may show an intent. Written when it is sent, and again when replayed. */
export type Body =
  | { readonly thingId: string; readonly expand: readonly string[] }
  | { readonly error: ErrorFields; readonly intentId: string | null }

/** One request's worth of facts: one line of the journal, so it is remembered whole or not at all. */
export interface Entry {
  readonly atMs: number
  readonly requestId: string | null
  /** The idempotency key of the request, if it had one. */
  readonly key: string | null
  readonly facts: readonly Fact[]
  readonly deed: Deed | null
  /** Whether somebody listens to the events. */
  readonly listened: boolean
  /** What the key remembers. */
  readonly answer: { readonly fingerprint: string; readonly status: number; readonly body: Body } | null
}

export interface StoredEvent {
  readonly id: string
  readonly type: string
  readonly created: number
  readonly requestId: string | null
  readonly key: string | null
  /** Not yet taken by the receiver of the webhooks. */
  readonly pending: boolean
  readonly view: View
}

/** An answer at one moment. */
export type Shown =
  { readonly view: View } | { readonly error: ErrorFields; readonly intent: Intent | undefined }

export interface Remembered {
  readonly atMs: number
  readonly fingerprint: string
  readonly status: number
  readonly requestId: string
  readonly shown: Shown
}

export interface Memory {
  readonly intents: Shelf<Intent>
  readonly charges: Shelf<Charge>
  readonly refunds: Shelf<Refund>
  readonly disputes: Shelf<Dispute>
  readonly events: Shelf<StoredEvent>
  readonly answers: ReadonlyMap<string, Remembered>
  readonly find: (id: string) => Thing | undefined
  /** Takes what an answer shows as it is now. */
  show(body: Body): Shown
  /** Applies at once, resolves when it is on disk, and answers with the events that it announced. */
  commit(entry: Entry): Promise<StoredEvent[]>
  /** Writes down that an event needs not be sent any more. */
  settle(eventId: string): Promise<void>
  close(): Promise<void>
}

/** Keys are forgotten after a day (Stripe: "at least 24 hours"), and sooner when there are very many. */
const keysKeptMs = 24 * 60 * 60 * 1000
const keysKept = 50_000
const eventsKept = 50_000

export async function openMemory({
  stateDir,
  onDeed,
  isHeard = () => true,
}: {
  stateDir: string
  onDeed: (deed: Deed) => void
  /** Which types of events the receiver of the webhooks wants. */
  isHeard?: (type: string) => boolean
}): Promise<Memory> {
  const intents = createShelf<Intent>()
  const charges = createShelf<Charge>()
  const refunds = createShelf<Refund>()
  const disputes = createShelf<Dispute>()
  const events = createShelf<StoredEvent>()
  const methods = new Map<string, Method>()
  const answers = new Map<string, Remembered>()

  const find = (id: string): Thing | undefined =>
    intents.get(id) ?? charges.get(id) ?? refunds.get(id) ?? disputes.get(id) ?? methods.get(id)

  function show(body: Body): Shown {
    if ('error' in body) {
      return { error: body.error, intent: body.intentId === null ? undefined : intents.get(body.intentId) }
    }
    return { view: viewOf(body, find) }
  }

  function keep(thing: Thing): void {
    switch (thing.object) {
      case 'payment_intent':
        return intents.put(thing)
      case 'charge':
        return charges.put(thing)
      case 'refund':
        return refunds.put(thing)
      case 'dispute':
        return disputes.put(thing)
      case 'payment_method':
        methods.set(thing.id, thing)
    }
  }

  function apply({ atMs, requestId, key, facts, deed, listened, answer }: Entry): void {
    for (const fact of facts) {
      if ('put' in fact) keep(fact.put)
      else if ('settled' in fact) {
        const event = events.get(fact.settled)
        if (event) events.put({ ...event, pending: false })
      } else {
        const view = viewOf({ thingId: fact.event.thingId, expand: [] }, find)
        const { id, type } = fact.event
        const pending = listened && isHeard(type)
        events.put({ id, type, created: Math.floor(atMs / 1000), requestId, key, pending, view })
      }
    }
    if (deed) onDeed(deed)
    if (answer && key !== null) {
      const { fingerprint, status, body } = answer
      answers.set(key, { atMs, fingerprint, status, requestId: requestId ?? '', shown: show(body) })
    }
    forget(atMs)
  }

  function forget(nowMs: number): void {
    for (const [key, { atMs }] of answers) {
      if (answers.size <= keysKept && nowMs - atMs < keysKeptMs) break
      answers.delete(key)
    }
    while (events.size > eventsKept && events.oldest()?.pending === false) events.dropOldest()
  }

  const journal = await openJournal<Entry>({ path: join(stateDir, 'stripe.jsonl'), apply })
  return {
    intents,
    charges,
    refunds,
    disputes,
    events,
    answers,
    find,
    show,
    async commit(entry) {
      await journal.append(entry)
      return entry.facts.flatMap((fact) => ('event' in fact ? (events.get(fact.event.id) ?? []) : []))
    },
    settle: (eventId) =>
      journal.append({
        atMs: Date.now(),
        requestId: null,
        key: null,
        facts: [{ settled: eventId }],
        deed: null,
        listened: false,
        answer: null,
      }),
    close: () => journal.close(),
  }
}

/** The body of an answer, the same bytes whenever it is written again. */
export function writeShown(shown: Shown, requestId: string): Json {
  if ('view' in shown) return writeView(shown.view)
  const { error, intent } = shown
  return {
    error: {
      ...errorJson(error),
      ...(intent ? { payment_intent: writeView({ thing: intent, inside: {} }) } : {}),
      request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
    },
  }
}
