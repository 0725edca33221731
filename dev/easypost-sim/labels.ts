import bwipjs from 'bwip-js/node'
import PdfDocument from 'pdfkit'
import type { WireAddress } from './addresses.ts'
import type { Purchase, ShipmentRecord } from './shipments.ts'

const millimetre = 72 / 25.4
const page = { width: 4 * 72, height: 6 * 72, margin: 16 }

/** The label's bar code with the tracking number below it, as a picture: Code 128, 300 dots an inch. */
export function barcodePng(trackingCode: string): Promise<Buffer> {
  return bwipjs.toBuffer({
    bcid: 'code128',
    text: trackingCode,
    scale: 4,
    height: 22,
    includetext: true,
    textxalign: 'center',
    textyoffset: -4,
    paddingwidth: 8,
    paddingheight: 8,
    backgroundcolor: 'FFFFFF',
  })
}

/** A shipping label of 4 × 6 inches that a person can read and a scanner too. It says that no carrier will take it. */
export async function labelPdf(label: {
  shipment: ShipmentRecord
  bought: Purchase
  trackingCode: string
}): Promise<Buffer> {
  const { shipment, bought, trackingCode } = label
  const barcode = await bwipjs.toBuffer({ bcid: 'code128', text: trackingCode, scale: 4, height: 20 })
  const document = new PdfDocument({
    size: [page.width, page.height],
    margin: page.margin,
    info: { Title: trackingCode },
  })
  const left = page.margin
  const inner = page.width - 2 * page.margin
  const rule = (y: number): void =>
    void document
      .moveTo(left, y)
      .lineTo(left + inner, y)
      .lineWidth(1.5)
      .stroke('#000000')
  const text = (
    content: string,
    at: {
      x?: number
      y: number
      size: number
      bold?: boolean
      width?: number
      align?: 'left' | 'center' | 'right'
    },
  ): void => {
    document
      .font(at.bold ? 'Helvetica-Bold' : 'Helvetica')
      .fontSize(at.size)
      .fillColor('#000000')
      .text(latin(content), at.x ?? left, at.y, {
        width: at.width ?? inner,
        align: at.align ?? 'left',
        lineBreak: true,
      })
  }

  text(bought.rate.carrier.toUpperCase(), { y: 20, size: 20, bold: true, width: inner * 0.6 })
  text(bought.rate.service, { x: left + inner * 0.5, y: 25, size: 11, width: inner * 0.5, align: 'right' })
  rule(48)
  text('FROM', { y: 56, size: 7, bold: true })
  text(envelope(shipment.from), { y: 66, size: 8 })
  text(weightOf(shipment), { x: left + inner * 0.6, y: 56, size: 9, width: inner * 0.4, align: 'right' })
  if (shipment.reference !== null) {
    text(`Ref ${shipment.reference}`, {
      x: left + inner * 0.45,
      y: 70,
      size: 7,
      width: inner * 0.55,
      align: 'right',
    })
  }
  rule(126)
  text('SHIP TO', { y: 134, size: 8, bold: true })
  text(envelope(shipment.to), { y: 148, size: 13, bold: true })
  rule(258)
  document.image(barcode, left + 6, 272, { width: inner - 12, height: 24 * millimetre })
  text(trackingCode, { y: 348, size: 13, bold: true, align: 'center' })
  rule(376)
  text('SPECIMEN', { y: 384, size: 14, bold: true, align: 'center' })
  text('Printed by a local stand-in for the carrier. No one will collect this parcel.', {
    y: 402,
    size: 7,
    align: 'center',
  })
  return finished(document)
}

function finished(document: InstanceType<typeof PdfDocument>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    document.on('data', (piece: Buffer) => pieces.push(piece))
    document.on('end', () => resolve(Buffer.concat(pieces)))
    document.on('error', reject)
    document.end()
  })
}

function envelope({ name, company, street1, street2, city, state, zip, country }: WireAddress): string {
  return [name, company, street1, street2, [zip, city, state].filter(Boolean).join(' '), country]
    .filter(Boolean)
    .join('\n')
}

function weightOf({ parcel }: ShipmentRecord): string {
  return `${((parcel.weight * 28.349523125) / 1000).toFixed(2)} kg`
}

/** The fonts that every PDF reader brings know Western European letters only; others are printed as question marks. */
function latin(text: string): string {
  return text.replace(/[^\n\u0020-\u007e\u00a0-\u00ff]/g, '?')
}
