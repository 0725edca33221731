/** The whole answer of a bench, in Markdown. */
import { perSecond } from './bench.ts'
import type { Line } from './bench.ts'
import { percentile } from './loop.ts'
import { sumOf } from './processes.ts'
import type { ByPart } from './processes.ts'
import { figure, megabytes, table } from './table.ts'

interface Seen {
  readonly machine: readonly (readonly [string, string])[]
  readonly lines: readonly Line[]
  readonly memoryBefore: ByPart
  readonly memoryAfter: ByPart
}

export function report({ machine, lines, memoryBefore, memoryAfter }: Seen): string {
  const parts = [
    table(
      ['What', 'At once', 'A second', 'p50 ms', 'p99 ms'],
      lines.map((line) => [
        line.name,
        line.callers,
        figure(perSecond(line)),
        figure(percentile(line.timingsMs, 0.5)),
        figure(percentile(line.timingsMs, 0.99)),
      ]),
    ),
    ratios(lines, { ours: 'whole orders', bare: 'bare workflows' }),
    ratios(lines, { ours: 'cancellations', bare: 'bare cancellations' }),
    cpuTable(lines),
    memoryTable({ memoryBefore, memoryAfter }),
    notes(lines),
    table(['Where', ''], machine),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** What the shop does against bare workflows of the same shape, in the same run: the rest is our own. */
function ratios(lines: readonly Line[], { ours, bare }: { ours: string; bare: string }): string {
  const rateOf = (kind: string, callers: number): number | undefined => {
    const found = lines.find((line) => line.name.startsWith(kind) && line.callers === callers)
    return found && perSecond(found)
  }
  const compared = [1, 8, 32].flatMap((callers) => {
    const [own, none] = [rateOf(ours, callers), rateOf(bare, callers)]
    return !own || !none ? [] : [`${Math.round((own / none) * 100)} % with ${callers}`]
  })
  return compared.length === 0 ? '' : `For each hundred ${bare}, ${ours}: ${compared.join(', ')}.`
}

function cpuTable(lines: readonly Line[]): string {
  const measured = lines.flatMap(({ name, callers, count, cpuMs }) => {
    if (cpuMs === undefined) return []
    const cpuMsEach = new Map([...cpuMs].map(([part, value]) => [part, value / count]))
    return [{ name: `${name.replace(/ \(.*/, '')}, ${callers}`, cpuMsEach }]
  })
  const [first] = measured
  if (!first || sumOf(first.cpuMsEach) === 0) return 'CPU is measured on Linux only.'
  const parts = [...first.cpuMsEach.keys()]
  return table(
    ['CPU ms for one', ...parts, 'all but the bench'],
    measured.map(({ name, cpuMsEach }) => [
      name,
      ...parts.map((part) => figure(cpuMsEach.get(part) ?? 0)),
      figure(sumOf(cpuMsEach) - (cpuMsEach.get('bench') ?? 0)),
    ]),
  )
}

function memoryTable({ memoryBefore, memoryAfter }: Pick<Seen, 'memoryBefore' | 'memoryAfter'>): string {
  const row = (name: string, memory: ByPart): string[] => [
    name,
    ...[...memoryBefore.keys()].map((part) => megabytes(memory.get(part) ?? 0)),
    megabytes(sumOf(memory)),
  ]
  return table(
    ['Memory MiB', ...memoryBefore.keys(), 'together'],
    [row('before', memoryBefore), row('after', memoryAfter)],
  )
}

function notes(lines: readonly Line[]): string {
  return lines
    .flatMap(({ name, callers, notes: several, lagsMs }) =>
      [...several, ...(lagsMs ? [lagOf(lagsMs)] : [])].map(
        (note) => `- ${name.replace(/ \(.*/, '')}, ${callers} at once: ${note}`,
      ),
    )
    .join('\n')
}

const lagOf = (lagsMs: readonly number[]): string =>
  `${figure(percentile(lagsMs, 0.5))} ms from the answer to the whole of it (p50), ${figure(percentile(lagsMs, 0.99))} ms (p99)`
