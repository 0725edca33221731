import { formatMoney } from '../money.ts'
import { button, escaped, heading, packingList, page, panel, paragraph, sectionTitle } from './html.ts'
import { oneLine, webLink } from './letter.ts'
import type { OrderLetter, RenderedMail } from './letter.ts'

/** Money that goes back, as its customer reads it. */
export interface RefundNote {
  /** In minor units of the order's currency; zero where nothing had been paid. */
  readonly amountMinor: number
  /** What was cancelled: all of the order, some of it, or nothing (only money goes back). */
  readonly cancelled: 'all' | 'part' | 'nothing'
  readonly lines: readonly { readonly name: string; readonly quantity: number }[]
  /** Why, in the words of whoever asked for it. */
  readonly reason: string
}

interface RefundLetter {
  readonly shopName: string
  readonly letter: OrderLetter
  readonly refund: RefundNote
}

/** How long banks take to show a refund, as Stripe says it ("Refunds": 5–10 business days). */
const arrival =
  'Your bank shows it within 5 to 10 business days, on the card that you paid with. If the payment was only days ago, it may vanish from your statement instead.'

/** The mail that says: your money is on its way back, how much, why, and when it arrives. */
export function renderRefund({ shopName, letter, refund }: RefundLetter): RenderedMail {
  return {
    subject: oneLine(subjectOf(letter, refund)),
    text: asText({ shopName, letter, refund }),
    html: asHtml({ shopName, letter, refund }),
  }
}

function subjectOf({ number }: OrderLetter, { cancelled, amountMinor }: RefundNote): string {
  if (cancelled === 'all') return `Your order ${number} is cancelled`
  if (cancelled === 'part') return `A part of your order ${number} is cancelled`
  return amountMinor > 0 ? `Money back for your order ${number}` : `About your order ${number}`
}

const titles = {
  all: 'Your order is cancelled',
  part: 'A part of your order is cancelled',
  nothing: 'Your money is on its way back',
} as const

function sentenceOf({ number, currency }: OrderLetter, { amountMinor, cancelled }: RefundNote): string {
  const what = cancelled === 'all' ? 'is cancelled' : cancelled === 'part' ? 'is cancelled in part' : ''
  const money = formatMoney({ amount: amountMinor, currency })
  if (what === '') return `We give you back ${money} of your order ${number}.`
  return amountMinor === 0
    ? `Your order ${number} ${what}. It had cost nothing, so there is nothing to give back.`
    : `Your order ${number} ${what}, and we give you back ${money}.`
}

function asHtml({ shopName, letter, refund }: RefundLetter): string {
  const { amountMinor, lines, reason } = refund
  const link = webLink(letter.orderUrl)
  const money = formatMoney({ amount: amountMinor, currency: letter.currency })
  const body = [
    heading(titles[refund.cancelled]),
    paragraph(escaped(sentenceOf(letter, refund))),
    amountMinor === 0
      ? ''
      : panel(
          [
            sectionTitle('You get back'),
            `<p style="margin:0 0 12px;font-size:22px;font-weight:700;">${escaped(money)}</p>`,
            `<p style="margin:0;font-size:13px;color:#667085;">${escaped(arrival)}</p>`,
          ].join('\n'),
        ),
    lines.length === 0 ? '' : panel([sectionTitle('For'), packingList(lines)].join('\n')),
    panel([sectionTitle('Why'), `<p style="margin:0;">${escaped(reason)}</p>`].join('\n')),
    link === null ? '' : button({ href: link, label: 'View your order' }),
  ]
  return page({
    shopName,
    title: `Order ${letter.number}`,
    preview: sentenceOf(letter, refund),
    body: body.join('\n'),
    footer: `You receive this mail because an order was placed with this address at ${escaped(shopName)}.`,
  })
}

function asText({ shopName, letter, refund }: RefundLetter): string {
  return [
    `${titles[refund.cancelled]} (${oneLine(shopName)})`,
    '',
    oneLine(sentenceOf(letter, refund)),
    ...(refund.amountMinor === 0 ? [] : ['', arrival]),
    ...(refund.lines.length === 0 ? [] : ['', 'For']),
    ...refund.lines.map(({ name, quantity }) => `  ${quantity} × ${oneLine(name)}`),
    '',
    `Why: ${oneLine(refund.reason)}`,
    '',
    `Your order: ${webLink(letter.orderUrl) ?? oneLine(letter.number)}`,
    '',
  ].join('\n')
}
