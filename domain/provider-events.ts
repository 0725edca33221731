import type { OrderId } from './ids.ts'
import type { Attempt, JournalKind, PaymentStatus, RefundStatus } from './payments.ts'

/** The companies that tell us by webhook what happened on their side. */
export const providers = ['stripe', 'easypost'] as const
export type Provider = (typeof providers)[number]

/**
 * `stored`: kept, and nobody looked at it yet. `filed`: it told us nothing new. `routed`: handed on, or applied. `waiting`: to be
 * looked at again, because what it is about is not known yet or somebody could not be reached. `failed`: given up until an admin
 * replays it.
 */
export const eventStates = ['stored', 'filed', 'routed', 'waiting', 'failed'] as const
export type EventState = (typeof eventStates)[number]

/** What an event is about, in our words. */
export type EventTopic =
  | 'payment.authorized'
  | 'payment.declined'
  | 'payment.captured'
  | 'payment.cancelled'
  | 'refund'
  | 'dispute'
  | 'tracking'

/**
 * An event of a provider, without people; of prose it holds only a carrier's words of a scan, which our books of the parcel keep anyway.
 * What it says of its object is compared with our books to see whether there is news in it. What is booked is looked up, but for a scan
 * that moves nothing on.
 */
export interface HeardEvent {
  /** The provider's own id: an event that comes five times is one event. */
  readonly eventId: string
  /** The provider's own name for what happened. */
  readonly type: string
  /** Null: nothing that concerns us. It is filed as it comes. */
  readonly topic: EventTopic | null
  /** The provider's id of the thing that it is about. */
  readonly objectId: string
  /** By what we find our own thing: the payment intent, or the tracker. */
  readonly subject: string | null
  /** From the provider's metadata, where it is an id of ours. */
  readonly orderId: OrderId | null
  readonly occurredAt: string
  /** The few fields of its object that are kept, by the provider's names. */
  readonly excerpt: Readonly<Record<string, string | number | boolean>>
}

/** What our books say of the payment that an event is about. */
export interface PaymentBooks {
  readonly orderId: OrderId
  readonly intentId: string | null
  readonly status: PaymentStatus
  /** The newest try; null before the first. */
  readonly attempt: Pick<Attempt, 'attempt' | 'outcome'> | null
  readonly journal: readonly { readonly kind: JournalKind; readonly reference: string }[]
  readonly refunds: readonly {
    readonly refundId: string
    readonly providerId: string | null
    readonly status: RefundStatus
  }[]
}

/** What is to be done with an event. */
export type EventStep =
  | { readonly step: 'file' }
  | { readonly step: 'wait'; readonly why: string }
  /** The order's own workflow waits for this. */
  | { readonly step: 'tell'; readonly attempt: number; readonly outcome: 'passed' | 'failed' }
  /** Our books lack it: what is true is looked up and booked. */
  | { readonly step: 'settle' }

/** How long an event that overtook the answer to our own call waits for that call to book it. */
export const graceMs = 15_000

const file: EventStep = { step: 'file' }
const settle: EventStep = { step: 'settle' }
const wait = (why: string): EventStep => ({ step: 'wait', why })

/**
 * Decides what an event about a payment leads to (flows.md §3, "Routing"). `ageMs` is how long ago we got it. Early, late, twice or
 * out of order: it is only compared with what the books say now.
 */
export function paymentStep(
  event: Pick<HeardEvent, 'topic' | 'objectId' | 'excerpt'>,
  { books, ageMs }: { books: PaymentBooks | null; ageMs: number },
): EventStep {
  if (!books) return wait('no payment of ours has this id (yet)')
  const booked = (kind: JournalKind): boolean => books.journal.some((entry) => entry.kind === kind)
  const early = ageMs < graceMs
  switch (event.topic) {
    case 'payment.authorized':
      return booked('authorized') || booked('captured') ? file : afterAuthorization(books)
    case 'payment.captured':
      if (booked('captured')) return file
      if (books.status === 'open' && books.attempt?.outcome === 'action_required') return passed(books)
      return early ? wait('our own call is about to book it') : settle
    case 'payment.declined':
    case 'payment.cancelled':
      return books.status === 'open' && books.attempt?.outcome === 'action_required' ? failed(books) : file
    case 'refund':
      return refundStep(event, { books, early })
    case 'dispute':
      return books.journal.some(({ kind, reference }) => kind === 'disputed' && reference === event.objectId)
        ? file
        : settle
    case 'tracking':
    case null:
      return file
  }
}

function afterAuthorization(books: PaymentBooks): EventStep {
  if (books.status !== 'open') return settle
  // While our own call is under way it books what it is answered, however long that takes.
  return books.attempt === null || books.attempt.outcome === null
    ? wait('the card is being tried by our own call')
    : passed(books)
}

const passed = ({ attempt }: PaymentBooks): EventStep => ({
  step: 'tell',
  attempt: attempt?.attempt ?? 0,
  outcome: 'passed',
})

const failed = ({ attempt }: PaymentBooks): EventStep => ({
  step: 'tell',
  attempt: attempt?.attempt ?? 0,
  outcome: 'failed',
})

/** How far a refund has come. One that failed was a success before, perhaps for days. */
const progress: Readonly<Record<string, number>> = { asked: 0, pending: 1, succeeded: 2, failed: 3 }

function refundStep(
  { objectId, excerpt }: Pick<HeardEvent, 'objectId' | 'excerpt'>,
  { books, early }: { books: PaymentBooks; early: boolean },
): EventStep {
  const ours = excerpt['refund_id']
  const known = books.refunds.find(({ refundId, providerId }) => providerId === objectId || refundId === ours)
  if (!known) return ours === undefined || !early ? settle : wait('our own call is about to book it')
  if (known.status === 'asked') return early ? wait('our own call is about to book it') : settle
  const says = progress[String(excerpt['status'])] ?? Infinity
  return says > (progress[known.status] ?? 0) ? settle : file
}
