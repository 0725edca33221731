import type { CancellationStatus } from '../domain/cancellations.ts'
import type { CancellationId, OrderId } from '../domain/ids.ts'
import type { Actor } from '../domain/orders.ts'
import type { LineQuantity } from '../domain/proration.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'

/** A cancellation of a paid order, as it was asked for and as it stands. Times are ISO 8601 in UTC. */
export interface Cancellation {
  readonly cancellationId: CancellationId
  readonly orderId: OrderId
  readonly whole: boolean
  readonly lines: readonly LineQuantity[]
  /** What goes back for it, in minor units of the order's currency; of a whole one all that is still ours goes back. */
  readonly amountMinor: number
  readonly status: CancellationStatus
  readonly reason: string
  readonly actor: Actor
  readonly begunAt: string
  readonly endedAt: string | null
}

const columns = `
  id as "cancellationId", order_id as "orderId", whole, lines, amount_minor as "amountMinor", status, reason, actor,
  begun_at as "begunAt", ended_at as "endedAt"`

export async function readCancellation(db: Db, cancellationId: CancellationId): Promise<Cancellation | null> {
  const [found] = await rows<Cancellation>(
    db,
    `select ${columns} from orders.cancellations where id = :cancellationId`,
    { cancellationId },
  )
  return found ?? null
}

/** All cancellations of an order, oldest first. */
export async function cancellationsOf(db: Db, orderId: OrderId): Promise<Cancellation[]> {
  return rows<Cancellation>(
    db,
    `select ${columns} from orders.cancellations where order_id = :orderId order by begun_at, id`,
    { orderId },
  )
}

/** Writes down a cancellation and takes its units out of the lines. The order is locked, and the plan was made from it. */
export async function insertCancellation(
  trx: Db,
  cancellation: Omit<Cancellation, 'status' | 'endedAt'> & { askedBy: string | null; cause: string },
): Promise<void> {
  await changed(
    trx,
    `insert into orders.cancellations
       (id, order_id, whole, lines, amount_minor, status, reason, actor, asked_by, cause, begun_at)
     values
       (:cancellationId, :orderId, :whole, :lines, :amountMinor, 'recalling', :reason, :actor, :askedBy, :cause, :begunAt)`,
    { ...cancellation, lines: JSON.stringify(cancellation.lines) },
  )
  await moveUnits(trx, { lines: cancellation.lines, times: 1 })
}

/** Gives the units of a cancellation that has lost back to their lines. */
export async function giveUnitsBack(trx: Db, { lines }: Pick<Cancellation, 'lines'>): Promise<void> {
  await moveUnits(trx, { lines, times: -1 })
}

// A CHECK refuses more cancelled units than were ordered, whoever comes first.
async function moveUnits(
  trx: Db,
  { lines, times }: { lines: readonly LineQuantity[]; times: 1 | -1 },
): Promise<void> {
  await changed(
    trx,
    `update orders.order_lines as l set cancelled_quantity = l.cancelled_quantity + :times * u.quantity
     from jsonb_to_recordset(cast(:lines as jsonb)) as u ("lineId" text, quantity integer)
     where l.id = u."lineId"`,
    { lines: JSON.stringify(lines), times },
  )
}

/** Notes that the money of these units goes back although they are not cancelled. */
export async function noteRefundedUnits(
  trx: Db,
  { lines }: { lines: readonly LineQuantity[] },
): Promise<void> {
  await changed(
    trx,
    `update orders.order_lines as l set refunded_quantity = l.refunded_quantity + u.quantity
     from jsonb_to_recordset(cast(:lines as jsonb)) as u ("lineId" text, quantity integer)
     where l.id = u."lineId"`,
    { lines: JSON.stringify(lines) },
  )
}

/** Whether another cancellation of this order is taking parcels back at this moment. */
export async function isRecalling(db: Db, orderId: OrderId): Promise<boolean> {
  const found = await rows(
    db,
    `select 1 from orders.cancellations where order_id = :orderId and status = 'recalling'`,
    { orderId },
  )
  return found.length > 0
}

/** Moves a cancellation on. False: it was not where it is to be moved from, and nothing was done. */
export async function moveCancellation(
  trx: Db,
  move: { cancellationId: CancellationId; from: CancellationStatus; to: CancellationStatus; at: string },
): Promise<boolean> {
  const moved = await changed(
    trx,
    `update orders.cancellations
     set status = :to, ended_at = case when :to in ('done', 'lost') then cast(:at as timestamptz) end
     where id = :cancellationId and status = :from`,
    move,
  )
  return moved === 1
}
