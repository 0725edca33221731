/**
 * A refusal is an answer, not an accident: it is never retried, and it is translated once per edge (an HTTP status at the API, a
 * non-retryable failure at an activity). The list is closed: a refusal without an HTTP status does not compile (`api/refusal-status.ts`).
 */
export const refusalCodes = [
  'cart.not_found',
  'cart.closed',
  'cart.empty',
  'cart.line_not_found',
  'cart.too_many_lines',
  'cart.changed',
  'coupon.unknown',
  'currency.not_sold',
  'sku.unknown',
  'stock.insufficient',
  'stock.changed',
  'stock.level_not_found',
  'warehouse.not_found',
  'warehouse.unknown',
  'warehouse.exists',
  'supplier.not_found',
  'supplier.unknown',
  'supplier.exists',
  'supplier.does_not_sell',
  'replenishment.not_found',
  'replenishment.decided',
  'replenishment.quantity',
  'purchase_order.not_found',
  'purchase_order.ended',
  'purchase_order.partly_received',
  'receipt.line_unknown',
  'receipt.other_order',
  'receipt.absurd',
  'receipt.in_future',
  'receipt.exists',
  'address.region_unknown',
  'shipping.no_service',
  'shipping.label_refused',
  'order.not_found',
  'order.exists',
  'order.closed',
  'order.not_cancellable',
  'order.changed',
  'order.change_running',
  'order.line_unknown',
  'order.quantity_too_large',
  'order.attention_settled',
  'shipment.unknown',
  'shipment.not_lost',
  'shipment.sent_again',
  'restock.too_many',
  'restock.money_first',
  'mail.not_found',
  'mail.sending',
  'mail.not_kept',
  'refund.nothing',
  'refund.too_large',
  'refund.other_currency',
  'refund.not_chargeable',
  'refund.not_paid',
  'finding.not_found',
  'finding.settled',
  'order.total_changed',
  'order.total_too_small',
  'payment.declined',
  'payment.too_many_attempts',
  'payment.action_abandoned',
  'payment.capture_refused',
  'hold.expired',
  'product.not_found',
  'product.slug_taken',
  'product.sku_taken',
  'product.not_publishable',
  'category.not_found',
  'category.unknown',
  'category.taken',
  'category.below_itself',
  'category.too_deep',
  'category.in_use',
  'brand.not_found',
  'brand.unknown',
  'brand.taken',
  'brand.in_use',
  'service.unavailable',
] as const

export type RefusalCode = (typeof refusalCodes)[number]

/** Plain JSON: it travels through workflow histories and out of the API. Holds ids and numbers, never people. */
export type Facts = Readonly<Record<string, unknown>>

/** A refusal as plain data, as it travels in workflow payloads. */
export interface RefusalData {
  readonly code: RefusalCode
  readonly detail: string
  readonly facts: Facts
}

/** A refusal as it is thrown inside one process. `detail` is a sentence for the person who asked. */
export class Refusal extends Error implements RefusalData {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  readonly detail: string
  readonly facts: Facts

  constructor(code: RefusalCode, detail: string, facts: Facts = {}) {
    super(`${code}: ${detail}`)
    this.code = code
    this.detail = detail
    this.facts = facts
  }
}

export function isRefusalCode(text: string): text is RefusalCode {
  return (refusalCodes as readonly string[]).includes(text)
}

export function refusalData({ code, detail, facts }: RefusalData): RefusalData {
  return { code, detail, facts }
}

/** For the end of a switch over a union: does not compile when a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
