import type { OrderLineId, Sku } from './ids.ts'
import type { Order } from './orders.ts'
import { summed } from './proration.ts'
import type { LineQuantity } from './proration.ts'
import { Refusal } from './refusals.ts'

/** Units of a line, as a parcel holds them. */
export interface ParcelLine {
  readonly lineId: OrderLineId
  readonly sku: Sku
  readonly quantity: number
}

/** What goes again; `grams` is what one unit weighs. */
export interface ReshipLine extends ParcelLine {
  readonly grams: number
}

/**
 * What is sent again of a parcel that was lost or came back: `wanted`, or (null) all of it. Never more than was in it and has not been
 * sent again before (`before`), and never units whose money went back. Throws the Refusals `order.line_unknown`,
 * `order.quantity_too_large`, and `shipment.sent_again` where nothing is left.
 */
export function planReship(
  order: Order,
  {
    inParcel,
    before,
    wanted,
  }: {
    inParcel: readonly ParcelLine[]
    before: readonly LineQuantity[]
    wanted: readonly LineQuantity[] | null
  },
): ReshipLine[] {
  const left = inParcel.map((line) => ({ ...line, quantity: unitsLeft(order, { line, before }) }))
  const asked = wanted === null ? left : summed(wanted)
  const plan = asked.flatMap(({ lineId, quantity }) => {
    const line = left.find((each) => each.lineId === lineId)
    if (!line) throw unknownLine(order, lineId)
    if (quantity > line.quantity) throw tooMany({ lineId, quantity, left: line.quantity })
    const grams = order.lines.find((each) => each.lineId === lineId)?.grams ?? 0
    return quantity > 0 ? [{ ...line, quantity, grams }] : []
  })
  if (plan.length > 0) return plan
  const detail = 'Nothing is left of this parcel: it was sent again, or its money went back.'
  throw new Refusal('shipment.sent_again', detail, { orderId: order.id })
}

function unitsLeft(
  { lines }: Order,
  { line: { lineId, quantity }, before }: { line: ParcelLine; before: readonly LineQuantity[] },
): number {
  const line = lines.find((each) => each.lineId === lineId)
  const unpaid = line ? line.quantity - line.cancelledQuantity - line.refundedQuantity : 0
  const again = before.filter((each) => each.lineId === lineId).reduce((sum, each) => sum + each.quantity, 0)
  return Math.max(0, Math.min(quantity, unpaid) - again)
}

const unknownLine = ({ id }: Order, lineId: string): Refusal =>
  new Refusal('order.line_unknown', 'This parcel holds no such line.', { orderId: id, lineId })

const tooMany = (facts: LineQuantity & { left: number }): Refusal =>
  new Refusal('order.quantity_too_large', 'So many of this line are not left to be sent again.', { ...facts })
