import { addressLines } from '../addresses.ts'
import type { Address } from '../addresses.ts'
import type { PurchaseOrderId } from '../ids.ts'
import { formatMoney } from '../money.ts'
import type { Currency } from '../money.ts'
import { columns, escaped, heading, packingList, page, panel, paragraph, sectionTitle } from './html.ts'
import { dayInWords, oneLine } from './letter.ts'
import type { RenderedMail } from './letter.ts'

/** One line of a purchase order as the supplier reads it. Amounts in minor units of the order's currency. */
export interface SupplierLine {
  readonly sku: string
  readonly warehouseId: string
  /** What the supplier calls it. */
  readonly supplierSku: string | null
  readonly quantity: number
  readonly unitCostMinor: number
  readonly totalMinor: number
}

/** A purchase order as the supplier reads it. All that could name a person stands in `personal`. */
export interface SupplierLetter {
  readonly purchaseOrderId: PurchaseOrderId
  readonly number: string
  readonly currency: Currency
  readonly orderedAt: string
  /** A day. */
  readonly expectedOn: string
  readonly totalMinor: number
  readonly lines: readonly SupplierLine[]
  readonly personal: {
    readonly supplierName: string
    readonly email: string
    readonly deliverTo: readonly {
      readonly warehouseId: string
      readonly name: string
      readonly address: Address
    }[]
  }
}

interface Written {
  readonly shopName: string
  readonly letter: SupplierLetter
}

/** What a supplier calls a line, with our own name for it where that is another one. */
export function lineName({ sku, supplierSku }: Pick<SupplierLine, 'sku' | 'supplierSku'>): string {
  return supplierSku === null || supplierSku === sku ? sku : `${supplierSku} (our ${sku})`
}

/** The lines by the warehouse that they are for, each warehouse with its address; one that has none keeps its id. */
export function deliveries(
  letter: SupplierLetter,
): { name: string; address: readonly string[]; lines: readonly SupplierLine[] }[] {
  const ids = [...new Set(letter.lines.map((line) => line.warehouseId))]
  return ids.map((id) => {
    const place = letter.personal.deliverTo.find(({ warehouseId }) => warehouseId === id)
    const lines = letter.lines.filter((line) => line.warehouseId === id)
    // A warehouse may have been named before anybody wrote its address down.
    const address = place && 'line1' in place.address ? addressLines(place.address) : []
    return { name: place?.name ?? id, address, lines }
  })
}

/** The mail that orders: what, how many, where to, by when. The order itself comes with it as a PDF. */
export function renderPurchaseOrder({ shopName, letter }: Written): RenderedMail {
  const { number, totalMinor, currency, expectedOn, personal } = letter
  const total = formatMoney({ amount: totalMinor, currency })
  const byWhen = dayInWords(expectedOn)
  const places = deliveries(letter)
  const body = [
    heading(`Purchase order ${number}`),
    paragraph(
      `Dear ${escaped(personal.supplierName)}, please send us what follows, so that it is here by <strong>${escaped(byWhen)}</strong>. The order comes with this mail as a PDF. Please put the number <strong>${escaped(number)}</strong> on the delivery note.`,
    ),
    ...places.map(({ name, lines }) =>
      panel([sectionTitle(`For ${name}`), packingList(lines.map(shownLine))].join('\n')),
    ),
    columns([
      ...places.map(({ name, address }) => ({
        title: 'Deliver to',
        lines: address.length > 0 ? address : [name],
      })),
      { title: 'Total', lines: [total] },
    ]),
  ]
  return {
    subject: oneLine(`Purchase order ${number} from ${shopName}`),
    html: page({
      shopName,
      title: `Purchase order ${number}`,
      preview: `${letter.lines.length === 1 ? 'One line' : `${letter.lines.length} lines`}, ${total}, by ${byWhen}.`,
      body: body.join('\n'),
      footer: `You receive this mail because ${escaped(shopName)} orders from you.`,
    }),
    text: [
      `Purchase order ${number} from ${oneLine(shopName)}`,
      '',
      `Please send us by ${byWhen}:`,
      ...places.flatMap(({ name, address, lines }) => [
        '',
        `For ${oneLine(name)}`,
        ...lines.map((line) => `  ${line.quantity} × ${oneLine(lineName(line))}`),
        ...address.map((line) => `    ${oneLine(line)}`),
      ]),
      '',
      `Total: ${total}`,
      `The order comes with this mail as a PDF. Please put the number ${number} on the delivery note.`,
      '',
    ].join('\n'),
  }
}

/** The mail that takes an order back. */
export function renderOrderCancelled({ shopName, letter }: Written): RenderedMail {
  const { number, personal } = letter
  const sentence = `we do not need what we ordered with ${number} any more. Please do not send it, and tell us if it has left.`
  return {
    subject: oneLine(`Purchase order ${number} is cancelled`),
    html: page({
      shopName,
      title: `Purchase order ${number} is cancelled`,
      preview: `Please do not send ${number}.`,
      body: [
        heading(`Purchase order ${number} is cancelled`),
        paragraph(`Dear ${escaped(personal.supplierName)}, ${escaped(sentence)}`),
        panel(packingList(letter.lines.map(shownLine))),
      ].join('\n'),
      footer: `You receive this mail because ${escaped(shopName)} orders from you.`,
    }),
    text: [
      `Purchase order ${number} from ${oneLine(shopName)} is cancelled`,
      '',
      `Dear ${oneLine(personal.supplierName)}, ${sentence}`,
      '',
      ...letter.lines.map((line) => `  ${line.quantity} × ${oneLine(lineName(line))}`),
      '',
    ].join('\n'),
  }
}

const shownLine = (line: SupplierLine): { name: string; quantity: number } => ({
  name: lineName(line),
  quantity: line.quantity,
})
