import { ApplicationFailure, CancellationScope, log, setHandler, uuid4 } from '@temporalio/workflow'
import type { SignalDefinition } from '@temporalio/common'
import { mostUnits } from '../domain/replenishment.ts'
import type { Letter, Letterbox } from './letterbox.ts'
import { tellStock } from './stock-operators.ts'
import type { Approve, EndPurchaseOrder, Receive, Reject } from './stock-contract.ts'

/**
 * Letters about stock may come from the API, which has checked them, and from the Web UI or the command line, where people type JSON:
 * so what cannot be meant is sent back with a sentence. Validators are synchronous.
 */
const sendBack = (sentence: string): never => {
  throw ApplicationFailure.nonRetryable(sentence, 'InvalidLetter')
}

const day = /^\d{4}-\d{2}-\d{2}$/

function someUnits(quantity: unknown, what: string): void {
  const fine =
    typeof quantity === 'number' && Number.isInteger(quantity) && quantity >= 0 && quantity <= mostUnits
  if (!fine) sendBack(`${what} is a whole number of units, at most ${mostUnits}.`)
}

/** What somebody typed who may have typed nothing at all. */
const typed = <Content extends object>(content: Content | null | undefined): Partial<Content> => content ?? {}

export function anApproval(content: Approve | null | undefined): void {
  const { quantity, expectedOn, together } = typed(content)
  if (quantity !== undefined) someUnits(quantity, 'quantity')
  if (quantity === 0) sendBack('To order nothing, reject it with a reason.')
  if (expectedOn !== undefined && (!day.test(expectedOn) || Number.isNaN(Date.parse(expectedOn)))) {
    sendBack('expectedOn is a day, such as 2026-11-30.')
  }
  for (const other of together ?? []) if (other.quantity !== undefined) someUnits(other.quantity, 'quantity')
}

export function aRejection(content: Reject | null | undefined): void {
  const { reason } = typed(content)
  if (typeof reason !== 'string' || reason.trim() === '') sendBack('A rejection says why (reason).')
}

export function aReceipt(content: Receive | null | undefined): void {
  const { receiptId, lines, receivedAt } = typed(content)
  if (!receiptId) sendBack('A receipt has an id (receiptId), by which it is booked once.')
  if (lines === undefined || lines.length === 0) return sendBack('A receipt says what came (lines).')
  for (const { sku, received, damaged, quarantined } of lines) {
    if (!sku) sendBack('Each line names its SKU (sku).')
    for (const [what, units] of Object.entries({ received, damaged, quarantined })) someUnits(units, what)
    if (received + damaged + quarantined === 0) sendBack(`Nothing of ${sku} came: leave the line out.`)
  }
  if (receivedAt !== undefined && Number.isNaN(Date.parse(receivedAt))) sendBack('receivedAt is a time.')
}

export function anEnd(content: EndPurchaseOrder | null | undefined): void {
  const { as, reason } = typed(content)
  if (as !== 'cancelled' && as !== 'closed_short')
    sendBack('An order ends as "cancelled" or as "closed_short" (as).')
  if (typeof reason !== 'string' || reason.trim() === '') sendBack('Whoever ends an order says why (reason).')
}

/** Lets a letter be written as a signal too. One that cannot be read is told to the operator, and changes nothing. */
export function alsoAsSignal<Content extends object, Answer>(
  signal: SignalDefinition<[Content]>,
  { box, validate }: { box: Letterbox<Content, Answer>; validate: (content: Content) => void },
): void {
  setHandler(signal, (content) => {
    try {
      validate(content)
      box.drop(content)
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error
      log.warn('A signal could not be read.', { signal: signal.name, reason: error.message })
      tellStock.unreadable({ signal: signal.name, reason: error.message })
    }
  })
}

/** Who wrote a letter; somebody in the Web UI or at the command line is the operator. */
export function signedBy(letter: { actor?: string; cause?: string } | null | undefined): {
  actor: string
  cause: string
} {
  return { actor: letter?.actor ?? 'operator', cause: letter?.cause ?? `operator:${uuid4()}` }
}

/** Signals of which several may come, each kept by the id that it names. */
export function kept<Content, Id>(
  signal: SignalDefinition<[Content]>,
  idOf: (content: Content) => Id,
): { of(id: Id): Content | undefined } {
  const all = new Map<Id, Content>()
  setHandler(signal, (content) => void all.set(idOf(content), content))
  return { of: (id) => all.get(id) }
}

/**
 * The operator's button "Request Cancellation". The story hears of it like of any letter, and ends in its own way; what it does about
 * it is tried once.
 */
export function cancelButton(): {
  pressed(): boolean
  take(): Letter<{ reason: string; as: 'cancelled' }, unknown>
} {
  let pressed = false
  CancellationScope.current().cancelRequested.catch(() => {
    pressed = true
  })
  return {
    pressed: () => pressed,
    take: () => {
      pressed = false
      return { content: { as: 'cancelled', reason: 'cancelled by an operator' }, answer: () => {} }
    },
  }
}

/** The time of the workflow, as it is written everywhere. */
export const clock = (): string => new Date(Date.now()).toISOString()
