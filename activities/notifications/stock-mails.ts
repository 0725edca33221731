import {
  renderOverdueOrder,
  renderReplenishmentReminder,
  renderStockDigest,
} from '../../domain/notifications/stock-mails.ts'
import type { OverdueOrder, StockDigest, WaitingShortage } from '../../domain/notifications/stock-mails.ts'
import { renderOrderCancelled, renderPurchaseOrder } from '../../domain/notifications/supplier-letter.ts'
import type { SupplierLetter } from '../../domain/notifications/supplier-letter.ts'
import type { RenderedMail } from '../../domain/notifications/letter.ts'
import type { Printer } from '../../gateways/printer.ts'
import { postOnce } from './post-once.ts'
import type { Post } from './post-once.ts'

export interface StockMailServices extends Post {
  readonly shopName: string
  readonly printer: Printer
  /** Who is told what runs low, and who when nobody decides. */
  readonly stockAlertsTo: readonly string[]
  readonly stockEscalationsTo: readonly string[]
}

/** Mails about stock: to those who keep it, and to suppliers. Each once, however often its step runs. */
export function stockMailActivities(services: StockMailServices) {
  const { shopName, stockAlertsTo, stockEscalationsTo, printer } = services

  const tell = async (
    people: readonly string[],
    letter: { about: string; kind: string; reference: string; mail: RenderedMail; cause: string },
  ): Promise<void> => {
    for (const [index, to] of people.entries()) {
      // One mail each: nobody's address is shown to the others, and one that bounces stops no other.
      const reference = index === 0 ? letter.reference : `${letter.reference}.${index + 1}`
      await postOnce(services, { ...letter, reference, to })
    }
  }

  return {
    /** The one mail of a run of the stock check. */
    async sendStockDigest(input: { checkId: string; digest: StockDigest; cause: string }): Promise<void> {
      const { checkId, digest, cause } = input
      const mail = renderStockDigest({ shopName, digest })
      await tell(stockAlertsTo, { about: checkId, kind: 'stock-digest', reference: checkId, mail, cause })
    },

    /** Reminds those who keep the stock of a shortage that waits for them; escalated, those above them. `number` counts from 1. */
    async sendReplenishmentReminder(input: {
      shortage: WaitingShortage
      escalated: boolean
      number: number
      cause: string
    }): Promise<void> {
      const { shortage, escalated, number, cause } = input
      const mail = renderReplenishmentReminder({ shopName, shortage, escalated })
      const { replenishmentId: about } = shortage
      const kind = escalated ? 'replenishment-escalation' : 'replenishment-reminder'
      const reference = `${about}.${number}`
      await tell(escalated ? stockEscalationsTo : stockAlertsTo, { about, kind, reference, mail, cause })
    },

    /** Sends a purchase order to its supplier, as a mail and as a PDF. Answers with what code it was refused, if it was. */
    async sendPurchaseOrder(input: {
      letter: SupplierLetter
      cause: string
    }): Promise<{ refusedWith: string | null }> {
      const { letter, cause } = input
      const { purchaseOrderId: about, number, personal } = letter
      const mail = renderPurchaseOrder({ shopName, letter })
      const attachment = {
        filename: `${number}.pdf`,
        contentType: 'application/pdf',
        content: await printer.purchaseOrder(letter),
      }
      const refusedWith = await postOnce(services, {
        ...{ about, to: personal.email, kind: 'purchase-order', reference: about, mail, cause },
        attachments: [attachment],
      })
      return { refusedWith }
    },

    /** Takes an order back that the supplier was told of. */
    async sendOrderCancelled({ letter, cause }: { letter: SupplierLetter; cause: string }): Promise<void> {
      const { purchaseOrderId: about, personal } = letter
      const mail = renderOrderCancelled({ shopName, letter })
      const kind = 'purchase-order-cancelled'
      await postOnce(services, { about, to: personal.email, kind, reference: about, mail, cause })
    },

    /** Tells those who keep the stock that an order has not come in time. `number` counts from 1. */
    async sendOverdueOrder(input: { order: OverdueOrder; number: number; cause: string }): Promise<void> {
      const { order, number, cause } = input
      const { purchaseOrderId: about } = order
      const mail = renderOverdueOrder({ shopName, order })
      const reference = `${about}.${number}`
      await tell(stockAlertsTo, { about, kind: 'purchase-order-overdue', reference, mail, cause })
    },
  }
}
