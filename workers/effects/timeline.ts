import type { DomainEvent } from '../../domain/events.ts'
import type { OrderId } from '../../domain/ids.ts'
import { formatMoney } from '../../domain/money.ts'
import type { Currency } from '../../domain/money.ts'
import type { Db } from '../../store/db.ts'
import { noteOnTimeline } from '../../store/order-steps.ts'

/** The money's events, in the order's timeline. */
export async function notePayment(trx: Db, { type, at, cause, data }: DomainEvent): Promise<void> {
  const { orderId, amountMinor, currency } = data as {
    orderId: OrderId
    amountMinor: number
    currency: Currency
  }
  const reason = formatMoney({ amount: amountMinor, currency })
  await noteOnTimeline(trx, { orderId, type, at, actor: 'system', reason, cause })
}
