import type { RefusalCode } from '../domain/refusals.ts'

/** The HTTP status of each refusal: the one translation at this edge. A new refusal does not compile without its status. */
export const refusalStatus = {
  'cart.not_found': 404,
  'cart.closed': 409,
  'cart.empty': 422,
  'cart.line_not_found': 404,
  'cart.too_many_lines': 422,
  'cart.changed': 409,
  'coupon.unknown': 422,
  'currency.not_sold': 422,
  'sku.unknown': 422,
  'stock.insufficient': 409,
  'address.region_unknown': 422,
  'shipping.no_service': 422,
  'shipping.label_refused': 422,
  'order.not_found': 404,
  'order.exists': 409,
  'order.closed': 409,
  'order.not_cancellable': 409,
  'order.total_changed': 409,
  'payment.declined': 402,
  'payment.too_many_attempts': 402,
  'payment.action_abandoned': 402,
  'payment.capture_refused': 402,
  'hold.expired': 409,
  'service.unavailable': 503,
} as const satisfies Record<RefusalCode, number>
