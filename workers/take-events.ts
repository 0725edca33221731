import type { DomainEvent } from '../domain/events.ts'
import type { Databases, Db } from '../store/db.ts'
import { takeOnce, wasTaken } from '../store/outbox.ts'
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
    for (const { event, effect } of heard) {
      if ('deed' in effect) await doOnce(db, { reaction, event, effect, deeds })
    }
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

async function doOnce(
  db: Db,
  {
    reaction: { inbox: schema, consumer },
    event,
    effect,
    deeds,
  }: {
    reaction: Reaction
    event: DomainEvent
    effect: Extract<Effect, { deed: unknown }>
    deeds: Deeds
  },
): Promise<void> {
  if (await wasTaken(db, { schema, consumer, eventId: event.id })) return
  await effect.deed(deeds, event)
  await takeOnce(db, { schema, consumer, eventIds: [event.id] })
}
