import type { OrderId } from '../domain/ids.ts'
import type { Currency, Money } from '../domain/money.ts'
import type { JournalEntry } from '../domain/payment-books.ts'
import type {
  Attempt,
  AttemptOutcome,
  JournalKind,
  PaymentAction,
  PaymentStatus,
} from '../domain/payments.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'

/** What our books say about the money of one order. Amounts in minor units. */
export interface Payment {
  readonly orderId: OrderId
  readonly intentId: string | null
  readonly totalMinor: number
  readonly currency: Currency
  readonly status: PaymentStatus
  readonly authorizedMinor: number
  readonly capturedMinor: number
  readonly refundedMinor: number
  /** Until when the bank holds what was authorized. */
  readonly captureBefore: string | null
}

const columns = `
  order_id as "orderId", intent_id as "intentId", total_minor as "totalMinor", currency, status,
  authorized_minor as "authorizedMinor", captured_minor as "capturedMinor", refunded_minor as "refundedMinor",
  capture_before as "captureBefore"`

export async function readPayment(db: Db, orderId: OrderId): Promise<Payment | null> {
  const [payment] = await rows<Payment>(
    db,
    `select ${columns} from payments.payments where order_id = :orderId`,
    { orderId },
  )
  return payment ?? null
}

/** The same, locked until the transaction ends: whoever else would promise money of it back waits. */
export async function lockPayment(trx: Db, orderId: OrderId): Promise<Payment | null> {
  const [payment] = await rows<Payment>(
    trx,
    `select ${columns} from payments.payments where order_id = :orderId for update`,
    { orderId },
  )
  return payment ?? null
}

/** Opens the payment of an order, or finds the one that was opened (or shut) before. */
export async function openPayment(
  db: Db,
  { orderId, total }: { orderId: OrderId; total: Money },
): Promise<Payment> {
  const [opened] = await rows<Payment>(
    db,
    `insert into payments.payments (order_id, total_minor, currency, status)
     values (:orderId, :amount, :currency, 'open')
     on conflict do nothing
     returning ${columns}`,
    { orderId, ...total },
  )
  const payment = opened ?? (await readPayment(db, orderId))
  if (!payment) throw new Error(`The payment of ${orderId} was neither opened nor found.`)
  return payment
}

/**
 * Notes that the customer tries a card, and the provider's intent before it is used, so that a lost answer can be looked up by its id.
 * The number is the customer's: a step that runs again notes nothing new.
 */
export async function noteAttempt(
  db: Db,
  attempt: { orderId: OrderId; attempt: number; paymentMethod: string; intentId: string },
): Promise<void> {
  await changed(
    db,
    `with remembered as (
       update payments.payments set intent_id = :intentId where order_id = :orderId and intent_id is null
     )
     insert into payments.attempts (order_id, attempt, payment_method)
     values (:orderId, :attempt, :paymentMethod) on conflict do nothing`,
    attempt,
  )
}

export async function noteOutcome(
  db: Db,
  outcome: {
    orderId: OrderId
    attempt: number
    outcome: AttemptOutcome
    code: string | null
    action: PaymentAction | null
  },
): Promise<void> {
  await changed(
    db,
    `update payments.attempts set outcome = :outcome, code = :code, action = :action
     where order_id = :orderId and attempt = :attempt`,
    { ...outcome, action: outcome.action === null ? null : JSON.stringify(outcome.action) },
  )
}

/** The card that the customer tried last, for an order whose payment is still open; null where none was tried. */
export async function newestAttempt(db: Db, orderId: OrderId): Promise<Attempt | null> {
  const [attempt] = await rows<Attempt>(
    db,
    `select a.attempt, a.outcome, a.code, a.action
     from payments.attempts as a join payments.payments as p using (order_id)
     where a.order_id = :orderId and p.status = 'open'
     order by a.attempt desc limit 1`,
    { orderId },
  )
  return attempt ?? null
}

