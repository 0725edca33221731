/** A closed loop around the running shop, and what its processes used meanwhile. */
import { failureNotes } from './bench.ts'
import type { Bench, Line } from './bench.ts'
import { closedLoop, isIn, secondsOf } from './loop.ts'
import type { Measured } from './loop.ts'
import { cpuByPart, difference } from './processes.ts'
import type { ByPart } from './processes.ts'

/** A closed loop, with the CPU that each part used in the time that counts, in milliseconds. */
export async function measure<Value>(
  { shop, warmUpMs, measureMs }: Bench,
  loop: { callers: number; turn: (caller: number) => Promise<Value> },
): Promise<Measured<Value> & { cpuMs: ByPart }> {
  const seen: ByPart[] = []
  const look = (): unknown => seen.push(cpuByPart(shop.parts))
  const measured = await closedLoop({ ...loop, warmUpMs, measureMs, begun: look, ended: look })
  const [before = new Map<string, number>(), after = new Map<string, number>()] = seen
  return { ...measured, cpuMs: difference(before, after) }
}

/** The row of a loop whose turns are counted when they end, and answer how long their call took in milliseconds. */
export async function timedRow(
  bench: Bench,
  { name, callers, turn }: { name: string; callers: number; turn: (caller: number) => Promise<number> },
): Promise<Line> {
  const { turns, window, failures, cpuMs } = await measure(bench, { callers, turn })
  const timings = turns.filter(({ endedAt }) => isIn(window)(endedAt)).map(({ value }) => value)
  return {
    name,
    callers,
    ...{ count: timings.length, seconds: secondsOf(window), timingsMs: timings, cpuMs },
    notes: failureNotes(failures),
  }
}
