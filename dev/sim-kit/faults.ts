import { once } from 'node:events'
import type { Socket } from 'node:net'

/**
 * What goes wrong once an operation is called.
 *
 * - `status`: refused at the door with `status`; nothing was begun, so nothing is remembered of the request
 * - `fail_before`: begun, then answered with `status` before the effect
 * - `fail_after`: the effect happens, the answer is `status` all the same
 * - `drop_before`, `drop_after`: the TCP connection is cut before or after the effect
 * - `hold_after`: the effect happens, and the answer is held back until the caller is gone
 * - `delay`: waits `delayMs`, then goes on as usual
 */
export interface Fault {
  /** A name such as `payment_intents.confirm`; `*` matches every operation. */
  operation: string
  kind: 'status' | 'delay' | 'fail_before' | 'fail_after' | 'drop_before' | 'drop_after' | 'hold_after'
  /** The HTTP status of `status`, `fail_before` and `fail_after`; 500 unless told. */
  status?: number
  /** Waited before anything else happens, whatever the kind. */
  delayMs?: number
  /** How many calls it hits; 1 unless told. */
  count?: number
}

/**
 * A fault with how often it has hit, and how many answers it holds back at this moment. It stays listed when it is used up, so that a
 * test can prove that it fired.
 */
export type FiredFault = Fault & { fired: number; holding: number }

export interface Faults {
  add(fault: Fault): void
  list(): FiredFault[]
  clear(): void
  /** The oldest fault that is left for this operation, counted as fired; at most one hits a call. */
  take(operation: string): FiredFault | undefined
}

export function createFaults(): Faults {
  let faults: FiredFault[] = []
  return {
    add(fault) {
      faults.push({ ...fault, fired: 0, holding: 0 })
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear() {
      faults = []
    },
    take(operation) {
      const next = faults.find(
        (fault) =>
          (fault.operation === operation || fault.operation === '*') && fault.fired < (fault.count ?? 1),
      )
      if (next) next.fired += 1
      return next
    },
  }
}

/** Holds an answer back until `caller`, who waits for it, is gone. */
export async function holdBack(fault: FiredFault, caller: Socket): Promise<void> {
  if (caller.destroyed) return
  fault.holding += 1
  await once(caller, 'close').catch(() => undefined)
  fault.holding -= 1
}
