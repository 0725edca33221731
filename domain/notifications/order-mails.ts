import { renderConfirmation } from './confirmation.ts'
import type { LetterParcel, OrderLetter, RenderedMail } from './letter.ts'
import { renderRefund } from './refund.ts'
import type { RefundNote } from './refund.ts'
import { renderSentAgain } from './sent-again.ts'
import { renderShipped } from './shipped.ts'
import { renderTooLate } from './too-late.ts'

/** What a mail to a customer says, besides what his letter says. It is kept with the mail, so that the same can be sent again. */
export type OrderMail =
  | { readonly kind: 'confirmation' }
  | { readonly kind: 'refund'; readonly refund: RefundNote }
  | { readonly kind: 'too-late' }
  | { readonly kind: 'shipped'; readonly parcel: LetterParcel }
  | { readonly kind: 'sent-again'; readonly lines: LetterParcel['lines'] }

/** The same content gives the same mail, however often it is rendered. */
export function renderOrderMail({
  shopName,
  letter,
  mail,
}: {
  shopName: string
  letter: OrderLetter
  mail: OrderMail
}): RenderedMail {
  switch (mail.kind) {
    case 'confirmation':
      return renderConfirmation({ shopName, letter })
    case 'refund':
      return renderRefund({ shopName, letter, refund: mail.refund })
    case 'too-late':
      return renderTooLate({ shopName, letter })
    case 'shipped':
      return renderShipped({ shopName, letter, parcels: [mail.parcel] })
    case 'sent-again':
      return renderSentAgain({ shopName, letter, lines: mail.lines })
  }
}
