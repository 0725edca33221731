/** The books say that orders are whole; the API and the mailbox are asked whether that is so. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'

/** An order that a buyer was told of: it is confirmed, or (202) not decided yet and carried on with. */
export interface Placed {
  readonly orderId: string
  readonly token: string
  readonly email: string
  readonly placeMs: number
  readonly undecided: boolean
}

/** The relay brings a label to its order a moment after it was bought. */
const rounds = 40
const pauseMs = 250

/** What is amiss, as notes; nothing when every order has its label in the API's answer and exactly one confirmation in the mailbox. */
export async function checkWhole(
  { shop, shoppers }: Bench,
  { placed, wholeAt }: { placed: readonly Placed[]; wholeAt: ReadonlyMap<string, number> },
): Promise<string[]> {
  const notes: string[] = []
  const left = placed.length - wholeAt.size
  if (left > 0) notes.push(`${left} of ${placed.length} were not whole after two minutes`)

  const shopper = shoppers.shopper()
  let unlabelled: readonly Placed[] = placed
  for (let round = 0; round < rounds && unlabelled.length > 0; round += 1) {
    if (round > 0) await sleep(pauseMs)
    const without: Placed[] = []
    for (const order of unlabelled) {
      const { said } = await shopper.send({
        method: 'GET',
        path: `/v1/store/orders/${order.orderId}`,
        headers: { 'x-order-token': order.token },
      })
      if (!said.includes('"tracking_code"')) without.push(order)
    }
    unlabelled = without
  }
  if (unlabelled.length > 0) notes.push(`${unlabelled.length} show no label in the API`)

  const { mail } = shop.doubles
  if (mail === undefined)
    return [...notes, 'mails were counted in the shop’s books: the mail server is a real one']
  const arrived = await confirmationsIn(mail, placed)
  const wrong = placed.filter(({ orderId }) => arrived.get(orderId) !== 1)
  if (wrong.length > 0) notes.push(`${wrong.length} have not exactly one confirmation in the mailbox`)
  return notes
}

/** How many confirmations of each order lie in the mailbox. */
async function confirmationsIn(mailbox: string, placed: readonly Placed[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const email of new Set(placed.map((order) => order.email))) {
    const answer = await fetch(`${mailbox}/api/mails?limit=1000&to=${encodeURIComponent(email)}`)
    const { mails } = (await answer.json()) as { mails: { messageId: string }[] }
    for (const { messageId } of mails) {
      const [, orderId] = /^<confirmation\.(\w+)@/.exec(messageId) ?? []
      if (orderId !== undefined) counts.set(orderId, (counts.get(orderId) ?? 0) + 1)
    }
  }
  return counts
}
