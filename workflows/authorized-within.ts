import { condition } from '@temporalio/workflow'
import type { OrderId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import { Refusal } from '../domain/refusals.ts'
import type { Card, Checkout, LetGo, Standing } from './contract.ts'
import { Goodbye } from './failures.ts'
import type { Letter, Letterbox } from './letterbox.ts'
import { tell } from './operators.ts'
import { payments } from './proxies.ts'
import { cardIn } from './validators.ts'

/** How many cards a customer may try for one order before it is let go. */
export const mostAttempts = 5

/** The hold belongs to the workflow, and so does its clock. Times are ISO 8601. */
export interface Hold {
  readonly placedAt: string
  readonly expiresAt: string
}

export function holdOf(holdMs: number): Hold {
  const now = Date.now()
  return { placedAt: new Date(now).toISOString(), expiresAt: new Date(now + holdMs).toISOString() }
}

interface Wait {
  readonly orderId: OrderId
  readonly total: Money
  readonly first: Letter<Checkout | Card, Standing>
  readonly letters: Letterbox<Checkout | Card, Standing>
  readonly goodbye: { read(): LetGo | undefined }
}

/**
 * A card, an answer, the next card: until one is authorized, whose letter is handed back unanswered. Throws what ends the order
 * instead: the hold's end, too many cards, somebody's goodbye. An order that costs nothing needs no card.
 */
export async function authorizedWithin(
  hold: Hold,
  { orderId, total, first, letters, goodbye }: Wait,
): Promise<Letter<Checkout | Card, Standing>> {
  if (total.amount === 0) return first

  let letter = first
  let attempt = 0
  for (;;) {
    const card = cardIn(letter.content)
    if (card) {
      attempt += 1
      const answer = await payments.authorizePayment({ orderId, total, attempt, ...card })
      if (answer.outcome === 'authorized') return letter
      if (answer.outcome === 'action_required') letter.answer(answer)
      else letter.answer(declined({ orderId, attempt, code: answer.declineCode ?? answer.code }))
      if (attempt === mostAttempts) {
        throw new Refusal('payment.too_many_attempts', 'Too many cards were tried for this order.', {
          orderId,
        })
      }
    } else letter.answer({ outcome: 'pending_payment' })

    tell.waiting({ attempt, until: hold.expiresAt, totalMinor: total.amount })
    letter = await nextLetter(hold, { orderId, letters, goodbye })
  }
}

/** Waits for the next letter; a timer runs only while somebody is really awaited. */
async function nextLetter(
  { expiresAt }: Hold,
  { orderId, letters, goodbye }: Pick<Wait, 'orderId' | 'letters' | 'goodbye'>,
): Promise<Letter<Checkout | Card, Standing>> {
  const leftMs = Math.max(1, Date.parse(expiresAt) - Date.now())
  const come = await condition(() => letters.filled() || goodbye.read() !== undefined, leftMs, {
    summary: 'the hold ends',
  })
  const letGo = goodbye.read()
  if (letGo) throw new Goodbye(letGo)
  if (!come)
    throw new Refusal('hold.expired', 'The order was not paid in time, and its goods were let go.', {
      orderId,
    })
  return letters.next()
}

function declined({ orderId, attempt, code }: { orderId: OrderId; attempt: number; code: string }): Standing {
  const triesLeft = mostAttempts - attempt
  const detail = triesLeft > 0 ? 'The card was declined; try another one.' : 'The card was declined.'
  return {
    outcome: 'refused',
    refusal: { code: 'payment.declined', detail, facts: { orderId, reason: code, triesLeft } },
    open: triesLeft > 0,
  }
}
