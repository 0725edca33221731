import { addressLines } from '../addresses.ts'
import {
  button,
  columns,
  escaped,
  heading,
  link,
  packingList,
  page,
  panel,
  paragraph,
  sectionTitle,
} from './html.ts'
import { oneLine, serviceInWords, webLink } from './letter.ts'
import type { LetterParcel, OrderLetter, RenderedMail } from './letter.ts'

interface ShippedLetter {
  readonly shopName: string
  readonly letter: OrderLetter
  readonly parcels: readonly LetterParcel[]
}

/** The mail that says: the carrier has it. One block a parcel, with its tracking number and what is inside. */
export function renderShipped({ shopName, letter, parcels }: ShippedLetter): RenderedMail {
  return {
    subject: oneLine(`Your order ${letter.number} is on its way`),
    text: asText({ shopName, letter, parcels }),
    html: asHtml({ shopName, letter, parcels }),
  }
}

function asHtml({ shopName, letter, parcels }: ShippedLetter): string {
  const orderLink = webLink(letter.orderUrl)
  const body = [
    heading(parcels.length > 1 ? 'Your parcels are on their way' : 'Your parcel is on its way'),
    paragraph(`Order <strong>${escaped(letter.number)}</strong> has left our warehouse.`),
    ...parcels.map(parcelPanel),
    columns([
      { title: 'Delivered to', lines: addressLines(letter.personal.shipTo) },
      { title: 'Order', lines: [letter.number] },
    ]),
    orderLink === null ? '' : `<br>${link({ href: orderLink, label: 'See the whole order' })}`,
  ]
  return page({
    shopName,
    title: `Order ${letter.number}`,
    preview: `${parcels.map(serviceInWords).join(', ')}: order ${letter.number} has left our warehouse.`,
    body: body.join('\n'),
    footer: `You receive this mail because an order was placed with this address at ${escaped(shopName)}.`,
  })
}

function parcelPanel(parcel: LetterParcel): string {
  const trackingLink = webLink(parcel.trackingUrl)
  return panel(
    [
      sectionTitle(serviceInWords(parcel)),
      `<p style="margin:0 0 12px;font-size:18px;font-weight:600;word-break:break-all;">${escaped(parcel.trackingCode)}</p>`,
      trackingLink === null ? '' : button({ href: trackingLink, label: 'Track this parcel' }),
      packingList(parcel.lines),
    ].join('\n'),
  )
}

function asText({ shopName, letter, parcels }: ShippedLetter): string {
  return [
    `Your order ${oneLine(letter.number)} at ${oneLine(shopName)} is on its way`,
    '',
    ...parcels.flatMap((parcel) => [
      serviceInWords(parcel),
      `  Tracking number: ${oneLine(parcel.trackingCode)}`,
      ...[webLink(parcel.trackingUrl)].filter((url) => url !== null).map((url) => `  Track it: ${url}`),
      ...parcel.lines.map(({ name, quantity }) => `  ${quantity} × ${oneLine(name)}`),
      '',
    ]),
    'Delivered to',
    ...addressLines(letter.personal.shipTo).map((line) => `  ${oneLine(line)}`),
    '',
    `Your order: ${webLink(letter.orderUrl) ?? oneLine(letter.number)}`,
    '',
  ].join('\n')
}
