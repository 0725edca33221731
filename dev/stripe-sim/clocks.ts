import type { Log } from '../sim-kit/server.ts'
import { expireIntent } from './capture.ts'
import type { Desk } from './desk.ts'
import type { Memory } from './memory.ts'
import type { Refund } from './records.ts'
import { settleRefund } from './refunds.ts'

/** What happens at Stripe while nobody asks: refunds are settled by the card's bank, and holds run out. */
export interface Clocks {
  /** Settles the refund when it is due; one that is not waiting for anything is left alone. */
  watch(refund: Refund): void
  stop(): void
}

const holdsEveryMs = 60_000

export function startClocks({
  memory,
  desk,
  log,
}: {
  memory: Memory
  desk: Desk
  log: Log | undefined
}): Clocks {
  const timers = new Set<NodeJS.Timeout>()
  const tell = (fault: unknown) => log?.(`stripe: ${String(fault)}`)

  async function settle(id: string): Promise<void> {
    const refund = memory.refunds.get(id)
    if (refund?.due)
      await desk.happen('refunds.settle', settleRefund({ memory, refund, status: refund.due.status }))
  }

  async function letGoOfOldHolds(): Promise<void> {
    for (const intent of memory.intents.older()) {
      const expired = expireIntent({ memory, intent, nowMs: Date.now() })
      if (expired) await desk.happen('payment_intents.expire', expired)
    }
  }

  const sweep = setInterval(() => void letGoOfOldHolds().catch(tell), holdsEveryMs).unref()
  return {
    watch({ id, due }) {
      if (!due) return
      const timer = setTimeout(
        () => {
          timers.delete(timer)
          settle(id).catch(tell)
        },
        Math.max(due.atMs - Date.now(), 0),
      ).unref()
      timers.add(timer)
    },
    stop() {
      clearInterval(sweep)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
