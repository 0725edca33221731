import { addressLines } from '../addresses.ts'
import {
  button,
  columns,
  escaped,
  heading,
  packingList,
  page,
  panel,
  paragraph,
  sectionTitle,
} from './html.ts'
import { oneLine, webLink } from './letter.ts'
import type { OrderLetter, RenderedMail } from './letter.ts'

interface SentAgainLetter {
  readonly shopName: string
  readonly letter: OrderLetter
  readonly lines: readonly { readonly name: string; readonly quantity: number }[]
}

const advice = 'It costs you nothing. As soon as the carrier has it, we write again with the tracking number.'

/** The mail that says: your parcel did not arrive, and another one goes to you in its place. */
export function renderSentAgain({ shopName, letter, lines }: SentAgainLetter): RenderedMail {
  const { number, orderUrl, personal } = letter
  const link = webLink(orderUrl)
  const sentence = `A parcel of your order ${number} did not reach you. We are sorry, and send you another one.`
  return {
    subject: oneLine(`We send a parcel of your order ${number} again`),
    text: [
      oneLine(sentence),
      advice,
      '',
      'In it',
      ...lines.map(({ name, quantity }) => `  ${quantity} × ${oneLine(name)}`),
      '',
      'It goes to',
      ...addressLines(personal.shipTo).map((line) => `  ${oneLine(line)}`),
      '',
      `Your order: ${link ?? oneLine(number)}`,
      '',
    ].join('\n'),
    html: page({
      shopName,
      title: `Order ${number}`,
      preview: sentence,
      body: [
        heading('Another parcel goes to you'),
        paragraph(escaped(sentence)),
        paragraph(escaped(advice)),
        panel([sectionTitle('In it'), packingList(lines)].join('\n')),
        link === null ? '' : button({ href: link, label: 'View your order' }),
        columns([
          { title: 'It goes to', lines: addressLines(personal.shipTo) },
          { title: 'Order', lines: [number] },
        ]),
      ].join('\n'),
      footer: `You receive this mail because an order was placed with this address at ${escaped(shopName)}.`,
    }),
  }
}
