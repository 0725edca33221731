import { ActivityFailure } from '@temporalio/workflow'
import type { PurchaseOrderId } from '../domain/ids.ts'
import { refusalBehind } from './failures.ts'
import { purchasing, stockMails } from './proxies.ts'
import { clock } from './stock-letters.ts'

/** How far the supplier has been told, in words for the operator. */
export type SupplierTold =
  | 'The supplier is being told.'
  | 'The supplier knows.'
  | 'The supplier’s mail server refused the order: tell him in another way.'
  | 'The supplier was never told.'

/**
 * Sends the order to its supplier, however long the mail server is away, unless the order ends before: once an hour this looks whether
 * it is still wanted. The mail has a key of its own, so a step that is repeated after a crash sends nothing twice.
 */
export async function tellSupplier(purchaseOrderId: PurchaseOrderId): Promise<SupplierTold> {
  for (;;) {
    const letter = await purchasing.writeSupplierLetter({ purchaseOrderId })
    if (!letter) return 'The supplier was never told.'
    try {
      const { refusedWith } = await stockMails.sendPurchaseOrder({ letter, cause: purchaseOrderId })
      await purchasing.noteSupplierTold({ purchaseOrderId, refusedWith, now: clock() })
      return refusedWith === null
        ? 'The supplier knows.'
        : 'The supplier’s mail server refused the order: tell him in another way.'
    } catch (error) {
      if (!(error instanceof ActivityFailure) || refusalBehind(error)) throw error
    }
  }
}

/** Takes the order back, if the supplier knows of it. */
export async function takeBack(purchaseOrderId: PurchaseOrderId): Promise<void> {
  const letter = await purchasing.writeSupplierLetter({ purchaseOrderId })
  if (letter) await stockMails.sendOrderCancelled({ letter, cause: purchaseOrderId })
}
