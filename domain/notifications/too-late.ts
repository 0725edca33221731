import { button, escaped, heading, page, paragraph } from './html.ts'
import { oneLine, webLink } from './letter.ts'
import type { OrderLetter, RenderedMail } from './letter.ts'

/** The mail that says: we tried to take the parcel back, and the carrier had it already. */
export function renderTooLate({ shopName, letter }: { shopName: string; letter: OrderLetter }): RenderedMail {
  const { number, orderUrl } = letter
  const link = webLink(orderUrl)
  const sentence = `We tried to cancel your order ${number}, but the carrier had it already: it is on its way to you, and nothing was given back.`
  const advice =
    'If you do not want it any more, send it back; your money follows when it has arrived with us.'
  return {
    subject: oneLine(`Your order ${number} could not be cancelled`),
    text: [
      `Your order could not be cancelled (${oneLine(shopName)})`,
      '',
      oneLine(sentence),
      advice,
      '',
      `Your order: ${link ?? oneLine(number)}`,
      '',
    ].join('\n'),
    html: page({
      shopName,
      title: `Order ${number}`,
      preview: sentence,
      body: [
        heading('The parcel was faster'),
        paragraph(escaped(sentence)),
        paragraph(escaped(advice)),
        link === null ? '' : button({ href: link, label: 'View your order' }),
      ].join('\n'),
      footer: `You receive this mail because an order was placed with this address at ${escaped(shopName)}.`,
    }),
  }
}
