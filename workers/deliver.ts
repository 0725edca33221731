import { randomUUID } from 'node:crypto'
import type { ActivityClient } from '@temporalio/client'
import type { DomainEvent } from '../domain/events.ts'
import { queues } from '../workflows/contract.ts'
import type { Service } from '../workflows/contract.ts'
import type { Reaction } from './effects/effect.ts'

/** Hands events to a listener, wherever it lives. Throws when it could not take them all; repeating is harmless. */
export type Deliver = (reaction: Reaction, events: readonly DomainEvent[]) => Promise<void>

/** What `takeEvents`, the one activity of every service's worker, is asked. */
export interface EventsToTake {
  readonly consumer: string
  readonly events: readonly DomainEvent[]
}

/**
 * A listener of a service that this process runs is called; one of another service gets its events as an activity on that service's
 * queue, so that no service ever reads another's database. Temporal carries the message and remembers nothing of it: the outbox
 * does, and whoever takes an event twice has its effect once.
 */
export function deliverTo({
  here,
  take,
  elsewhere,
}: {
  here: readonly Service[]
  take: (asked: EventsToTake) => Promise<void>
  elsewhere: ActivityClient
}): Deliver {
  return async ({ consumer, service }, events) => {
    if (here.includes(service)) return take({ consumer, events })
    await elsewhere.execute('takeEvents', {
      id: `take-events:${consumer}:${randomUUID()}`,
      taskQueue: queues[service],
      args: [{ consumer, events }],
      summary: `${events.length} events for ${consumer}`,
      startToCloseTimeout: '20s',
      scheduleToCloseTimeout: '25s',
      // The relay tries again by itself, each event in its own time.
      retry: { maximumAttempts: 1 },
    })
  }
}
