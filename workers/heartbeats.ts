import type { ActivityInterceptorsFactory } from '@temporalio/worker'

/** A step that is watched more slowly than this reports its own progress. */
const slowestWatchMs = 10_000

/**
 * Tells Temporal that a step is still at work, three times within its heartbeat time-out: when a worker dies, its steps are given
 * to another after seconds (`workflows/proxies.ts`), not after the whole time that they may take. A quick step ends before its first
 * beat and costs nothing more.
 */
export const heartbeats: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const { heartbeatTimeoutMs } = context.info
      if (heartbeatTimeoutMs === undefined || heartbeatTimeoutMs > slowestWatchMs) return next(input)
      const beating = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / 3)
      try {
        return await next(input)
      } finally {
        clearInterval(beating)
      }
    },
  },
})
