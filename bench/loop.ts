/** A closed loop: so many callers, each of whom takes his next turn when the last one has ended. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Turn<Value> {
  readonly value: Value
  /** Unix time in milliseconds. */
  readonly endedAt: number
}

export interface Measured<Value> {
  /** Turns that went well, the warm-up's included, in the order in which they ended. */
  readonly turns: readonly Turn<Value>[]
  /** What counts, in Unix time: from the end of the warm-up to the end. */
  readonly window: Window
  /** Turns that failed, by the reason. */
  readonly failures: ReadonlyMap<string, number>
}

export interface Window {
  readonly from: number
  readonly until: number
}

/**
 * Lets `callers` take turns for the time of the warm-up and then for the time that counts. `begun` and `ended` are called at both
 * ends of the latter. A turn that throws is a failure; its caller goes on with the next one after a pause, so that a shop that is
 * down is not asked in a busy loop.
 */
export async function closedLoop<Value>({
  callers,
  warmUpMs,
  measureMs,
  turn,
  begun = () => {},
  ended = () => {},
}: {
  callers: number
  warmUpMs: number
  measureMs: number
  turn: (caller: number) => Promise<Value>
  begun?: () => void
  ended?: () => void
}): Promise<Measured<Value>> {
  const turns: Turn<Value>[] = []
  const failures = new Map<string, number>()
  let over = false
  const live = async (caller: number): Promise<void> => {
    while (!over) {
      try {
        const value = await turn(caller)
        turns.push({ value, endedAt: Date.now() })
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        failures.set(reason, (failures.get(reason) ?? 0) + 1)
        await sleep(100)
      }
    }
  }
  const lives = Array.from({ length: callers }, (_, caller) => live(caller))
  await sleep(warmUpMs)
  const from = Date.now()
  begun()
  await sleep(measureMs)
  const until = Date.now()
  ended()
  over = true
  await Promise.all(lives)
  return { turns, window: { from, until }, failures }
}

export const isIn =
  ({ from, until }: Window) =>
  (at: number): boolean =>
    at >= from && at < until

export const secondsOf = ({ from, until }: Window): number => (until - from) / 1000

/** The value that this part of all is not above, by nearest rank; NaN when there are none. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN
}
