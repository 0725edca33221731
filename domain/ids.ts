/**
 * Branded ids: prefixed, time-sortable (UUIDv7 in Crockford base 32, as `typeid` writes them). They are minted at the edges (the
 * API, activities), never here: the domain has no clock.
 */
declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type ProductId = Branded<'prod'>
export type CartId = Branded<'cart'>
export type CartLineId = Branded<'cline'>
export type OrderId = Branded<'ord'>
export type OrderLineId = Branded<'line'>
export type ShipmentId = Branded<'shp'>
export type QuoteId = Branded<'rate'>
export type CancellationId = Branded<'can'>
export type RefundId = Branded<'rfd'>
export type ReshipId = Branded<'rsp'>
export type RestockId = Branded<'rst'>
export type ResendId = Branded<'rsd'>
export type FindingId = Branded<'fnd'>
export type EventId = Branded<'evt'>
export type Sku = Branded<'sku'>
export type WarehouseId = Branded<'warehouse'>
export type SupplierId = Branded<'sup'>
export type ReplenishmentId = Branded<'rpl'>
export type PurchaseOrderId = Branded<'po'>
export type ReceiptId = Branded<'rcp'>
export type StockChangeId = Branded<'chg'>

/** The prefix of each minted id, as it is read in URLs and logs. */
export interface IdOf {
  prod: ProductId
  cart: CartId
  cline: CartLineId
  ord: OrderId
  line: OrderLineId
  shp: ShipmentId
  rate: QuoteId
  can: CancellationId
  rfd: RefundId
  rsp: ReshipId
  rst: RestockId
  rsd: ResendId
  fnd: FindingId
  evt: EventId
  sup: SupplierId
  rpl: ReplenishmentId
  po: PurchaseOrderId
  rcp: ReceiptId
  chg: StockChangeId
}

const uuid = '[0-7][0-9a-hjkmnp-tv-z]{25}'

/** A shipment's id may end in its number, because it is derived from its order's id (`shipmentIdOf`). */
const shapeOf = (prefix: string): RegExp =>
  new RegExp(`^${prefix}_${uuid}${prefix === 'shp' ? '(_[1-9][0-9]*)?' : ''}$`)

/** Whether a text from outside has the shape of our id with this prefix. */
export function isId<P extends keyof IdOf>(prefix: P, text: string): text is IdOf[P] {
  return shapeOf(prefix).test(text)
}

/**
 * The id of the n-th (from 1) shipment of an order, e.g. `shp_01…_1`. Derived, so a step that runs twice names the same parcel.
 * Throws RangeError for a number that counts nothing.
 */
export function shipmentIdOf(orderId: OrderId, number: number): ShipmentId {
  if (!Number.isSafeInteger(number) || number < 1)
    throw new RangeError(`Shipments are counted from 1, not ${number}.`)
  return `${orderId.replace(/^ord_/, 'shp_')}_${number}` as ShipmentId
}

/**
 * The purchase order of an approved replenishment. Derived, so an approval that is tried twice orders once; of several that are
 * approved together it is the first one's.
 */
export function purchaseOrderIdOf(replenishmentId: ReplenishmentId): PurchaseOrderId {
  return replenishmentId.replace(/^rpl_/, 'po_') as PurchaseOrderId
}

/** The refund of a cancellation. Derived, so a step that runs twice gives the money back once. */
export function refundIdOf(cancellationId: CancellationId): RefundId {
  return cancellationId.replace(/^can_/, 'rfd_') as RefundId
}

/** A warehouse as an admin named it; the inventory decides whether it exists. */
export function warehouseId(text: string): WarehouseId {
  return text as WarehouseId
}

/** A stock keeping unit as our catalog writes it; the catalog decides whether it exists. */
export function sku(text: string): Sku {
  return text as Sku
}
