import { condition } from '@temporalio/workflow'
import type { OrderId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentAction } from '../domain/payments.ts'
import type { Bell } from './bell.ts'
import type { Card, Checkout, LetGo, Standing } from './contract.ts'
import { Goodbye } from './failures.ts'
import type { Letter, Letterbox } from './letterbox.ts'
import { tell } from './operators.ts'
import { declined, mostAttempts, noOtherCard, tooManyCards, unpaid } from './payment-answers.ts'
import { inventory, orders, payments } from './proxies.ts'
import { cardIn } from './validators.ts'

/** The hold belongs to the workflow, and so does its clock. Times are ISO 8601. */
export interface Hold {
  readonly placedAt: string
  readonly expiresAt: string
}

export function holdOf(holdMs: number): Hold {
  const now = Date.now()
  return { placedAt: iso(now), expiresAt: iso(now + holdMs) }
}

type PaymentLetter = Letter<Checkout | Card, Standing>

/** A letter whose card was taken; `captured`: so was the money. */
interface Payer {
  readonly letter: PaymentLetter
  readonly captured: boolean
}

type Answer = Awaited<ReturnType<typeof payments.authorizePayment>>

interface Wait {
  readonly orderId: OrderId
  readonly total: Money
  /** How much longer the hold may last while a bank wants to see its customer. */
  readonly challengeMs: number
  readonly first: PaymentLetter
  readonly letters: Letterbox<Checkout | Card, Standing>
  readonly goodbye: { read(): LetGo | undefined }
  /** Rings when the payment provider told us something about this payment. */
  readonly news: Bell
}

/**
 * A card, an answer, the next card: until one is authorized, whose letter is handed back (unanswered, unless its challenge was passed
 * later). Throws what ends the order instead: the hold's end, too many cards, somebody's goodbye. An order that costs nothing needs
 * no card.
 *
 * A challenge (3-D Secure) is answered at once, and the hold lasts as long as it does. What became of it is looked up when the
 * provider rings, when the customer pays with the same card again, and once more before the hold is given up; another card takes
 * its place.
 */
export async function authorizedWithin(hold: Hold, wait: Wait): Promise<Payer> {
  const { orderId, total } = wait
  if (total.amount === 0) return { letter: wait.first, captured: true }

  let letter = wait.first
  let come: Come = 'letter'
  let attempt = 0
  let until = hold.expiresAt
  let challenge: { paymentMethod: string; action: PaymentAction } | null = null
  for (;;) {
    const { cause } = letter.content
    const card: Card | null = come === 'letter' ? cardIn(letter.content) : null
    const another: boolean = card !== null && card.paymentMethod !== challenge?.paymentMethod
    let answer: Answer | null = null
    if (card && another && attempt < mostAttempts) {
      attempt += 1
      answer = await payments.authorizePayment({ orderId, total, attempt, ...card, captureAtOnce: true })
    } else if (card && another) letter.answer(noOtherCard(orderId))
    else if (attempt > 0 && (card || come !== 'letter')) {
      answer = await payments.lookUpPayment({ orderId, total, attempt, cause })
    } else letter.answer(challenge ? { outcome: 'action_required', action: challenge.action } : pending)

    if (answer?.outcome === 'authorized') return { letter, captured: answer.captured === true }
    if (answer?.outcome === 'declined') {
      challenge = null
      letter.answer(declined({ orderId, attempt, code: answer.declineCode ?? answer.code }))
      if (attempt === mostAttempts) throw tooManyCards(orderId)
    }
    if (answer?.outcome === 'action_required') {
      letter.answer(answer)
      if (card && another) {
        challenge = { paymentMethod: card.paymentMethod, action: answer.action }
        until = await heldForChallenge(hold, { ...wait, until, cause })
      }
    }
    const challenged = challenge !== null
    if (come === 'end') throw unpaid({ orderId, challenged })

    tell.waiting({ attempt, until, totalMinor: total.amount, challenged })
    come = await nextOf(wait, { until })
    if (come === 'letter') letter = await wait.letters.next()
    if (come === 'end' && !challenged) throw unpaid({ orderId, challenged })
  }
}

const pending: Standing = { outcome: 'pending_payment' }

/** What ends a wait: a letter, word from the provider, or the hold's end. */
type Come = 'letter' | 'news' | 'end'

/** Waits for what comes next; a timer runs only while somebody is really awaited. Throws when somebody says goodbye. */
async function nextOf({ letters, goodbye, news }: Wait, { until }: { until: string }): Promise<Come> {
  const leftMs = Math.max(1, Date.parse(until) - Date.now())
  await condition(() => letters.filled() || news.rang() || goodbye.read() !== undefined, leftMs, {
    summary: 'the hold ends',
  })
  const letGo = goodbye.read()
  if (letGo) throw new Goodbye(letGo)
  if (letters.filled()) return 'letter'
  return news.listen() ? 'news' : 'end'
}

/** Holds stock and order while the customer is at his bank. Challenge after challenge, a hold grows by `challengeMs` once. */
async function heldForChallenge(
  { expiresAt }: Hold,
  {
    orderId,
    challengeMs,
    until,
    cause,
  }: Pick<Wait, 'orderId' | 'challengeMs'> & { until: string; cause: string },
): Promise<string> {
  const wanted = iso(Math.min(Date.now(), Date.parse(expiresAt)) + challengeMs)
  if (wanted <= until) return until
  await Promise.all([
    inventory.extendHold({ orderId, deadline: wanted }),
    orders.extendOrder({ orderId, expiresAt: wanted, cause }),
  ])
  return wanted
}

const iso = (ms: number): string => new Date(ms).toISOString()
