/** How the demo makes sure of what it tells: it looks until it sees, and gives up with a sentence. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProblemBody } from '../../api/problems.ts'
import { placeOrderId } from '../../workflows/contract.ts'
import type { OrderId } from '../../domain/ids.ts'
import type { OrderHandle, Reply } from '../customer.ts'
import type { RunningShop } from '../running-shop.ts'
import { Advice } from '../supervisor/advice.ts'

const longestMs = 60_000
const pauseMs = 200

/** Looks again and again until there is something to see. Throws `Advice` about `what` after a minute. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + longestMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined) return seen
    if (Date.now() > deadline) {
      throw new Advice(
        `After ${longestMs / 1000} s there was still no sign of ${what}: see the logs of the shop, or the Web UI of Temporal.`,
      )
    }
    await sleep(pauseMs)
  }
}

/** The problem of an answer that had to be a no. Throws when it is another one, or a yes. */
export function expectRefusal(reply: Reply<unknown>, code: string): ProblemBody {
  const { problem } = reply
  if (problem.code !== code) throw new Error(`Expected ${code}, and the shop answered: ${reply.text}`)
  return problem
}

/** Cards, labels and mails of the demo exist in the local doubles only. */
export function refuseRealProviders({ local }: RunningShop): void {
  if (local.stripe && local.easypost && local.mail) return
  throw new Advice(
    'The demo pays with test cards, and looks at labels and mails that nobody gets: it needs the local Stripe, EasyPost and ' +
      'mailbox, and this shop is set to real ones. Unset STRIPE_API_KEY, EASYPOST_API_KEY and SMTP_URL to try it.',
  )
}

interface ListedMail {
  readonly id: string
  readonly subject: string
}

/** The mail that this customer got with these words in its subject, once it is there. */
export async function mailOf(
  { doubles, pages }: RunningShop,
  { email, subject }: { email: string; subject: string },
): Promise<{ subject: string; link: string }> {
  const to = encodeURIComponent(email)
  return eventually(`a mail to ${email} that “${subject}”`, async () => {
    const { mails } = await json<{ mails: ListedMail[] }>(`${doubles.mail}/api/mails?to=${to}`)
    const mail = mails.find((each) => each.subject.includes(subject))
    return mail && { subject: mail.subject, link: `${pages.mailbox}/?to=${to}#${mail.id}` }
  })
}

/** Links to the workflow of an order, which must stand as said; none where Temporal is not ours to look into. */
export async function workflowOf(
  { pages: { temporal }, config }: RunningShop,
  { order, status }: { order: OrderHandle; status: 'RUNNING' | 'COMPLETED' },
): Promise<string[]> {
  if (temporal === undefined) return []
  const { namespace } = config.temporal
  // The shop itself minted this id.
  const workflowId = encodeURIComponent(placeOrderId(order.id as OrderId))
  const path = `namespaces/${namespace}/workflows/${workflowId}`
  const { workflowExecutionInfo: info } = await json<{ workflowExecutionInfo: { status: string } }>(
    `${temporal}/api/v1/${path}`,
  )
  const seen = info.status.replace('WORKFLOW_EXECUTION_STATUS_', '')
  if (seen !== status) throw new Error(`The workflow of ${order.id} is ${seen}, not ${status}.`)
  return [`${temporal}/${path}`]
}

/** Throws unless there is a page at this address. */
export async function expectPage(url: string): Promise<void> {
  const answer = await fetch(url)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
}

async function json<Body>(url: string): Promise<Body> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Body
}
