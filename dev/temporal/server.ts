/** Temporal's dev server with its Web UI, as a part, with the settings that make it fast on one machine. */
import { dirname } from 'node:path'
import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Part } from '../supervisor/part.ts'
import { askGrpc } from './grpc.ts'

/** What workflows can be searched by in the Web UI, and its types. */
export const searchAttributes = {
  OrderStatus: 'Keyword',
  CustomerRef: 'Keyword',
  OrderTotalMinor: 'Int',
  NeedsAttention: 'Bool',
  SagaStep: 'Keyword',
} as const

/**
 * The dev server has one shard and by default looks at its queues twenty times a second, so each step would wait for a tick of
 * 50 ms. One machine needs no partitions of its task queues either. A step on the workflow's own queue is handed to the worker that
 * asks for it in the same answer (eager execution), instead of by way of the queue.
 *
 * What workflows are listed by is brought up to date once a second, in one go: of an order that has ended by then one row is written
 * instead of four. The search attributes are there from the start, so the server need not read them anew each time.
 */
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=1',
  'history.visibilityTaskBatchSize=1000',
  'system.forceSearchAttributesCacheRefreshOnRead=false',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'system.enableActivityEagerExecution=true',
  'frontend.enableServerVersionCheck=false',
]

/** Every workflow survives a crash with these, without a disk sync for each step; pages are copied out of the log every 40 MB. */
const pragmas = ['journal_mode=WAL', 'synchronous=NORMAL', 'wal_autocheckpoint=10000']

export function temporalPart({
  program,
  port,
  ui,
  databaseFile,
}: {
  program: string
  port: number
  /** The Web UI; left out for tests. */
  ui?: { port: number }
  /** Where workflows are kept; without it they are kept in memory. */
  databaseFile?: string
}): Part {
  if (databaseFile !== undefined) mkdirSync(dirname(databaseFile), { recursive: true })
  const each = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [flag, value])
  return {
    name: 'temporal',
    command: {
      file: program,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
        ...(ui === undefined ? ['--headless'] : ['--ui-port', String(ui.port), '--ui-disable-news-fetch']),
        ...(databaseFile === undefined
          ? []
          : ['--db-filename', databaseFile, ...each('--sqlite-pragma', pragmas)]),
        ...each('--dynamic-config-value', dynamicConfig),
        ...each(
          '--search-attribute',
          Object.entries(searchAttributes).map((pair) => pair.join('=')),
        ),
        ...['--log-level', 'error', '--log-format', 'json', '--disable-config-file', '--disable-config-env'],
      ],
      env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', GOMEMLIMIT: '768MiB', GOGC: '200' },
      cwd: '/',
    },
    ready: ({ signal }) => untilReady({ address: `127.0.0.1:${port}`, signal }),
    stopping: { signal: 'SIGTERM', graceMs: 4000, stopOrder: 4 },
  }
}

/** The server answers before its namespace and its search attributes are there, and workers need all three. */
async function untilReady({ address, signal }: { address: string; signal: AbortSignal }): Promise<void> {
  const wanted = Object.keys(searchAttributes)
  const question = {
    address,
    method: '/temporal.api.operatorservice.v1.OperatorService/ListSearchAttributes',
    field: 1,
    text: 'default',
    timeoutMs: 2000,
  }
  for (;;) {
    const known = await askGrpc(question).then(
      (answer) => answer.toString('latin1'),
      () => '',
    )
    if (wanted.every((name) => known.includes(name))) return
    await sleep(20, undefined, { signal })
  }
}
