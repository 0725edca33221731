import type { notificationActivities } from '../../activities/notifications.ts'
import type { DomainEvent, EventType } from '../../domain/events.ts'
import type { Db } from '../../store/db.ts'
import type { Announcing } from '../../store/outbox.ts'
import type { Service } from '../../workflows/contract.ts'

/** A row of `workers/reactions.ts`. */
export interface Reaction {
  /** The name in the inbox; kept for ever. Events of one subject reach it in the order in which they were announced. */
  readonly consumer: string
  /** The service in whose process, and in whose database, it happens. */
  readonly service: Service
  /** The schema that keeps its inbox. */
  readonly inbox: Announcing
  readonly on: Partial<Record<EventType, Effect>>
  /** Once after each batch, when its writes are there. Where it fails the batch comes again, so repeating it must be harmless. */
  readonly afterwards?: (services: Deeds) => Promise<void>
}

/**
 * `write`: in one transaction with the inbox row; `writeAll` is the same for all of a batch at once, where many come together. `deed`: reaches another company, idempotent by a key of its own, and no
 * transaction is held open meanwhile; the inbox row follows it.
 */
export type Effect =
  | { readonly write: (trx: Db, event: DomainEvent) => Promise<void> }
  | { readonly writeAll: (trx: Db, events: readonly DomainEvent[]) => Promise<void> }
  | { readonly deed: (services: Deeds, event: DomainEvent) => Promise<void> }

/**
 * Thrown by a listener for whom it is too early: something that is promised comes first, however long that takes (a refund while the
 * payment provider is down). The event is brought again, and is never parked for it.
 */
export class NotYet extends Error {
  override readonly name = 'NotYet'
}

/** Whether an event only has to wait. A listener elsewhere says so over Temporal, which keeps the name of an error as its `type`. */
export function isNotYet(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'NotYet' || ('type' in cause && cause.type === 'NotYet')) return true
  }
  return false
}

/** What deeds may use, by the service that owns them. */
export interface Deeds {
  readonly mails: ReturnType<typeof notificationActivities>
  readonly search: {
    /** Has `refreshProducts` run if any product waits to be searchable as it is now. */
    refresh(): Promise<void>
  }
}
