import type { FastifyRateLimitStore } from '@fastify/rate-limit'

interface Count {
  calls: number
  endsAt: number
}

/** More callers than this are not remembered; the oldest is forgotten first. */
const mostCallers = 50_000

/**
 * Counts calls in windows that begin with a caller's first call, in the memory of this process. Each answer is a value of its own: the
 * store that comes with the plugin hands out the counter itself, so calls that arrive together all read the last one's count.
 */
export class CallCounts implements FastifyRateLimitStore {
  readonly #counts = new Map<string, Count>()

  incr(
    caller: string,
    tell: (error: Error | null, result?: { current: number; ttl: number }) => void,
    windowMs: number,
  ): void {
    const now = Date.now()
    const known = this.#counts.get(caller)
    const count = known && known.endsAt > now ? known : this.#begin(caller, now + windowMs)
    count.calls += 1
    tell(null, { current: count.calls, ttl: count.endsAt - now })
  }

  child(): FastifyRateLimitStore {
    return this
  }

  #begin(caller: string, endsAt: number): Count {
    const count = { calls: 0, endsAt }
    // Deleted first, so that the order of the map stays the order of the windows.
    this.#counts.delete(caller)
    this.#counts.set(caller, count)
    if (this.#counts.size > mostCallers) {
      const [oldest] = this.#counts.keys()
      if (oldest !== undefined) this.#counts.delete(oldest)
    }
    return count
  }
}