/**
 * `open → authorized`, with the outcome of the try and the journal's entry, in one statement. False: the payment was shut meanwhile
 * (or is further already), and nothing but the try's outcome was written.
 */
export async function bookAuthorized(
  db: Db,
  booking: {
    orderId: OrderId
    attempt: number
    amountMinor: number
    captureBefore: string | null
    reference: string
    at: string
    cause: string
  },
): Promise<boolean> {
  const marked = await rows(
    db,
    `with tried as (
       update payments.attempts set outcome = 'authorized', code = null, action = null
       where order_id = :orderId and attempt = :attempt
     ), marked as (
       update payments.payments
       set status = 'authorized', authorized_minor = :amountMinor, capture_before = :captureBefore
       where order_id = :orderId and status = 'open'
       returning order_id
     ), written as (
       insert into payments.journal (order_id, kind, amount_minor, reference, at, cause)
       select order_id, 'authorized', cast(:amountMinor as bigint), :reference, cast(:at as timestamptz), :cause from marked
       on conflict on constraint each_fact_once do nothing
     )
     select order_id from marked`,
    booking,
  )
  return marked.length === 1
}

/**
 * Books that the provider took the money, with the journal's entry and the event "Payment Processed", in one statement: our books
 * follow the provider's word, whatever they thought before. False: booked already.
 */
export async function bookCaptured(
  db: Db,
  booking: {
    orderId: OrderId
    amountMinor: number
    currency: Currency
    reference: string
    at: string
    cause: string
  },
): Promise<boolean> {
  const marked = await rows(
    db,
    `with marked as (
       update payments.payments set status = 'captured', captured_minor = :amountMinor
       where order_id = :orderId and status not in ('captured', 'refunded')
       returning order_id
     ), written as (
       insert into payments.journal (order_id, kind, amount_minor, reference, at, cause)
       select order_id, 'captured', cast(:amountMinor as bigint), :reference, cast(:at as timestamptz), :cause from marked
       on conflict on constraint each_fact_once do nothing
     ), announced as (
       insert into payments.outbox (event_id, type, subject, at, cause, data)
       select :eventId, 'Payment Processed', order_id, cast(:at as timestamptz), :cause,
              jsonb_build_object('orderId', order_id, 'amountMinor', cast(:amountMinor as bigint), 'currency', cast(:currency as text))
       from marked
     )
     select order_id from marked`,
    { ...booking, eventId: newId('evt') },
  )
  return marked.length === 1
}

/**
 * Shuts an order's payment, making the row if there is none, so that an authorization that comes late finds it shut. A captured
 * payment stays what it is. Answers the payment as it stands afterwards.
 */
export async function shutPayment(db: Db, orderId: OrderId): Promise<Payment> {
  await changed(
    db,
    `insert into payments.payments (order_id, total_minor, currency, status) values (:orderId, 0, 'EUR', 'voided')
     on conflict (order_id) do update set status = 'voided' where payments.status in ('open', 'authorized')`,
    { orderId },
  )
  const payment = await readPayment(db, orderId)
  if (!payment) throw new Error(`The payment of ${orderId} was neither shut nor found.`)
  return payment
}

/** Writes what happened to the money. A fact that is told twice stands once; false: it stood before. */
export async function writeJournal(
  trx: Db,
  entry: {
    orderId: OrderId
    kind: JournalKind
    amountMinor: number
    reference: string
    at: string
    cause: string
  },
): Promise<boolean> {
  const written = await changed(
    trx,
    `insert into payments.journal (order_id, kind, amount_minor, reference, at, cause)
     values (:orderId, :kind, :amountMinor, :reference, :at, :cause)
     on conflict on constraint each_fact_once do nothing`,
    entry,
  )
  return written === 1
}

/** The journal of an order's money, oldest first. */
export async function readJournal(db: Db, orderId: OrderId): Promise<JournalEntry[]> {
  return rows<JournalEntry>(
    db,
    `select kind, amount_minor as "amountMinor", reference, at from payments.journal
     where order_id = :orderId order by position`,
    { orderId },
  )
}
