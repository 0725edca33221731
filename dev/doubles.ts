/** The process of the local doubles: those of them that `DOUBLES` asks for, as a JSON text of the shape `Order`. */
import { startEasyPostDouble } from './easypost-sim/main.ts'
import { startMeilisearchDouble } from './meilisearch-sim/main.ts'
import { startMailDouble } from './smtp-sim/main.ts'
import { startStripeDouble } from './stripe-sim/main.ts'

type With<Start extends (settings: never) => unknown> = Omit<Parameters<Start>[0], 'log'>

/** What each double is to be started with; one that is left out is not started. */
export interface Order {
  readonly stripe?: With<typeof startStripeDouble>
  readonly easypost?: With<typeof startEasyPostDouble>
  readonly mail?: With<typeof startMailDouble>
  readonly meilisearch?: With<typeof startMeilisearchDouble>
}

// The order comes from `dev/parts/doubles.ts`, which is checked against the same type.
const { stripe, easypost, mail, meilisearch } = JSON.parse(process.env.DOUBLES ?? '{}') as Order
const log = (line: string): void => console.log(JSON.stringify({ time: new Date().toISOString(), msg: line }))

const doubles = await Promise.all([
  ...(stripe ? [startStripeDouble({ ...stripe, log })] : []),
  ...(easypost ? [startEasyPostDouble({ ...easypost, log })] : []),
  ...(mail ? [startMailDouble({ ...mail, log })] : []),
  ...(meilisearch ? [startMeilisearchDouble({ ...meilisearch, log })] : []),
])

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void Promise.all(doubles.map((double) => double.close())).then(() => process.exit(0))
  })
}
log('doubles ready')
