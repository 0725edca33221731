import { addressLines } from '../addresses.ts'
import { formatMoney } from '../money.ts'
import { button, columns, escaped, goodsAndSum, heading, page, paragraph } from './html.ts'
import { dayInWords, oneLine, sumRows, webLink } from './letter.ts'
import type { OrderLetter, RenderedMail } from './letter.ts'

/** The mail that says: paid, ours to send now. It shows what was bought, what it cost and where it goes. */
export function renderConfirmation({
  shopName,
  letter,
}: {
  shopName: string
  letter: OrderLetter
}): RenderedMail {
  return {
    subject: oneLine(`Your order ${letter.number} is confirmed`),
    text: asText({ shopName, letter }),
    html: asHtml({ shopName, letter }),
  }
}

function asHtml({ shopName, letter }: { shopName: string; letter: OrderLetter }): string {
  const link = webLink(letter.orderUrl)
  const body = [
    heading('Thank you for your order'),
    paragraph(
      `Order <strong>${escaped(letter.number)}</strong>, placed on ${escaped(dayInWords(letter.placedAt))}, is paid and confirmed. We will write again when it leaves our warehouse.`,
    ),
    link === null ? '' : button({ href: link, label: 'View your order' }),
    goodsAndSum(letter),
    columns([
      { title: 'Ships to', lines: addressLines(letter.personal.shipTo) },
      { title: 'Ships with', lines: [letter.shippingLabel] },
    ]),
  ]
  return page({
    shopName,
    title: `Order ${letter.number}`,
    preview: `Order ${letter.number} is confirmed: ${total(letter)}.`,
    body: body.join('\n'),
    footer: `You receive this mail because an order was placed with this address at ${escaped(shopName)}. Please keep it as your receipt.`,
  })
}

function asText({ shopName, letter }: { shopName: string; letter: OrderLetter }): string {
  const { currency, lines, totals, personal, number, orderUrl } = letter
  const money = (amount: number): string => formatMoney({ amount, currency })
  const rows = sumRows({ totals, currency })
  const wide = Math.max(...rows.map(({ label }) => label.length)) + 2
  const narrow = Math.max(...rows.map(({ amount }) => amount.length))
  return [
    `Thank you for your order at ${oneLine(shopName)}`,
    '',
    `Order ${oneLine(number)}, placed on ${dayInWords(letter.placedAt)}, is paid and confirmed.`,
    'We will write again when it leaves our warehouse.',
    '',
    ...lines.flatMap((item) => [
      oneLine(`${item.name} (${item.sku})`),
      `  ${item.quantity} × ${money(item.unitPriceMinor)} = ${money(item.totalMinor)}`,
    ]),
    '',
    ...rows.map(({ label, amount }) => `${label.padEnd(wide)}${amount.padStart(narrow)}`),
    '',
    'Ships to',
    ...addressLines(personal.shipTo).map((line) => `  ${oneLine(line)}`),
    '',
    'Ships with',
    `  ${oneLine(letter.shippingLabel)}`,
    '',
    `Your order: ${webLink(orderUrl) ?? oneLine(number)}`,
    '',
  ].join('\n')
}

function total({ totals, currency }: OrderLetter): string {
  return formatMoney({ amount: totals.totalMinor, currency })
}
