import { ApplicationFailure } from '@temporalio/workflow'
import type { CancelRequest, RefundRequest } from './cancel-contract.ts'
import type { ReshipRequest } from './reship-contract.ts'
import type { Card, Checkout } from './contract.ts'

/**
 * Validators of updates run before anything is written to the history and are synchronous (an async one never rejects). The API
 * has checked everything already: these are for whoever writes from the Web UI or the command line.
 */
const sendBack = (sentence: string): never => {
  throw ApplicationFailure.nonRetryable(sentence, 'InvalidLetter')
}

export function aCheckout(content: Checkout | Card): void {
  if (!('cartId' in content) || !content.cartId) sendBack('A checkout names its cart (cartId).')
  if (!('personal' in content) || !content.personal.shipTo) {
    sendBack('A checkout says where the goods go (personal.shipTo).')
  }
}

export function aCard(content: Checkout | Card): void {
  if (!('paymentMethod' in content) || !content.paymentMethod) {
    sendBack('A payment names the payment method (paymentMethod).')
  }
}

export function aCancelRequest({ orderId, wanted, reason }: CancelRequest): void {
  if (!orderId) sendBack('A cancellation names its order (orderId).')
  if (!reason) sendBack('A cancellation says why (reason).')
  if (wanted?.some(({ quantity }) => !Number.isSafeInteger(quantity) || quantity < 1)) {
    sendBack('Quantities are whole numbers from 1 up.')
  }
}

export function aRefundRequest({ orderId, what, reason }: RefundRequest): void {
  if (!orderId) sendBack('A refund names its order (orderId).')
  if (!reason) sendBack('A refund says why (reason).')
  if (!('amount' in what) && !('lines' in what)) sendBack('A refund says how much, or of which lines (what).')
}

export function aReshipRequest({ orderId, shipmentId, wanted, reason }: ReshipRequest): void {
  if (!orderId) sendBack('What is sent again names its order (orderId).')
  if (!shipmentId) sendBack('What is sent again names the parcel that did not arrive (shipmentId).')
  if (!reason) sendBack('What is sent again says why (reason).')
  if (wanted?.some(({ quantity }) => !Number.isSafeInteger(quantity) || quantity < 1)) {
    sendBack('Quantities are whole numbers from 1 up.')
  }
}

/** The letter that opens an order. Only a checkout can be the first: it starts the workflow. */
export function isCheckout(content: Checkout | Card): Checkout {
  if ('cartId' in content) return content
  throw ApplicationFailure.nonRetryable('The first letter of an order is its checkout.', 'InvalidLetter')
}

/** The card in a letter: a payment is one, a checkout may bring one. */
export function cardIn(content: Checkout | Card): Card | null {
  return 'cartId' in content ? content.payment : content
}
