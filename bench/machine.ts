/** On what was measured: numbers without their machine say nothing. */
import { execFileSync } from 'node:child_process'
import { pbkdf2Sync } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import type { Connection } from '@temporalio/client'
import type { RunningShop } from '../dev/running-shop.ts'
import { rows } from '../store/db.ts'
import type { Db } from '../store/db.ts'

/** Rows of a name and a text. */
export async function describeMachine({
  shop,
  db,
  temporal,
  perMinute,
}: {
  shop: RunningShop
  db: Db
  temporal: Connection
  perMinute: number
}): Promise<[string, string][]> {
  const { local, config, settings } = shop
  const processors = cpus()
  const [postgres] = await rows<{ version: string; fsync: string; commit: string }>(
    db,
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as commit`,
  )
  const { serverVersion } = await temporal.workflowService.getSystemInfo({})
  return [
    [
      'Machine',
      `${processors.length} × ${processors[0]?.model ?? 'unknown'}, ${gigabytes(totalmem())} of memory`,
    ],
    ['System', `${platform()} ${release()} ${arch()}, workers on Node ${nodeOf(shop.parts, 'workers')}`],
    [
      'Postgres',
      `${postgres?.version}, fsync ${postgres?.fsync}, synchronous_commit ${postgres?.commit}, ` +
        `${config.databases.order.poolSize} connections a process`,
    ],
    ['Temporal', `${serverVersion}${local.temporal ? ', dev server on SQLite (WAL)' : ''}`],
    ['Providers', providersOf(shop)],
    [
      'Settings',
      `parcels move every ${settings.LOCAL_PARCEL_STEP_MS} ms and are asked for every ${config.workers.trackEveryMs} ms; ` +
        `each caller may call ${perMinute} times a minute; log level ${config.log.level}`,
    ],
    ['Load', `${loadavg()[0]?.toFixed(1)} before the start, the load generator runs on the same machine`],
  ]
}

/** The version of Node that a part runs on, asked of its very program; where `/proc` is missing, parts run on the one that runs us. */
function nodeOf(parts: RunningShop['parts'], name: string): string {
  const pid = parts.find((part) => part.name.startsWith(name))?.mark.pid
  if (platform() !== 'linux' || pid === undefined) return process.versions.node
  return execFileSync(readlinkSync(`/proc/${pid}/exe`), ['--version'], { encoding: 'utf8' })
    .trim()
    .slice(1)
}

/**
 * How long one core takes for a fixed piece of work, in milliseconds: how fast this machine is at this moment. Native code, or the state
 * of V8's compilers would be measured.
 */
export function paceMs(): number {
  const begin = performance.now()
  pbkdf2Sync('pace', 'salt', 1_000_000, 32, 'sha256')
  return performance.now() - begin
}

interface ProcessorTime {
  readonly all: number
  /** What other guests of the same host got while we wanted it. */
  readonly stolen: number
}

/** What all processors have done since the start, in ticks (proc(5), `stat`); null where that is not told. */
export function processorTime(): ProcessorTime | null {
  if (platform() !== 'linux') return null
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number)
  return { all: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[7] ?? 0 }
}

export function stolenInWords(before: ProcessorTime | null, after: ProcessorTime | null): string {
  if (!before || !after) return 'not known'
  const share = (after.stolen - before.stolen) / Math.max(1, after.all - before.all)
  return `${Math.round(share * 100)} % of the processors’ time went to other guests of the host`
}

export function paceInWords(paces: readonly number[]): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(2)
  return `a fixed piece of work took one core ${seconds(Math.min(...paces))} to ${seconds(Math.max(...paces))} s`
}

function providersOf({ local }: RunningShop): string {
  const kind = (own: boolean): string => (own ? 'local double' : 'real')
  return `Stripe ${kind(local.stripe)}, EasyPost ${kind(local.easypost)}, mail ${kind(local.mail)}`
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
