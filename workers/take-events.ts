import type { DomainEvent } from '../domain/events.ts'
import type { Databases, Db } from '../store/db.ts'
import { takenOf, takeOnce } from '../store/outbox.ts'
import type { EventsToTake } from './deliver.ts'
import type { Deeds, Effect, Reaction } from './effects/effect.ts'

/** Gives events to a listener of this process: its effects happen exactly once, however often the events come. */
export function taker({
  databases,
  deeds,
  reactions,
}: {
  databases: Databases
  deeds: Deeds
  reactions: readonly Reaction[]
}): (asked: EventsToTake) => Promise<void> {
  return async ({ consumer, events }) => {
    const reaction = reactions.find((each) => each.consumer === consumer)
    if (!reaction)
      throw new Error(`Nobody here is called ${consumer}: is this worker older than the one that asks?`)
    const db = databases[reaction.service]
    const heard = events.flatMap((event) => {
      const effect = reaction.on[event.type]
      return effect ? [{ event, effect }] : []
    })
    const writes = heard.flatMap(({ event, effect }): Write[] =>
      'deed' in effect ? [] : [{ event, effect }],
    )
    await writeAll(db, { reaction, writes })
    const wanted = heard.flatMap(({ event, effect }): Deed[] => ('deed' in effect ? [{ event, effect }] : []))
    await doAll(db, { reaction, deeds, wanted })
    if (heard.length > 0) await reaction.afterwards?.(deeds)
  }
}

type WriteAll = Extract<Effect, { writeAll: unknown }>['writeAll']

interface Write {
  readonly event: DomainEvent
  readonly effect: Exclude<Effect, { deed: unknown }>
}

/** Effects and their inbox rows in one transaction: all of the batch or none of it. */
async function writeAll(
  db: Db,
  {
    reaction: { inbox: schema, consumer },
    writes,
  }: {
    reaction: Reaction
    writes: readonly Write[]
  },
): Promise<void> {
  if (writes.length === 0) return
  await db.transaction(async (trx) => {
    const fresh = await takeOnce(trx, { schema, consumer, eventIds: writes.map(({ event }) => event.id) })
    const together = new Map<WriteAll, DomainEvent[]>()
    for (const { event, effect } of writes) {
      if (!fresh.has(event.id)) continue
      if ('write' in effect) await effect.write(trx, event)
      else together.set(effect.writeAll, [...(together.get(effect.writeAll) ?? []), event])
    }
    for (const [write, events] of together) await write(trx, events)
  })
}

interface Deed {
  readonly event: DomainEvent
  readonly effect: Extract<Effect, { deed: unknown }>
}

/** One after the other; each is written down as soon as it is done. */
async function doAll(
  db: Db,
  {
    reaction: { inbox: schema, consumer },
    deeds,
    wanted,
  }: { reaction: Reaction; deeds: Deeds; wanted: readonly Deed[] },
): Promise<void> {
  if (wanted.length === 0) return
  const eventIds = wanted.map(({ event }) => event.id)
  const done = await takenOf(db, { schema, consumer, eventIds })
  for (const { event, effect } of wanted) {
    if (done.has(event.id)) continue
    await effect.deed(deeds, event)
    await takeOnce(db, { schema, consumer, eventIds: [event.id] })
  }
}
