import type { Violation } from '../domain/invariants.ts'
import type { OrderId } from '../domain/ids.ts'
import type { OurPayment } from '../domain/provider-books.ts'
import { changed, rows } from './db.ts'
import type { Db } from './db.ts'
import { newId } from './ids.ts'

/** Payments with their journals, of orders or of a time; a page by the order's id. */
export async function paymentsWithJournals(
  db: Db,
  {
    orderIds,
    createdAfter,
    after = '',
    limit,
  }: { orderIds?: readonly OrderId[]; createdAfter?: string; after?: string; limit: number },
): Promise<OurPayment[]> {
  return rows<OurPayment>(
    db,
    `select p.order_id as "orderId", p.intent_id as "intentId", p.status, p.currency,
            p.captured_minor as "capturedMinor", p.refunded_minor as "refundedMinor",
            (select coalesce(json_agg(json_build_object('kind', j.kind, 'amountMinor', j.amount_minor,
                       'reference', j.reference, 'at', j.at) order by j.position), '[]')
             from payments.journal as j where j.order_id = p.order_id) as journal
     from payments.payments as p
     where p.order_id > :after
       and (cast(:orderIds as text[]) is null or p.order_id = any(:orderIds))
       and (cast(:createdAfter as timestamptz) is null or p.created_at >= :createdAfter)
     order by p.order_id limit :limit`,
    { orderIds: orderIds ? [...orderIds] : null, createdAfter: createdAfter ?? null, after, limit },
  )
}

/** Something that a workflow is to bring to its end, and which. */
export interface Unended {
  readonly orderId: OrderId
  readonly what: string
  readonly workflowId: string
  /** Past its own deadline. */
  readonly overdue: boolean
}

/** Orders, cancellations, refunds and parcels to be sent again that have not ended. `now` is the clock by which deadlines are judged. */
export async function unended(db: Db, { now, limit }: { now: string; limit: number }): Promise<Unended[]> {
  return rows<Unended>(
    db,
    `select id as "orderId", 'the order waits for its payment' as what, 'place-order:' || id as "workflowId",
            expires_at < cast(:now as timestamptz) - interval '5 minutes' as overdue
     from orders.orders where status = 'pending_payment'
     union all
     select order_id, 'the cancellation ' || id || ' is ' || status, 'cancel-order:' || id, false
     from orders.cancellations where ended_at is null
     union all
     select o.id, 'the order is being cancelled by nobody', 'cancel-order:none', true
     from orders.orders as o where o.status = 'cancelling'
       and not exists (select 1 from orders.cancellations as c where c.order_id = o.id and c.ended_at is null)
     union all
     select order_id, 'the refund ' || id || ' was promised', 'refund-order:' || id, false
     from payments.refunds where status = 'asked' and cancellation_id is null and id like 'rfd\\_%'
     union all
     select p.order_id, 'its authorization is open', 'place-order:' || p.order_id, false
     from payments.payments as p where p.status = 'authorized'
     union all
     select order_id, 'it is to be decided whether ' || shipment_id || ' is sent again', 'reship-order:' || id, false
     from orders.reships where status = 'asked'
     limit :limit`,
    { now, limit },
  )
}

export interface Run {
  readonly runId: string
  readonly begunAt: string
  readonly endedAt: string
  readonly orders: number
  readonly payments: number
}

/**
 * Keeps what a run found: what was found before is the same finding, what is open and was not found again is gone. Answers how many are
 * open. Running it twice keeps it once.
 */
export async function fileFindings(
  db: Db,
  { violations, ...run }: Run & { violations: readonly Violation[] },
): Promise<{ open: number }> {
  return db.transaction(async (trx) => {
    const { runId, begunAt, endedAt, orders, payments } = run
    const fresh = await changed(
      trx,
      `insert into orders.reconciliations (run_id, begun_at, ended_at, orders, payments, findings)
       values (:runId, :begunAt, :endedAt, :orders, :payments, :findings) on conflict do nothing`,
      { runId, begunAt, endedAt, orders, payments, findings: violations.length },
    )
    if (fresh === 1) {
      for (const { invariant, subject, detail } of violations) {
        const orderId = subject.startsWith('ord_') ? subject : null
        await changed(
          trx,
          `insert into orders.findings as f (id, invariant, subject, detail, order_id, first_seen, last_seen)
           values (:id, :invariant, :subject, :detail, :orderId, :endedAt, :endedAt)
           on conflict (invariant, subject) where state = 'open' do update
           set detail = excluded.detail, times = f.times + 1, last_seen = excluded.last_seen`,
          { id: newId('fnd'), invariant, subject, detail, orderId, endedAt },
        )
      }
      await changed(
        trx,
        `update orders.findings set state = 'gone', ended_at = :endedAt where state = 'open' and last_seen < :endedAt`,
        { endedAt },
      )
    }
    const [counted] = await rows<{ open: number }>(
      trx,
      `select count(*) as open from orders.findings where state = 'open'`,
    )
    return { open: counted?.open ?? 0 }
  })
}
