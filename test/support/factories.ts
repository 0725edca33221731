import { typeid } from 'typeid-js'
import type { Address } from '../../domain/addresses.ts'
import type { CartId, OrderId } from '../../domain/ids.ts'
import type { OrderLetter } from '../../domain/notifications/letter.ts'
import type { ChosenRate } from '../../domain/orders.ts'
import type { StockConfig } from '../../settings/stock.ts'
import type { Checkout } from '../../workflows/contract.ts'

/** State for tests: one good example of each thing, to be changed where a test cares. */

export function anAddress(changes: Partial<Address> = {}): Address {
  return {
    name: 'Ada Lovelace',
    line1: 'Torstraße 1',
    city: 'Berlin',
    postalCode: '10119',
    country: 'DE',
    ...changes,
  }
}

export function aRate(changes: Partial<ChosenRate> = {}): ChosenRate {
  return {
    source: 'table',
    carrier: 'Cartwright Table',
    service: 'Standard',
    amountMinor: 590,
    deliveryDays: 2,
    carrierShipmentId: null,
    carrierRateId: null,
    ...changes,
  }
}

export function aCheckout(changes: Partial<Checkout> = {}): Checkout {
  return {
    cartId: typeid('cart').toString() as CartId,
    cartVersion: 1,
    customerRef: 'guest',
    currency: 'EUR',
    personal: { email: 'ada@example.com', shipTo: anAddress(), billTo: null },
    rate: aRate(),
    expectedTotalMinor: null,
    payment: null,
    cause: 'req_1',
    ...changes,
  }
}

export function anOrderLetter(orderId: OrderId): OrderLetter {
  return {
    orderId,
    number: '100001',
    currency: 'EUR',
    placedAt: '2026-01-02T03:04:05.000Z',
    lines: [{ name: 'Mug', sku: 'MUG', quantity: 2, unitPriceMinor: 900, totalMinor: 1800 }],
    totals: {
      subtotalMinor: 1800,
      discountMinor: 0,
      shippingMinor: 590,
      taxMinor: 0,
      taxIncludedMinor: 382,
      roundingMinor: 0,
      totalMinor: 2390,
    },
    shippingLabel: 'Cartwright Table Standard, 2 days',
    orderUrl: 'http://localhost/orders/1',
    personal: { email: 'ada@example.com', shipTo: anAddress() },
  }
}

const dayMs = 24 * 60 * 60 * 1000

export const aStockConfig: StockConfig = {
  check: { hour: 3, timeZone: 'UTC', catchUpMs: 3 * dayMs },
  policy: { windowDays: 28, coverDays: 28, leadTimeDays: 14 },
  patience: { remindMs: 2 * dayMs, escalateMs: 5 * dayMs, expireMs: 14 * dayMs },
  overdueEveryMs: 3 * dayMs,
  alertsTo: ['stock@example.com'],
  escalationsTo: ['owner@example.com'],
}
