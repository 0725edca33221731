import { written } from './amounts.ts'
import { answerChallenge } from './confirm.ts'
import type { Desk } from './desk.ts'
import type { Memory } from './memory.ts'
import type { Intent } from './records.ts'
import { parseForm } from './form.ts'
import type { Double } from '../sim-kit/server.ts'

/**
 * The page that a card with 3-D Secure leads to, where the customer would prove to his bank who he is. Here a person chooses what
 * happens: pass, fail, or leave. A test posts `outcome=pass` (or `fail`) as a form to the same address.
 */
export function serveChallenge({
  double,
  memory,
  desk,
}: {
  double: Double
  memory: Memory
  desk: Desk
}): void {
  const path = '/redirect/authenticate/:id'
  type Address = { Params: { id: string }; Querystring: { client_secret?: string } }

  const find = (id: string, secret: string | undefined): Intent | undefined => {
    const intent = memory.intents.get(id)
    return intent?.secret === secret ? intent : undefined
  }

  double.get<Address>(path, async ({ params, query }, reply) => {
    const intent = find(params.id, query.client_secret)
    reply.type('text/html; charset=utf-8')
    if (!intent)
      return reply.code(404).send(page('<h1>Unknown payment</h1><p>This address belongs to no payment.</p>'))
    return reply.send(page(intent.status === 'requires_action' ? question(intent) : settled(intent)))
  })

  double.post<Address>(path, async ({ params, query, body }, reply) => {
    const intent = find(params.id, query.client_secret)
    reply.type('text/html; charset=utf-8')
    if (!intent)
      return reply.code(404).send(page('<h1>Unknown payment</h1><p>This address belongs to no payment.</p>'))
    const { outcome } = parseForm(typeof body === 'string' ? body : '')
    if (outcome !== 'pass' && outcome !== 'fail') {
      return reply.send(
        page('<h1>You left</h1><p>The payment still waits for you. Go back to choose again.</p>'),
      )
    }
    const returnUrl = intent.action?.returnUrl
    if (intent.status === 'requires_action') {
      const change = answerChallenge({ intent, memory, passed: outcome === 'pass', nowMs: Date.now() })
      await desk.happen('payment_intents.authenticate', change)
    }
    const now = memory.intents.get(intent.id) ?? intent
    if (returnUrl === null || returnUrl === undefined) return reply.send(page(settled(now)))
    return reply.redirect(backTo(returnUrl, now), 303)
  })
}

/** Stripe adds these to the shop's address when it sends the customer back. */
function backTo(returnUrl: string, { id, secret, status }: Intent): string {
  const url = new URL(returnUrl)
  url.searchParams.set('payment_intent', id)
  url.searchParams.set('payment_intent_client_secret', secret)
  const paid = status === 'succeeded' || status === 'requires_capture'
  url.searchParams.set('redirect_status', paid ? 'succeeded' : 'failed')
  return url.href
}

const question = ({ amount, currency }: Intent): string => `
  <h1>Is it you?</h1>
  <p>This page stands in for the customer's bank (3-D Secure). A payment of <strong>${written(amount, currency)}</strong> waits to be
  approved. Choose what the customer does.</p>
  <form method="post">
    <button name="outcome" value="pass" class="pass">Pass the check</button>
    <button name="outcome" value="fail" class="fail">Fail the check</button>
    <button name="outcome" value="leave">Leave without choosing</button>
  </form>`

const settled = ({ status }: Intent): string => `
  <h1>Nothing to do here</h1>
  <p>The payment is settled: <strong>${status.replaceAll('_', ' ')}</strong>. You can close this page.</p>`

const page = (content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bank check (local double of Stripe)</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1rem; color: #1a1f36 }
  form { display: flex; flex-direction: column; gap: .75rem; margin-top: 1.5rem }
  button { font: inherit; padding: .7rem 1rem; border: 1px solid #c9d0d9; border-radius: .5rem; background: #fff; cursor: pointer }
  .pass { background: #1a7f4b; border-color: #1a7f4b; color: #fff }
  .fail { background: #b3261e; border-color: #b3261e; color: #fff }
</style>
</head>
<body>${content}
</body>
</html>
`
