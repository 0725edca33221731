import { deliveries, lineName } from '../domain/notifications/supplier-letter.ts'
import type { SupplierLetter, SupplierLine } from '../domain/notifications/supplier-letter.ts'
import { formatMoney } from '../domain/money.ts'
import { dayInWords } from '../domain/notifications/letter.ts'

/** Makes documents that people print, as PDF. */
export interface Printer {
  purchaseOrder(letter: SupplierLetter): Promise<Buffer>
}

const millimetre = 72 / 25.4
const margin = 20 * millimetre
const grey = '#667085'
const ink = '#1c2430'
/** Where the columns of a line begin, from the left margin, and how wide they are; numbers stand at the right of theirs. */
const columns = [
  { title: 'Item', from: 0, width: 78 },
  { title: 'Quantity', from: 80, width: 24 },
  { title: 'Unit price', from: 106, width: 30 },
  { title: 'Total', from: 138, width: 32 },
] as const

export function createPrinter({
  shopName,
  orderedBy,
}: {
  shopName: string
  orderedBy: readonly string[]
}): Printer {
  return {
    purchaseOrder: async (letter) => {
      // A heavy library, and most processes never print: it is loaded with the first document.
      const { default: PdfDocument } = await import('pdfkit')
      const pdf = new PdfDocument({
        size: 'A4',
        margin,
        info: {
          Title: `Purchase order ${letter.number}`,
          Author: shopName,
          // The same order is the same document, byte for byte, however often it is printed.
          CreationDate: new Date(letter.orderedAt),
          ModDate: new Date(letter.orderedAt),
        },
      })
      const chunks: Buffer[] = []
      const done = new Promise<Buffer>((resolve, reject) => {
        pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
        pdf.on('end', () => resolve(Buffer.concat(chunks)))
        pdf.on('error', reject)
      })
      head(pdf, { shopName, orderedBy, letter })
      for (const delivery of deliveries(letter)) block(pdf, { delivery, currency: letter.currency })
      foot(pdf, letter)
      pdf.end()
      return done
    },
  }
}

type Pdf = PDFKit.PDFDocument

function head(
  pdf: Pdf,
  { shopName, orderedBy, letter }: { shopName: string; orderedBy: readonly string[]; letter: SupplierLetter },
): void {
  const { number, orderedAt, expectedOn, personal } = letter
  const half = (pdf.page.width - 2 * margin) / 2
  pdf.font('Helvetica-Bold').fontSize(20).fillColor(ink).text(`Purchase order ${number}`, margin, margin)
  pdf.moveDown(0.6)
  const top = pdf.y
  const column = (x: number, title: string, lines: readonly string[]): void => {
    pdf.font('Helvetica').fontSize(8).fillColor(grey).text(title.toUpperCase(), x, top, { width: half })
    pdf.fontSize(10).fillColor(ink)
    for (const line of lines) pdf.text(printable(line), x, pdf.y, { width: half })
  }
  column(margin, 'To', [personal.supplierName])
  const left = pdf.y
  column(margin + half, 'From', [shopName, ...orderedBy])
  pdf.y = Math.max(left, pdf.y)
  pdf.moveDown(1)
  pdf.text(`Ordered on ${dayInWords(orderedAt)}. Please deliver by ${dayInWords(expectedOn)}.`, margin, pdf.y)
  pdf.moveDown(1)
}

function block(
  pdf: Pdf,
  {
    delivery: { name, address, lines },
    currency,
  }: { delivery: ReturnType<typeof deliveries>[number]; currency: SupplierLetter['currency'] },
): void {
  keepTogether(pdf, 40 * millimetre)
  pdf
    .font('Helvetica-Bold')
    .fontSize(11)
    .fillColor(ink)
    .text(`Deliver to ${printable(name)}`, margin, pdf.y)
  if (address.length > 0) {
    pdf
      .font('Helvetica')
      .fontSize(9)
      .fillColor(grey)
      .text(printable(address.join(', ')), { width: 170 * millimetre })
  }
  pdf.moveDown(0.5)
  row(pdf, { cells: columns.map(({ title }) => title), bold: true })
  for (const line of lines) row(pdf, { cells: cellsOf(line, currency), bold: false })
  pdf.moveDown(1)
}

function cellsOf(line: SupplierLine, currency: SupplierLetter['currency']): string[] {
  const money = (amount: number): string => formatMoney({ amount, currency })
  return [lineName(line), String(line.quantity), money(line.unitCostMinor), money(line.totalMinor)]
}

function row(pdf: Pdf, { cells, bold }: { cells: readonly string[]; bold: boolean }): void {
  keepTogether(pdf, 14 * millimetre)
  pdf
    .font(bold ? 'Helvetica-Bold' : 'Helvetica')
    .fontSize(bold ? 8 : 10)
    .fillColor(bold ? grey : ink)
  const top = pdf.y
  let bottom = top
  for (const [index, { from, width }] of columns.entries()) {
    pdf.text(printable(cells[index] ?? ''), margin + from * millimetre, top, {
      width: width * millimetre,
      align: index === 0 ? 'left' : 'right',
    })
    bottom = Math.max(bottom, pdf.y)
  }
  pdf.moveTo(margin, bottom + 3).lineTo(pdf.page.width - margin, bottom + 3)
  pdf.lineWidth(0.5).stroke('#e6e8ec')
  pdf.x = margin
  pdf.y = bottom + 7
}

function foot(pdf: Pdf, { number, totalMinor, currency }: SupplierLetter): void {
  keepTogether(pdf, 25 * millimetre)
  const total = formatMoney({ amount: totalMinor, currency })
  const width = pdf.page.width - 2 * margin
  pdf.font('Helvetica-Bold').fontSize(12).fillColor(ink)
  pdf.text(printable(`Total ${total}`), margin, pdf.y, { width, align: 'right' })
  pdf.moveDown(1.5).font('Helvetica').fontSize(9).fillColor(grey)
  pdf.text(`Please put the number ${number} on the delivery note.`, margin, pdf.y, { width })
}

/** A new page, where less than this is left on the present one. */
function keepTogether(pdf: Pdf, height: number): void {
  if (pdf.y + height > pdf.page.height - margin) pdf.addPage()
}

/**
 * The standard fonts of PDF hold Windows-1252 and nothing else: what lies beyond it loses its accent if that helps, and is a question
 * mark otherwise. The mail itself says it in full.
 */
function printable(text: string): string {
  const within = (letter: string): boolean =>
    /^[\u0020-\u007e\u00a1-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]$/u.test(letter)
  const nearest = (letter: string): string => {
    if (within(letter)) return letter
    if (/\s/u.test(letter)) return ' '
    const bare = letter.normalize('NFD').charAt(0)
    return within(bare) ? bare : '?'
  }
  return [...text.normalize('NFC')].map(nearest).join('')
}
