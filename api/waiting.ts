import { setTimeout as sleep } from 'node:timers/promises'
import type { OrderId } from '../domain/ids.ts'
import type { OrderStatus } from '../domain/orders.ts'
import { readStatus } from '../store/order-status.ts'
import type { Services } from './services.ts'

const pollEveryMs = 150

/**
 * Waits until an order stands as wished, and answers how it stands then; also when the time is up, or `signal` says that nobody
 * listens any more. Null: there is no such order yet.
 */
export async function statusWhen(
  { databases }: Pick<Services, 'databases'>,
  {
    orderId,
    waitMs,
    done,
    signal,
  }: {
    orderId: OrderId
    waitMs: number
    done: (status: OrderStatus | null) => boolean
    signal?: AbortSignal
  },
): Promise<OrderStatus | null> {
  const deadline = Date.now() + waitMs
  for (;;) {
    const status = (await readStatus(databases.order, orderId))?.status ?? null
    const leftMs = deadline - Date.now()
    if (done(status) || leftMs <= 0 || signal?.aborted) return status
    await sleep(Math.min(pollEveryMs, leftMs), undefined, signal && { signal }).catch(() => {})
  }
}
