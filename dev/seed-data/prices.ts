import type { Money } from '../../domain/money.ts'

/**
 * What the sample shop asks in each of its currencies for a price in euro cents. A price list, not a rate of exchange: each is
 * rounded up to what prices look like there. Dinars are multiples of ten fils, the smallest that a card can be charged.
 */
export function pricesFor(eurMinor: number): Money[] {
  const upTo = (step: number, factor: number): number => Math.ceil((eurMinor * factor) / step) * step
  return [
    { currency: 'EUR', amount: eurMinor },
    { currency: 'USD', amount: upTo(100, 1.12) },
    { currency: 'GBP', amount: upTo(50, 0.88) },
    { currency: 'JPY', amount: upTo(100, 1.65) },
    { currency: 'KWD', amount: upTo(250, 3.4) },
  ]
}
