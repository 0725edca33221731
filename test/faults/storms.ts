import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FiredFault } from '../../dev/sim-kit/faults.ts'
import type { Random } from './random.ts'

/** What can go wrong at each double, by the names of its operations. */
const operations = {
  stripe: [
    'payment_intents.create',
    'payment_intents.confirm',
    'payment_intents.capture',
    'payment_intents.cancel',
    'payment_intents.retrieve',
    'refunds.create',
    'refunds.list',
  ],
  easypost: [
    'shipments.create',
    'shipments.buy',
    'shipments.retrieve',
    'shipments.refund',
    'trackers.retrieve',
  ],
  mail: ['smtp.connect', 'smtp.rcpt', 'smtp.data'],
} as const

export type Provider = keyof typeof operations

const accidents: readonly Omit<Fault, 'operation'>[] = [
  { kind: 'fail_before' },
  { kind: 'fail_after' },
  { kind: 'drop_before' },
  { kind: 'drop_after' },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429 },
  { kind: 'delay', delayMs: 3_000 },
  { kind: 'delay', delayMs: 12_000 },
]
/** A mail server answers by its own numbers. */
const mailAccidents: readonly Omit<Fault, 'operation'>[] = [
  { kind: 'status', status: 451 },
  { kind: 'drop_before' },
  { kind: 'drop_after' },
  { kind: 'delay', delayMs: 3_000 },
]

/**
 * So many accidents wait for an operation at most. Of one that is seldom asked for hundreds would wait otherwise, and the last buyer
 * would meet them all.
 */
const mostWaiting = 4

async function waitingFor(double: string, operation: string): Promise<number> {
  const faults = (await (await fetch(`${double}/_control/faults`)).json()) as FiredFault[]
  return faults.filter((fault) => fault.operation === operation && fault.fired < (fault.count ?? 1)).length
}

export interface Storm {
  stop(): Promise<void>
}

/** Orders an accident at a double every now and then. */
export function providerStorm({
  doubles,
  random,
  everyMs,
}: {
  doubles: Readonly<Record<Provider, string>>
  random: Random
  everyMs: number
}): Storm {
  return every(everyMs, random, async () => {
    const provider = random.pick(Object.keys(operations) as Provider[])
    const operation = random.pick<string>(operations[provider])
    const accident = random.pick(provider === 'mail' ? mailAccidents : accidents)
    const fault: Fault = { operation, ...accident, count: 1 + random.below(2) }
    if ((await waitingFor(doubles[provider], operation)) >= mostWaiting) return
    await fetch(`${doubles[provider]}/_control/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    })
  })
}

/** Kills a process now and then, with no warning. */
export function processStorm({
  victims,
  kill,
  random,
  everyMs,
}: {
  victims: readonly string[]
  kill: (part: string) => boolean
  random: Random
  everyMs: number
}): Storm & { killed: Map<string, number> } {
  const killed = new Map<string, number>()
  const storm = every(everyMs, random, async () => {
    const part = random.pick(victims)
    if (kill(part)) killed.set(part, (killed.get(part) ?? 0) + 1)
  })
  return { ...storm, killed }
}

/** Does something again and again, at times that vary by half. What fails (the victim is down already) is tried next time. */
function every(everyMs: number, random: Random, work: () => Promise<void>): Storm {
  const stopped = new AbortController()
  const running = (async () => {
    while (!stopped.signal.aborted) {
      const pauseMs = everyMs * (0.5 + random.next())
      await sleep(pauseMs, undefined, { signal: stopped.signal }).catch(() => {})
      if (!stopped.signal.aborted) await work().catch(() => {})
    }
  })()
  return {
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}
