import type { OrderId } from '../domain/ids.ts'
import type { PaymentBooks } from '../domain/provider-events.ts'
import { rows } from './db.ts'
import type { Db } from './db.ts'

/** What our books say of payments, found by the provider's intents or by our orders: all of a batch of events in one statement. */
export async function booksOf(
  db: Db,
  { intentIds, orderIds }: { intentIds: readonly string[]; orderIds: readonly OrderId[] },
): Promise<PaymentBooks[]> {
  return rows<PaymentBooks>(
    db,
    `select p.order_id as "orderId", p.intent_id as "intentId", p.status,
            (select json_build_object('attempt', a.attempt, 'outcome', a.outcome)
             from payments.attempts as a where a.order_id = p.order_id order by a.attempt desc limit 1) as attempt,
            (select coalesce(json_agg(json_build_object('kind', j.kind, 'reference', j.reference)), '[]')
             from payments.journal as j where j.order_id = p.order_id) as journal,
            (select coalesce(json_agg(json_build_object(
               'refundId', r.id, 'providerId', r.provider_id, 'status', r.status)), '[]')
             from payments.refunds as r where r.order_id = p.order_id) as refunds
     from payments.payments as p
     where p.intent_id = any(:intentIds) or p.order_id = any(:orderIds)`,
    { intentIds: [...intentIds], orderIds: [...orderIds] },
  )
}
