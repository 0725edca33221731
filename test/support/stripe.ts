import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import Stripe from 'stripe'
import { startStripeDouble } from '../../dev/stripe-sim/main.ts'
import { aFolder, control } from './doubles.ts'

const apiKey = 'sk_test_double'
export const webhookSecret = 'whsec_double'

/** A payment provider on this machine. It ends with the test. */
export async function aStripe(
  t: TestContext,
  settings: Partial<Parameters<typeof startStripeDouble>[0]> = {},
) {
  const stateDir = settings.stateDir ?? (await aFolder(t))
  const double = await startStripeDouble({ port: 0, host: '127.0.0.1', stateDir, apiKey, ...settings })
  t.after(() => double.close())
  return { ...double, ...control(double.url), apiKey, baseUrl: double.url, stateDir }
}

/** Stripe's own client, talking to the double. */
export function clientOf({ url }: { url: string }, key = apiKey): Stripe {
  const { hostname: host, port } = new URL(url)
  return new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
}

/** Somebody who listens to webhooks and believes only signed ones. `refuse` lets him answer 500 that many times first. */
export async function aListener(t: TestContext, { refuse = 0 } = {}) {
  const heard: Stripe.Event[] = []
  let refusals = refuse
  const stripe = new Stripe(apiKey)
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const signature = String(request.headers['stripe-signature'])
      try {
        const event = stripe.webhooks.constructEvent(Buffer.concat(pieces), signature, webhookSecret)
        refusals -= 1
        if (refusals < 0) heard.push(event)
        response.writeHead(refusals < 0 ? 200 : 500).end()
      } catch {
        response.writeHead(400).end()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { heard, webhookUrl: `http://127.0.0.1:${port}/hooks`, webhookSecret }
}

/** Waits until it is so; the test run's own limit ends a wait without end. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10))
}
