/**
 * Does our double of Stripe look like Stripe? Sends everything that our gateway can say both to the double and to `stripe-mock`,
 * Stripe's own mock server, and compares: the mock must accept each request, the double's answers must be what Stripe's OpenAPI
 * description (which lies in the mock) says, and every key that the gateway reads must be described.
 *
 * Ends with 0 when all is well, 1 with a list of differences, 2 when there is no stripe-mock to ask.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStripeGateway } from '../gateways/stripe.ts'
import { differencesTo, differentKinds, isDescribed } from './stripe-shapes/compare.ts'
import { answerSchema, describedPath, readDescription } from './stripe-shapes/description.ts'
import type { Description } from './stripe-shapes/description.ts'
import { driveEverything } from './stripe-shapes/drive.ts'
import { NoStripeMock, findStripeMock, startStripeMock } from './stripe-shapes/mock.ts'
import { recordReads, startRecorder } from './stripe-shapes/record.ts'
import type { Exchange } from './stripe-shapes/record.ts'
import { apiVersion } from './stripe-sim/events.ts'
import { startStripeDouble } from './stripe-sim/main.ts'

const apiKey = 'sk_test_shapes'

/** What went between our gateway and our double, the double's other lists, and the keys that the gateway read. */
async function watchTheGateway(): Promise<{ exchanges: Exchange[]; reads: Set<string> }> {
  const stateDir = await mkdtemp(join(tmpdir(), 'stripe-shapes-'))
  const double = await startStripeDouble({ port: 0, host: '127.0.0.1', stateDir, apiKey })
  const recorder = await startRecorder(double.url)
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${double.url}/_control/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(await answer.text())
    return answer.status === 204 ? {} : ((await answer.json()) as { id?: string })
  }
  const control = {
    fault: async (fault: object): Promise<void> => void (await post('faults', fault)),
    expire: async (intentId: string): Promise<void> =>
      void (await post(`payment_intents/${intentId}/expire`, {})),
    dispute: async (intentId: string): Promise<string> =>
      (await post(`payment_intents/${intentId}/dispute`, {})).id ?? '',
  }
  const { reads, stop } = recordReads()
  try {
    await driveEverything(createStripeGateway({ apiKey, baseUrl: recorder.url, timeoutMs: 10_000 }), control)
    stop()
    for (const path of [
      'events?limit=100',
      'charges?limit=100',
      'refunds?limit=100',
      'payment_methods/pm_card_visa',
    ]) {
      await fetch(`${recorder.url}/v1/${path}`, { headers: { authorization: `Bearer ${apiKey}` } })
    }
    return { exchanges: recorder.exchanges, reads }
  } finally {
    stop()
    recorder.stop()
    await double.close()
    await rm(stateDir, { recursive: true, force: true })
  }
}

async function compare({
  exchange,
  description,
  mockUrl,
}: {
  exchange: Exchange
  description: Description
  mockUrl: string
}): Promise<string[]> {
  const { method, status, answer, query, body, headers } = exchange
  const path = describedPath(description, exchange.path)
  if (path === undefined) return [`${method} ${exchange.path}: Stripe has no such address`]
  const title = `${method} ${path} → ${status}`
  const schema = answerSchema(description, { path, method, status })
  const shape = schema
    ? differencesTo({ description, schema, value: answer, path: 'answer' })
    : ['nothing is described for this']
  const theirs = await fetch(`${mockUrl}${exchange.path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body }),
  })
  const text = await theirs.text()
  const refused = theirs.ok ? [] : [`stripe-mock refuses the request: ${text}`]
  const kinds =
    theirs.ok && status === 200
      ? differentKinds({ ours: answer, theirs: JSON.parse(text) as unknown, path: 'answer' })
      : []
  return [...refused, ...shape, ...kinds].map((difference) => `${title}: ${difference}`)
}

async function main(): Promise<number> {
  const program = findStripeMock(process.env)
  const description = readDescription(program)
  const mock = await startStripeMock(program)
  try {
    const { exchanges, reads } = await watchTheGateway()
    const differences = new Set<string>()
    for (const exchange of exchanges) {
      for (const difference of await compare({ exchange, description, mockUrl: mock.url }))
        differences.add(difference)
    }
    if (reads.size === 0)
      differences.add(
        'No read of the gateway was seen: the recording in dev/stripe-shapes/record.ts is broken',
      )
    for (const read of reads) {
      if (!isDescribed(description, read))
        differences.add(`The gateway reads ${read}, and Stripe's description knows no such key`)
    }
    const counted = `${exchanges.length} requests and answers, ${reads.size} keys that the gateway reads`
    const versions = `our client speaks ${apiVersion}, stripe-mock describes ${description.info.version}`
    console.log(`Compared ${counted}; ${versions}.`)
    if (differences.size === 0) console.log('The double looks like Stripe.')
    else
      console.error(
        `${differences.size} differences:\n${[...differences].map((line) => `  - ${line}`).join('\n')}`,
      )
    return differences.size === 0 ? 0 : 1
  } finally {
    mock.stop()
  }
}

process.exitCode = await main().catch((fault: unknown) => {
  if (!(fault instanceof NoStripeMock)) throw fault
  console.error(fault.message)
  return 2
})
